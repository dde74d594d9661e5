export default (row, ctx) => {
  ctx.emit("x", { id: row.id, n: row.n });
  return null;
};
