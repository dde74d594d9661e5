// Compares outputs: by their bytes, by the rows that a CSV reader finds in them, or by the figures in those.
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { parse } from "csv-parse";
import { parse as parseAll } from "csv-parse/sync";
import { z } from "zod";
import type { Agreement } from "./workload.ts";

/** Numbers may differ by so much of themselves: the noise of adding in another order. */
const NOISE = 1e-9;

/** What is kept of an output, to hold others against it. */
export type Print = { kind: "hash"; hash: string } | { kind: "figures"; rows: Figures };

/** The rows of a small CSV by their first field; in each, the other fields by name. */
type Figures = Map<string, Record<string, string>>;

/** What to keep of an output in a workload of this agreement. */
export async function printOf(path: string, agreement: Agreement | "none"): Promise<Print> {
  if (agreement === "figures") return { kind: "figures", rows: await figuresOf(path) };
  return { kind: "hash", hash: await (agreement === "unpacked-bytes" ? unpackedHashOf(path) : hashOf(path)) };
}

/** Whether two outputs are the same by what was kept of them. */
export function isSame(a: Print, b: Print): boolean {
  if (a.kind === "hash" || b.kind === "hash") return a.kind === "hash" && b.kind === "hash" && a.hash === b.hash;
  return a.rows.size === b.rows.size && [...a.rows].every(([key, row]) => isSameRow(row, b.rows.get(key)));
}

function isSameRow(a: Record<string, string>, b: Record<string, string> | undefined): boolean {
  if (b === undefined || Object.keys(a).length !== Object.keys(b).length) return false;
  return Object.entries(a).every(([column, text]) => {
    const other = b[column];
    return other !== undefined && (text === other || isNear(Number(text), Number(other)));
  });
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= NOISE * Math.max(Math.abs(a), Math.abs(b));
}

const RECORDS = z.array(z.record(z.string(), z.string()));

async function figuresOf(path: string): Promise<Figures> {
  const records = RECORDS.parse(parseAll(await Bun.file(path).text(), { columns: true }));
  return new Map(
    records.map((record) => {
      const [first, ...others] = Object.entries(record);
      return [first?.join("=") ?? "", Object.fromEntries(others)];
    }),
  );
}

async function hashOf(path: string): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hash.update(chunk);
  return hash.digest("hex");
}

async function unpackedHashOf(path: string): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  const bytes: AsyncIterable<Buffer> = createReadStream(path).pipe(createGunzip());
  for await (const chunk of bytes) hash.update(chunk);
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
