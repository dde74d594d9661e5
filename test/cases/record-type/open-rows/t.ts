export default (row: { name: string; born: number; code?: unknown }) => ({ ...row, next: row.born + 1 });
