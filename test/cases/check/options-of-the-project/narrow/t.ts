export default (row: { id: string }): object => ({ n: row.id * 2 });
