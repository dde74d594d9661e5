import { z } from "zod";
export const schema = z.record(z.string(), z.number());
export default (row: z.infer<typeof schema>) => ({ sum: Object.values(row).reduce((a, b) => a + b, 0) });
