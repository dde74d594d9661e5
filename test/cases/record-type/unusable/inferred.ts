import { z } from "zod";

const person = z.object({ name: z.string(), born: z.number() });

export default (row: z.infer<typeof person>) => ({ name: row.name });
