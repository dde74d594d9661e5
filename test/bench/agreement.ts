// Compares outputs: by their bytes, by the rows that a CSV reader finds in them, or by the figures in those.
import { createReadStream, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { parse } from "csv-parse";
import { parse as parseAll } from "csv-parse/sync";
import { z } from "zod";
import type { Agreement } from "./workload.ts";

/** Numbers may differ by so much of themselves: the noise of adding in another order. */
const NOISE = 1e-9;
const LF = 10;

/** What is kept of an output, to hold others against it. */
export type Print = { kind: "hash"; hash: string } | { kind: "figures"; rows: Figures };

/** The rows of a small CSV by their first field; in each, the other fields by name. */
type Figures = Map<string, Record<string, string>>;

/** What to keep of an output in a workload of this agreement. */
export async function printOf(path: string, agreement: Agreement | "none"): Promise<Print> {
  if (agreement === "figures") return { kind: "figures", rows: await figuresOf(path) };
  if (agreement === "csv-set") return { kind: "hash", hash: lineSet(path) };
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

/** A sum that is the same for the same things in any order, with how many there are. */
class OrderFree {
  #sum = 0n;
  #count = 0;

  add(text: string | Uint8Array): void {
    this.#sum = BigInt.asUintN(64, this.#sum + Bun.hash(text));
    this.#count++;
  }

  toString(): string {
    return `${this.#count} ${this.#sum.toString(16)}`;
  }
}

/**
 * The lines of a file, or of all files in a folder, in any order: to hold runs of one contender against each other. How many
 * files rows of a folder lie in is free, and with that how many headers there are.
 */
function lineSet(path: string): string {
  const lines = new OrderFree();
  const files = filesOf(path);
  for (const file of files) {
    const bytes = readFileSync(file);
    let isHeader = files[0] !== path;
    for (let from = 0; from < bytes.length; isHeader = false) {
      const feed = bytes.indexOf(LF, from);
      const to = feed < 0 ? bytes.length : feed + 1;
      if (!isHeader) lines.add(bytes.subarray(from, to));
      from = to;
    }
  }
  return lines.toString();
}

/** The file itself, or all files in a folder and those within. */
function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Bytes of a file, or of all files in a folder. */
export function sizeOf(path: string): number {
  return filesOf(path).reduce((sum, file) => sum + statSync(file).size, 0);
}

/**
 * The hash of a CSV file's rows, in order: the texts of the fields. What is normalised away is which fields are quoted, LF
 * or CRLF at the end of a row, and zeros at the end of a fraction, which are lost where a peer reads numbers.
 */
export async function fingerprint(path: string): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  for await (const row of rowsOf(path)) hash.update(`${JSON.stringify(row)}\n`);
  return hash.digest("hex");
}

/** As {@linkcode fingerprint}, of rows and columns in any order, in one file or in the files of a folder; each has a header. */
export async function rowSet(path: string): Promise<string> {
  const set = new OrderFree();
  const headers = new Set<string>();
  for (const file of filesOf(path)) {
    let order: number[] | undefined;
    for await (const row of rowsOf(file)) {
      const isHeader = order === undefined;
      order ??= row.map((_, field) => field).toSorted((a, b) => ((row[a] ?? "") < (row[b] ?? "") ? -1 : 1));
      const text = JSON.stringify(order.map((field) => row[field]));
      if (isHeader) headers.add(text);
      else set.add(text);
    }
  }
  return `${[...headers].join()} ${set.toString()}`;
}

async function* rowsOf(path: string): AsyncGenerator<string[]> {
  const rows: AsyncIterable<string[]> = createReadStream(path).pipe(parse({ relax_column_count: true }));
  for await (const row of rows) yield row.map(withoutZeros);
}

const FRACTION = /^-?\d+\.\d*?0+$/;

function withoutZeros(field: string): string {
  return FRACTION.test(field) ? field.replace(/\.?0+$/, "") : field;
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
