export const setup = () => 1;
export const teardown = (state, ctx) => ctx.log(`teardown of ${state}`);
export default (row) => {
  if (row.id === "2") throw new Error("bad");
  return row;
};
