export default (row: any) => {
  const result = { ...row, age: 2017 - row.born };
};
