export default async (row) => {
  await Bun.sleep(row.id === "3" ? 60_000 : 50);
  return row;
};
