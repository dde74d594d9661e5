import { z } from "zod";
export const schema = z
  .discriminatedUnion("t", [
    z.object({ t: z.literal("a"), v: z.number() }),
    z.object({ t: z.literal(["b", "3"]), v: z.string() }),
  ])
  .transform((row) => row);
export default (row: z.infer<typeof schema>) => row;
