let total = 0;

export default (row: any) => {
  total += row.n;
  return { ...row, total };
};
