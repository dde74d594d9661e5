import { z } from "zod";
const out: any = {};
export const output = z.object({ id: z.string() }).transform(({ id }) => {
  out.id = id;
  return out;
});
export default (row: any) => ({ id: row.id });
