/**
 * What `rowmill diff` gives is the same bytes for every jobs × batch size × block size × order in which workers answer, and
 * that of loops over maps of rows; of CSV, of JSON lines, and of one with the other.
 */
import { beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { RowmillError } from "../../src/errors.ts";
import { type DiffOptions, type DiffSummary, diffRows } from "../../src/pipeline/diff/diff-rows.ts";
import { inProcessWorkers } from "./in-process.ts";
import { csvLine } from "./plain-loop.ts";
import { type Shape, folder, releaseKernels, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20170526));

setUpShapedRuns();

beforeAll(() => mkdirSync(folder, { recursive: true }));

type Row = Record<string, unknown>;

interface Table {
  format: "csv" | "jsonl";
  columns: string[];
  rows: Row[];
}

function bytesOf({ format, columns, rows }: Table): string {
  if (format === "jsonl") return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  return [columns, ...rows.map((row) => columns.map((name) => cell(row[name])))]
    .map((cells) => csvLine(cells))
    .join("");
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The rows as they are read. */
function readOf({ format, columns, rows }: Table): Row[] {
  if (format === "jsonl") return rows;
  return rows.map((row) => Object.fromEntries(columns.map((name) => [name, cell(row[name])])));
}

function plainText(value: unknown, isTyped: boolean): string {
  if (value === undefined) return "";
  if (isTyped) return JSON.stringify(value);
  return cell(value);
}

interface PlainDiff {
  /** As rows of JSON; undefined where two rows have the same key. */
  rows: Row[] | undefined;
  figures: Pick<DiffSummary, "added" | "removed" | "changed" | "same">;
}

/** Row by row, by maps. */
function plainDiff(before: Table, after: Table, { on, ignore = [], long }: DiffOptions): PlainDiff {
  const isTyped = before.format === "jsonl" && after.format === "jsonl";
  const [oldRows, newRows] = [readOf(before), readOf(after)];
  const hasHeaders = before.format === "csv" && after.format === "csv";
  const columns = [...new Set([after, before].flatMap((one) => (one.format === "csv" ? one.columns : [])))];
  const isCompared = (name: string): boolean =>
    !ignore.includes(name) && (!hasHeaders || (before.columns.includes(name) && after.columns.includes(name)));
  const text = (row: Row, name: string): string => plainText(Object.hasOwn(row, name) ? row[name] : undefined, isTyped);
  const ordered = (row: Row): Row =>
    Object.fromEntries(
      [...new Set([...columns, ...Object.keys(row)])]
        .filter((name) => Object.hasOwn(row, name))
        .map((n) => [n, row[n]]),
    );
  const changed = (a: Row, b: Row): string[] =>
    Object.keys(ordered({ ...b, ...a })).filter((name) => isCompared(name) && text(a, name) !== text(b, name));
  const figures = { added: 0, removed: 0, changed: 0, same: 0 };
  const out: Row[] = [];
  const give = (change: "added" | "removed" | "changed", row: Row, old?: Row): void => {
    figures[change]++;
    const names = old === undefined ? undefined : changed(old, row);
    if (long !== true) {
      out.push({ _change: change, ...(names && { _columns: names.join(",") }), ...ordered(row) });
      return;
    }
    const key = Object.fromEntries((on ?? []).map((name) => [name, row[name]]));
    const fields =
      names ??
      Object.keys(ordered(row)).filter(
        (name) => on?.includes(name) !== true && !ignore.includes(name) && plainText(row[name], false) !== "",
      );
    if (fields.length === 0) out.push({ _change: change, ...key });
    const [a, b] = change === "added" ? [{}, row] : change === "removed" ? [row, {}] : [old ?? {}, row];
    for (const name of fields) out.push({ _change: change, ...key, _column: name, _old: a[name], _new: b[name] });
  };
  const keyOf = (row: Row): string =>
    on === undefined
      ? JSON.stringify(
          Object.keys(row)
            .filter((name) => isCompared(name) && text(row, name) !== "")
            .toSorted()
            .map((name) => [name, text(row, name)]),
        )
      : JSON.stringify(on.map((name) => text(row, name)));
  const left = new Map<string, Row[]>();
  for (const row of oldRows) left.set(keyOf(row), [...(left.get(keyOf(row)) ?? []), row]);
  const isTwice = (rows: Row[]): boolean => new Set(rows.map(keyOf)).size < rows.length;
  if (on !== undefined && (isTwice(oldRows) || isTwice(newRows))) return { rows: undefined, figures };
  for (const row of newRows) {
    const old = left.get(keyOf(row))?.shift();
    if (old === undefined) give("added", row);
    else if (changed(old, row).length > 0) give("changed", row, old);
    else figures.same++;
  }
  const removed = new Set([...left.values()].flat());
  for (const row of oldRows) if (removed.has(row)) give("removed", row);
  return { rows: out, figures };
}

async function shapedDiff(
  before: Table,
  after: Table,
  { options, how }: { options: DiffOptions; how: Shape },
): Promise<PlainDiff | { code: string }> {
  const { jobs, batchBytes, growth, picks, blockBytes, cellBytes = 100 } = how;
  const [oldFile, newFile] = [join(folder, `old.${before.format}`), join(folder, `new.${after.format}`)];
  writeFileSync(oldFile, bytesOf(before));
  writeFileSync(newFile, bytesOf(after));
  const output = join(folder, "diff.jsonl");
  try {
    const { added, removed, changed, same } = await diffRows(
      oldFile,
      newFile,
      { ...options, delimiter: ",", jobs, output },
      {
        spawn: inProcessWorkers({ picks, blockBytes, isAsked: false }),
        batchBytes: { first: batchBytes, max: batchBytes * growth, last: 1 },
        firstRows: picks[0] === 1 ? 1 : undefined,
        stretchBytes: 1,
        keeping: { from: 1, most: 200, block: 16 },
        guessBytes: batchBytes,
        cellBytes,
      },
    );
    const lines = readFileSync(output, "utf8").split("\n").slice(0, -1);
    return { rows: lines.map((line) => JSON.parse(line) as Row), figures: { added, removed, changed, same } };
  } catch (error) {
    if (error instanceof RowmillError) return { code: `${error.code}: ${error.message}` };
    throw error;
  } finally {
    // What is still under way in a run that failed comes to its end first.
    await new Promise(setImmediate);
    releaseKernels();
  }
}

const NAMES = ["a", "b", "c d", "ü"];
const texts = fc.constantFrom("", "1", "x", "é≠𝄞", 'a "q", b', "two\nlines");
const values = fc.oneof(texts, fc.constantFrom<unknown>(null, 1, true, 1.5, { x: [1] }, { y: 1, x: "1" }));
const key = fc.integer({ min: 1, max: 12 });

/** Keys come twice now and then, as rows do. */
function table(format: Table["format"]): fc.Arbitrary<Table> {
  const columns = fc.shuffledSubarray(NAMES, { minLength: 1 });
  const rows = fc.array(fc.tuple(key, fc.dictionary(fc.constantFrom(...NAMES), format === "csv" ? texts : values)), {
    maxLength: 14,
  });
  const uniqueRows = fc.uniqueArray(
    fc.tuple(key, fc.dictionary(fc.constantFrom(...NAMES), format === "csv" ? texts : values)),
    { selector: ([id]) => id, maxLength: 12 },
  );
  return fc
    .tuple(fc.constantFrom("first", "last"), columns, fc.oneof({ weight: 5, arbitrary: uniqueRows }, rows))
    .map(([place, names, made]) => ({
      format,
      columns: place === "first" ? ["id", ...names] : [...names, "id"],
      rows: made.map(([id, row]) => ({ id: format === "csv" ? String(id) : id, ...row })),
    }));
}

const options = fc.record({
  on: fc.constantFrom(["id"], ["id"], undefined),
  ignore: fc.constantFrom(undefined, undefined, ["nothing"]),
  long: fc.boolean(),
});

describe("a diff is that of a plain loop", () => {
  for (const [before, after] of [
    ["csv", "csv"],
    ["jsonl", "jsonl"],
    ["csv", "jsonl"],
    ["jsonl", "csv"],
  ] as const) {
    test(
      `${before} and ${after}`,
      async () => {
        await fc.assert(
          fc.asyncProperty(table(before), table(after), options, shape, async (old, new_, asked, how) => {
            // A file with a header and no rows is told from an empty one by that alone.
            const given: DiffOptions = {
              ...(asked.on !== undefined && { on: asked.on, long: asked.long }),
              ...(asked.ignore !== undefined && (before === "jsonl" || after === "jsonl") && { ignore: asked.ignore }),
            };
            const plain = plainDiff(old, new_, given);
            const found = await shapedDiff(old, new_, { options: given, how });
            if (plain.rows === undefined) expect(found).toMatchObject({ code: expect.stringMatching(/same key/) });
            else {
              // What is undefined has no form in JSON.
              expect(found).toEqual({ ...plain, rows: JSON.parse(JSON.stringify(plain.rows)) as Row[] });
              expect(JSON.stringify("rows" in found && found.rows)).toBe(JSON.stringify(plain.rows));
            }
          }),
          { numRuns: RUNS > 0 ? RUNS : 25, seed: SEED },
        );
      },
      60_000 + RUNS * 1000,
    );
  }
});
