let n = 0;

export default (row: any) => ({ ...row, at: n++ });
