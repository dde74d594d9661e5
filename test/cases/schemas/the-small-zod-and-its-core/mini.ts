import * as z from "zod/mini";
export const schema = z.object({
  name: z.string(),
  born: z.number().check(z.minimum(1800)),
  city: z.optional(z.string()),
});
export default ({ name, born }: z.infer<typeof schema>) => ({ name, age: 2017 - born });
