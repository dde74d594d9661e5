export default (row) => ({ name: row.name, age: 2017 - row.brn });
