export default (row) => {
  Bun.sleepSync(400);
  return row;
};
