export default async (row) => {
  await Bun.sleep(1);
  if (row.id === "2") process.abort();
  return row;
};
