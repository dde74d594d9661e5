export default (row: { name: string; born: number }) => ({ name: row.name, is: typeof row.born });
