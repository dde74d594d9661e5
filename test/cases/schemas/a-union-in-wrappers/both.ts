import { z } from "zod";
const kinds = z.discriminatedUnion("t", [
  z.object({ t: z.literal("a"), v: z.number() }),
  z.object({ t: z.literal("b"), v: z.string() }),
  z.object({ t: z.literal(3), v: z.boolean() }),
]);
export const schema = kinds.readonly().and(z.object({ t: z.any() }));
export default (row: object) => row;
