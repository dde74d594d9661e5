export default (r, ctx) => {
  ctx.emit("x", { id: r.id });
  return r;
};
