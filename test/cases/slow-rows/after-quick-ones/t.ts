export default (row) => {
  if (Number(row.id) > 20000) Bun.sleepSync(300);
  return row;
};
