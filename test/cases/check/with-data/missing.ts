export default (row: any) => ({ age: row.died - row.born, known: row.died === undefined ? "" : row.died - row.born });
