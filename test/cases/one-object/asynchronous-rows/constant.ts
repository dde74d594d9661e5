const even = { kind: "even" };
const odd = { kind: "odd" };
export default async (row: any) => {
  await Bun.sleep(1);
  return row.id % 2 === 0 ? even : odd;
};
