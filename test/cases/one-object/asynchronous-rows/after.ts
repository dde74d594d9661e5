const out: any = {};
export default async (row: any) => {
  out.id = row.id;
  await Bun.sleep(1);
  return out;
};
