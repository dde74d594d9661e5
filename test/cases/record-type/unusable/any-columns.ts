export default (row: Record<string, string>) => ({ name: row.name });
