// Every column checked and passed on. The score stays a text: as a number it would be written as 5.1 for 5.10.
import { z } from "zod";

type Row = Record<"name" | "city" | "country" | "email" | "address" | "score" | "note" | "updated", string> &
  Record<"id" | "born", number>;

export const schema: z.ZodType<Row> = z.object({
  id: z.number().int(),
  name: z.string().min(1),
  born: z.number().int(),
  city: z.string(),
  country: z.string().length(2),
  email: z.string(),
  address: z.string(),
  score: z.string(),
  note: z.string(),
  updated: z.iso.date(),
});

export default ({ id, name, born, city, country, email, address, score, note, updated }: Row): Row => ({
  id,
  name,
  born,
  city,
  country,
  email,
  address,
  score,
  note,
  updated,
});
