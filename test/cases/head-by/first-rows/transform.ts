export default async ({ city, units }: { city: string; units: string }) => {
  await new Promise(setImmediate);
  return Number(units) > 4 ? null : { city, units };
};
