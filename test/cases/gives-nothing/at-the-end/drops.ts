export default (row: any) => {
  console.log(row.name);
  return null;
};
