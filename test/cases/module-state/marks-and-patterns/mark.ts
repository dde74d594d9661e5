const seen: Record<string, boolean> = {};
export default (row: any) => {
  if (seen[row.id]) return null;
  seen[row.id] = true;
  return row;
};
