const out: any = {};
export default async (row: any) => {
  await Bun.sleep(1);
  out.id = row.id;
  return out;
};
