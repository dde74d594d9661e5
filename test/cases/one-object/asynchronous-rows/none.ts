const out: any = {};
export default async (row: any) => {
  out.id = row.id;
  return out;
};
