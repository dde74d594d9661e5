// Compares outputs: by their bytes, or by the rows that a CSV reader finds in them.
import { createReadStream } from "node:fs";
import { parse } from "csv-parse";

/** The hash of a file's bytes. */
export async function hashOf(path: string): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hash.update(chunk);
  return hash.digest("hex");
}

/**
 * The hash of a CSV file's rows: the texts of the fields, in order. What is normalised away is which fields are
 * quoted, and LF or CRLF at the end of a row.
 */
export async function fingerprint(path: string): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  const rows: AsyncIterable<string[]> = createReadStream(path).pipe(parse({ relax_column_count: true }));
  for await (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
  return hash.digest("hex");
}

/** Where two text files part, in words. */
export async function firstDifference(pathA: string, pathB: string): Promise<string> {
  const a = (await Bun.file(pathA).text()).split("\n");
  const b = (await Bun.file(pathB).text()).split("\n");
  const at = a.findIndex((line, index) => line !== b[index]);
  if (at < 0) return `in length: ${a.length - 1} and ${b.length - 1} lines`;
  return `at line ${at + 1}: ${shown(a[at])} and ${shown(b[at])}`;
}

function shown(line: string | undefined): string {
  return line === undefined ? "nothing" : JSON.stringify(line.slice(0, 200));
}
