// Validate with zod, which is built in. A row that does not fit is kept in the rejects, with its field and the reason.
import { z } from "zod";

export const schema = z
  .object({
    email: z.email(),
    age: z.number().int().min(16, "too young").max(120),
    plan: z.enum(["free", "team"]),
    seats: z.number().int().positive().optional(),
  })
  .refine(({ plan, seats }) => plan !== "team" || seats !== undefined, {
    path: ["seats"],
    error: "a team needs seats",
  });

export default (signup: z.infer<typeof schema>) => ({ ...signup, seats: signup.seats ?? 1 });
