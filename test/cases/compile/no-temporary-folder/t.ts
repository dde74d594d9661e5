export default (row: { id: string }): object => ({ ...row, n: row.id * 2 });
