import * as core from "zod/v4/core";
import { z } from "zod/v4";
export const schema = z.object({ name: z.string(), born: z.number() });
export default (row: core.infer<typeof schema>) => ({ ...row, valid: core.safeParse(schema, row).success });
