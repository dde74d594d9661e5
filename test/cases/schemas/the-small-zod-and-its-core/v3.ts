import { z } from "zod/v3";
export const schema = z.object({ name: z.string() });
export default (row: object) => row;
