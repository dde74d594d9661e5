let n = 0;
module.exports = (row: any) => ({ ...row, n: n++ });
