import { z } from "zod";

export const schema = z.object({ name: z.string(), born: z.string() });

export default (row: { name: string; born: number }) => ({ name: row.name, is: typeof row.born });
