export default (row) => {
  if (Number(row.id) % 40 === 39) process.kill(process.pid, "SIGKILL");
  return row;
};
