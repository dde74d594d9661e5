let n = 0;
export const options = { jobs: 1 };
export default (row: any) => ({ ...row, at: n++ });
