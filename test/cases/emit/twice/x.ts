export default (r, ctx) => {
  ctx.emit("x", { a: r.id });
  return r;
};
