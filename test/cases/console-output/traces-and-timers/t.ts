export default (row: any) => {
  console.time("timer");
  console.trace("here: %s", row.id);
  console.timeEnd("timer");
  console.clear();
  process.stdout.write("no line feed");
  return row;
};
