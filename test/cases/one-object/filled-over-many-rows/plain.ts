const out: Record<string, unknown> = {};
export default (row: { id: number }): object => {
  out.id = row.id;
  out.twice = row.id * 2;
  return out;
};
