const seen = new Set();
export const options = { state: "per-worker" };
export default (row: any) => {
  seen.add(row.id);
  return { id: row.id, any: seen.size > 0 };
};
