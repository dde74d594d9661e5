import { z } from "zod";
export const schema: z.ZodType<{ name: string; born: number }> = z.object({ name: z.string(), born: z.number().int() });
export default ({ name, born }: z.infer<typeof schema>): object => ({ name, age: 2017 - born });
