/** Stretches of a table that are read beside each other: by the numbers of rows, which are in order. */
import type { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { type Asked, quoted } from "./asked.ts";

/** A part has about so many bytes, which a thread may be ahead. */
const PART_BYTES = 1 << 20;
const MOST_PARTS = 100_000;

/** The queries of the parts, in their order. */
export function partQueries(
  database: Database,
  { table: found, query }: Asked,
  { path, bytesOfRow }: { path: string; bytesOfRow: number },
): string[] {
  if (found === undefined) return [query];
  const { rowid } = found;
  const table = `FROM ${quoted(found.name)}`;
  using bounds = database.prepare<{ least: string | null; most: string | null }, []>(
    `SELECT CAST((SELECT min(${rowid}) ${table}) AS TEXT) AS least, CAST((SELECT max(${rowid}) ${table}) AS TEXT) AS most`,
  );
  const { least, most } = bounds.get() ?? {};
  if (typeof least !== "string" || typeof most !== "string") return [query];
  const [first, span] = [BigInt(least), BigInt(most) - BigInt(least) + 1n];
  const rowBytes = Math.max(bytesOfRow, 1);
  // Not all numbers need be there, and the file may hold much else.
  const rows = Math.min(Number(span), statSync(path).size / rowBytes);
  const parts = Math.min(Math.floor((rows * rowBytes) / PART_BYTES), MOST_PARTS);
  if (parts < 2) return [query];
  const start = (part: number): bigint => first + (span * BigInt(part)) / BigInt(parts);
  return Array.from({ length: parts }, (_, part) => {
    const from = part === 0 ? undefined : `${rowid} >= ${start(part)}`;
    const to = part === parts - 1 ? undefined : `${rowid} < ${start(part + 1)}`;
    const terms = [from, to].filter((term) => term !== undefined);
    return `SELECT * ${table} WHERE ${terms.join(" AND ")} ORDER BY ${rowid}`;
  });
}
