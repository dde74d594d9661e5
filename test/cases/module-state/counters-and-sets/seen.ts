const seen = new Set<string>();

export default (row: any) => (seen.has(row.id) ? null : (seen.add(row.id), row));
