import { z } from "zod";
export const schema = z.lazy(() =>
  z.union([
    z.object({ t: z.literal("a"), v: z.bigint() }),
    z.object({ t: z.string(), v: z.literal(1) }),
    z.object({ t: z.string(), v: z.string() }),
  ]),
);
export default (row: { v: unknown }) => ({ ...row, v: String(row.v), kind: typeof row.v });
