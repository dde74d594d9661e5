import type { Context } from "rowmill";
export default (row: { id: number }, ctx: Context) => {
  ctx.emit("more", row);
  return row;
};
