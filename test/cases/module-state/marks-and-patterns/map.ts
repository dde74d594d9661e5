const seen = new Map();
export default (row: any) => (seen.has(row.id) ? null : (seen.set(row.id, 1), row));
