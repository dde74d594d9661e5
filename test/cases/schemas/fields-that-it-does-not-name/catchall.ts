import { z } from "zod";
export const schema = z.object({ id: z.string() }).catchall(z.number());
export default ({ id, ...years }: z.infer<typeof schema>) => ({
  id,
  sum: Object.values(years).reduce<number>((a, b) => a + Number(b), 0),
  kind: typeof years["2024"],
});
