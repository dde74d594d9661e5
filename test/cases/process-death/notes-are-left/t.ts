export default (row) => {
  if (row.id === "2") process.abort();
  return row;
};
