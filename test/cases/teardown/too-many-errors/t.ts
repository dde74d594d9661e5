export const teardown = (_, ctx) => ctx.log("teardown");
export default (row) => {
  throw new Error(`no ${row.id}`);
};
