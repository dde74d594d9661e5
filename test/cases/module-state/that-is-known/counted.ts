let rows = 0;
export default (row: any) => {
  rows++;
  return row;
};
