import { z } from "zod";
export const schema = z
  .object({ name: z.string(), born: z.number() })
  .transform(({ name, born }) => ({ name, age: 2017 - born }));
export default (row) => ({ ...row, twice: row.age * 2 });
