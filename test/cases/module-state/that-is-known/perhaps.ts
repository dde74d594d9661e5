const cache = new Map();
export default (row: any) => {
  if (!cache.has(row.id)) cache.set(row.id, `${row.id}${row.n}`);
  return { value: cache.get(row.id) };
};
