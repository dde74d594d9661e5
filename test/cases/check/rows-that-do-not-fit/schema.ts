import { z } from "zod";

export const schema = z.object({ name: z.string(), born: z.number() });

export default ({ name, born }: z.infer<typeof schema>) => ({ name, age: 2017 - born });
