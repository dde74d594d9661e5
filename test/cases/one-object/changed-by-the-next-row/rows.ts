let before: any;
export default (row: any) => {
  if (before !== undefined) before.sum = "changed";
  before = row;
  return row;
};
