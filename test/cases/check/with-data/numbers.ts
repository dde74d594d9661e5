export default (row) => ({ next: row.name * 2, shown: row.born.toFixed(1), text: row.name.toFixed(1) });
