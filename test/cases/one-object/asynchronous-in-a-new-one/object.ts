const place: { id?: string } = {};
export default async ({ id }: { id: string }): Promise<object> => {
  place.id = id;
  await Bun.sleep(5);
  return { id, place };
};
