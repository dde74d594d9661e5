export default async (row: { n: number }, ctx: any) => {
  ctx.log(`called for ${row.n}`);
  await Bun.sleep(2);
  return row;
};
