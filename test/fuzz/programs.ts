/**
 * Random programs over random rows: whatever way a run takes (woven, copied, by blocks, row by row), its output is that of
 * a loop that calls the program for one row after another. Programs come from a grammar that likes what optimised ways get
 * wrong; nothing here is shared with the references of other tests.
 *
 *     bun test/fuzz/programs.ts [--runs 20000] [--seed N] [--only N]
 *
 * --only runs the one program of that number again, and shows it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { RowmillError } from "../../src/errors.ts";
import { unionOfUses } from "../../src/code/column-uses.ts";
import { usesOfExpression } from "../../src/code/expression.ts";
import { runWith } from "../../src/pipeline/run.ts";
import { Random } from "../faults/random.ts";
import { inProcessWorkers, reuseKernels, startAllWorkers } from "../pipeline/in-process.ts";

type Fields = Record<string, unknown>;

/** Names that code and its generators could take for something of their own. Where names like 12 stand has its own tests. */
const COLUMNS = [
  "a",
  "b",
  "born",
  "then",
  "length",
  "ctx",
  "kept",
  "rows",
  "text",
  "given",
  "result",
  "state",
  "row",
  "r",
  "i",
  "args",
  "undefined",
  "Number",
  "Math",
  "constructor",
  "toString",
  "valueOf",
  "__proto__",
  "a-b",
  "class",
  "toJSON",
] as const;

const TEXTS = [
  "",
  "0",
  "1",
  "-1",
  "7",
  "12",
  "1815",
  "-0",
  "0.5",
  "1.50",
  "007",
  "+3",
  ".5",
  "5.",
  "1e3",
  "1e999",
  "0x10",
  " 4",
  "4 ",
  "Infinity",
  "NaN",
  "123456789012345",
  "9007199254740993",
  "12345678901234567890",
  "x",
  "ab",
  "é",
  "漢字",
  "😀",
  "true",
  "null",
  "a,b",
  'say "hi"',
  "two\nlines",
  "cr\r\nlf",
  "=1",
  "\\",
  "\u00a0",
] as const;

/** Texts of columns whose types are found by the data: what is computed of such a number is written as it stands. */
const TYPED_TEXTS: readonly (readonly string[])[] = [
  ["0", "1", "-1", "7", "12", "1815", "0.5"],
  ["0", "1", "7", "12", "", "2.5"],
  ["true", "false"],
  ["true", "false", ""],
  ["x", "ab", "é", "a,b", ""],
  ["1", "n/a", "", "7"],
];

const JSON_VALUES: readonly unknown[] = [0, 1, -1, 0.5, 1e21, true, false, null, [1, "2"], { k: 1 }, [], {}, 1815];

/** A name as a member of what stands before it. */
function member(object: string, name: string): string {
  return /^[a-z]\w*$/i.test(name) ? `${object}.${name}` : `${object}[${JSON.stringify(name)}]`;
}

/** Words that cannot stand alone, or mean something else where they do. */
const NOT_ALONE = new Set(["class", "__proto__", "a-b", "undefined", "row", "constructor", "toString", "valueOf"]);

/** Makes the text of one program. */
class Grammar {
  readonly #random: Random;
  readonly #columns: readonly string[];
  /** How the program names a field. */
  #field: (name: string) => string = (name) => member("row", name);

  constructor(random: Random, columns: readonly string[]) {
    this.#random = random;
    this.#columns = columns;
  }

  /** An expression as `-e` takes it. */
  program(): { text: string; isFunction: boolean } {
    return this.#random.chance(0.2)
      ? { text: this.#expression(), isFunction: false }
      : { text: this.#function(), isFunction: true };
  }

  #expression(): string {
    const random = this.#random;
    this.#field = (name) => (NOT_ALONE.has(name) || random.chance(0.3) ? member("row", name) : name);
    return this.#result("row");
  }

  #function(): string {
    const random = this.#random;
    if (random.chance(0.25)) {
      const taken = this.#columns.filter(() => random.chance(0.7));
      const names = new Map(taken.map((name, at) => [name, `p${at}`]));
      const [first = "a"] = this.#columns;
      const known = taken.length === 0 ? [first] : taken;
      if (taken.length === 0) names.set(first, "p0");
      this.#field = (name) => names.get(name) ?? names.get(known[0] ?? "") ?? "p0";
      const parts = [...names].map(([name, local]) => {
        const fallback = random.chance(0.2) ? ` = ${random.pick(["7", '"none"', "null"])}` : "";
        return `${JSON.stringify(name)}: ${local}${fallback}`;
      });
      return `({ ${parts.join(", ")} }) => ${this.#body(undefined)}`;
    }
    const row = random.pick(["r", "x", "row", "given"]);
    const alias = random.chance(0.3);
    this.#field = (name) => member(alias && random.chance(0.5) ? "same" : row, name);
    const body = this.#body(row);
    if (!alias) return `(${row}, ctx) => ${body}`;
    const inner = body.startsWith("{") ? body.slice(1, -1) : `return ${body};`;
    return `(${row}, ctx) => { const same = ${row}; ${inner} }`;
  }

  /** A filter as `--filter` takes it. */
  filter(): string {
    this.#field = (name) => member("row", name);
    return this.#condition();
  }

  #body(row: string | undefined): string {
    const random = this.#random;
    const result = this.#result(row);
    switch (random.below(6)) {
      case 0:
        return `{ if (${this.#condition()}) return null; return ${result}; }`;
      case 1:
        return `{ const v = ${this.#value(2)}; return ${this.#condition()} ? ${result} : { v }; }`;
      case 2:
        return `{ let text = ""; for (const c of [1, 2]) text += c; return ${result}; }`;
      case 3:
        return row === undefined ? `(${result})` : `{ ${this.#change(row)} return ${result}; }`;
      default:
        return `(${result})`;
    }
  }

  /** What changes the row before it is given back. */
  #change(row: string): string {
    const name = this.#random.pick(this.#columns);
    if (name === "__proto__") return "";
    switch (this.#random.below(4)) {
      case 0:
        return `${member(row, name)} = ${this.#value(1)};`;
      case 1:
        return `delete ${member(row, name)};`;
      case 2:
        return `${member(row, name)} += "!";`;
      default:
        return `const { ...copy } = ${row}; void copy;`;
    }
  }

  #result(row: string | undefined): string {
    const random = this.#random;
    const form = random.below(10);
    if (row !== undefined && form === 0) return row;
    if (row !== undefined && form === 1) return `{ ...${row}, v: ${this.#value(2)} }`;
    if (form === 2) return `[${this.#object()}, ${random.pick(["null", this.#object(), "undefined"])}]`;
    if (form === 3) return `(${this.#condition()} ? ${this.#object()} : ${this.#object()})`;
    if (form === 4 && row !== undefined) return `Object.fromEntries(Object.entries(${row}).map(([k, v]) => [k, v]))`;
    return this.#object();
  }

  #object(): string {
    const random = this.#random;
    const fields = Array.from({ length: random.between(1, 4) }, (_, at) => {
      const name = random.chance(0.6)
        ? `f${at}`
        : random.pick(this.#columns.filter((column) => column !== "__proto__"));
      const key = JSON.stringify(name ?? "f");
      const value = random.chance(0.45) ? this.#field(random.pick(this.#columns)) : this.#value(2);
      return random.chance(0.08) ? `get ${key}() { return ${value}; }` : `${key}: ${value}`;
    });
    return `{ ${fields.join(", ")} }`;
  }

  #value(depth: number): string {
    const random = this.#random;
    const field = this.#field(random.pick(this.#columns));
    const inner = (): string => (depth === 0 ? field : this.#value(depth - 1));
    switch (random.below(18)) {
      case 0:
        return random.pick(["0", "1", "-5", "0.1", "2147483648", "-2147483648", "1e21"]);
      case 1:
        return random.pick(['"x"', '"a,b"', '"=1"', '""', "null", "undefined", "true", '"é"']);
      case 2:
        return `(${inner()} - ${inner()} | 0)`;
      case 3:
        return `(${field} * 2 | 0)`;
      case 4:
        return `(${inner()} + ${inner()})`;
      case 5:
        return "`${" + inner() + "}!`";
      case 6:
        return `String(${inner()}).padStart(${random.below(4)}, "0")`;
      case 7:
        return `(${this.#condition()} ? ${inner()} : ${inner()})`;
      case 8:
        return `[${inner()}, , ${random.below(9)}]`;
      case 9:
        return `{ k: ${inner()}, n: [${inner()}] }`;
      case 10:
        return "new Date(0)";
      case 11:
        return `{ toJSON() { return ${random.pick(["1", '"j"', "null"])}; } }`;
      case 12:
        return `(${inner()} ?? "none")`;
      case 13:
        return field;
      case 14:
        return `typeof ${field}`;
      case 15:
        return `((n) => n)(${inner()})`;
      default:
        return field;
    }
  }

  #condition(): string {
    const random = this.#random;
    const field = this.#field(random.pick(this.#columns));
    const other = this.#field(random.pick(this.#columns));
    return random.pick([
      `${field} > 1`,
      `${field} < ${random.pick(["10", "-0.5", "1815"])}`,
      `${field} >= ${other}`,
      `${field} === ${random.pick(['"1"', '"x"', '""', "1", other])}`,
      `${field} == ${random.pick(["1", "null", other])}`,
      `!${field}`,
      field,
      `(${field} - 0) % 2 === 1`,
      `${field} !== ${other}`,
    ]);
  }
}

/** One run: rows, a program, and how it is spread. */
interface Run {
  /** `auto`: by the data, of texts that are written as they stand, to CSV. */
  types: "auto" | "text";
  format: "csv" | "jsonl";
  to: "csv" | "jsonl";
  columns: string[];
  rows: Fields[];
  files: Buffer[];
  program: { text: string; isFunction: boolean };
  filter: string | undefined;
  delimiter: string;
  shape: {
    jobs: number;
    batchBytes: number;
    growth: number;
    blockBytes: number | undefined;
    picks: number[];
    /** Workers are asked for what they have, while a batch is under way. */
    isAsked: boolean;
    firstRows: number | undefined;
  };
}

function randomRun(random: Random): Run {
  const format = random.chance(0.75) ? "csv" : "jsonl";
  const columns: string[] = [];
  while (columns.length < random.between(2, 5)) {
    const name = random.pick(COLUMNS);
    if (!columns.includes(name)) columns.push(name);
  }
  const types = format === "csv" && random.chance(0.4) ? "auto" : "text";
  const kinds = new Map(columns.map((name) => [name, random.pick(TYPED_TEXTS)]));
  const pool = Array.from({ length: random.between(1, 12) }, () => random.pick(TEXTS));
  const count = random.pick([1, 5, 40, 40, 120]);
  const value = (): unknown =>
    format === "jsonl" && random.chance(0.4) ? random.pick(JSON_VALUES) : random.pick(pool);
  const rows = Array.from({ length: count }, () =>
    Object.fromEntries(columns.map((name) => [name, types === "auto" ? random.pick(kinds.get(name) ?? []) : value()])),
  );
  const delimiter = random.pick([",", ",", ";", "\t"]);
  // The first file decides the types.
  const cut = types === "text" && random.chance(0.2) ? random.below(count + 1) : count;
  const parts = [rows.slice(0, cut), rows.slice(cut)].filter((part, at) => at === 0 || part.length > 0);
  const end = random.pick(["\n", "\n", "\r\n"]);
  const grammar = new Grammar(random, columns);
  return {
    types,
    format,
    to: types === "auto" || random.chance(0.7) ? "csv" : "jsonl",
    columns,
    rows,
    files: parts.map((part) =>
      Buffer.from(format === "csv" ? csvOf(part, { columns, delimiter, end, random }) : linesOf(part)),
    ),
    program: grammar.program(),
    filter: random.chance(0.3) ? grammar.filter() : undefined,
    delimiter,
    shape: {
      jobs: random.between(1, 3),
      batchBytes: random.pick([1, 20, 100, 400, 100_000]),
      growth: random.pick([1, 4, 20]),
      blockBytes: random.chance(0.6) ? random.pick([1, 16, 63, 64, 65, 128, 200]) : undefined,
      picks: Array.from({ length: 12 }, () => random.below(1000)),
      isAsked: random.chance(0.3),
      firstRows: random.chance(0.3) ? 1 : undefined,
    },
  };
}

function csvOf(
  rows: readonly Fields[],
  { columns, delimiter, end, random }: { columns: string[]; delimiter: string; end: string; random: Random },
): string {
  const line = (texts: readonly string[]): string =>
    texts
      .map((text) =>
        text.includes(delimiter) || /["\r\n]/.test(text) || random.chance(0.1)
          ? `"${text.replaceAll('"', '""')}"`
          : text,
      )
      .join(delimiter) + end;
  return [columns, ...rows.map((row) => columns.map((name) => String(row[name])))].map(line).join("");
}

function linesOf(rows: readonly Fields[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

/** What came of a run: the text, and how many rows failed. */
interface Outcome {
  output: string;
  failed: number;
}

class RowFailure extends Error {}
class NaNFailure extends RowFailure {}

/** The row at hand has a field that is missing. */
let hasMissing = false;

/** Reads the fields of a row by what the data say, as far as the code leaves it open. */
function typesOf({ types, rows, columns, program, filter }: Run): (row: Fields) => Fields {
  if (types === "text") return (row) => row;
  const uses = unionOfUses(
    [program.text, ...(filter === undefined ? [] : [filter])].map((text) => {
      try {
        return usesOfExpression(text, columns);
      } catch {
        return new Map();
      }
    }),
  );
  const textsOf = (name: string): string[] => rows.map((row) => String(row[name])).filter((text) => text !== "");
  const isOf = (name: string, pattern: RegExp): boolean =>
    textsOf(name).length > 0 && textsOf(name).every((text) => pattern.test(text));
  const isPlainText = (name: string): boolean =>
    isOf(name, /^(?:NaN|n\/a)$/i) ||
    (textsOf(name).length > 0 && !isOf(name, /^(?:-?[\d.]+|[\d.e+]+|true|false|NaN|n\/a)$/i));
  const readers = columns.map((name) => {
    const use = uses.get(name);
    const { asNumber, asTruth, asEmpty, asMissing } = use ?? {};
    const asEither =
      use?.asEither ?? use?.joins.find(({ column, shown }) => !shown.includes("+") || !isPlainText(column))?.shown;
    const asText = use?.asText ?? use?.asWritten;
    const isTruth = isOf(name, /^(?:true|false)$/);
    const byData = isOf(name, /^-?[\d.]+$/) ? Number : isTruth ? (text: string) => text === "true" : undefined;
    const isUsed = (isTruth ? asTruth : (asNumber ?? asEither)) !== undefined;
    if (byData !== undefined) {
      // Both ways is an error, unless the text is that of the value.
      const isPlain = isTruth || isOf(name, /^(?:0|-?[1-9]\d{0,14})$/);
      const isText = (isPlain ? use?.asText : asText) !== undefined || asEmpty !== undefined;
      if (!isText || isUsed) return { name, read: byData };
      return { name, read: asMissing === undefined ? undefined : (text: string) => text };
    }
    if (asText !== undefined) return { name, read: undefined };
    // Of an empty column nothing is known: what is computed of it, or compared, is missing.
    const isCompared = textsOf(name).length === 0 && use?.isCompared === true;
    return { name, read: asNumber === undefined && !isCompared ? undefined : (text: string) => text };
  });
  return (row) => {
    for (const { name, read } of readers)
      if (read !== undefined) row[name] = row[name] === "" ? undefined : read(String(row[name]));
    return row;
  };
}

/** The loop that a run stands for. */
function plainLoop(run: Run): Outcome | "waits" {
  const call = compiled(run.program, run);
  const keeps = run.filter === undefined ? undefined : compiled({ text: run.filter, isFunction: false }, run);
  const writer = run.to === "csv" ? new Csv(run) : new Lines();
  const read = typesOf(run);
  let failed = 0;
  for (const [index, found] of run.rows.entries()) {
    try {
      const row = read(copied(found));
      hasMissing = run.types === "auto" && Object.values(row).includes(undefined);
      if (keeps !== undefined && !attempt(() => keeps(row, index))) continue;
      const result = attempt(() => call(row, index));
      if (result === undefined || result === null) continue;
      if (typeof Reflect.get(Object(result), "then") === "function") return "waits";
      // So is a text that shows it.
      if (hasMissing && showsMissing(result)) return "waits";
      const results = Array.isArray(result) ? result.filter((one) => one !== undefined && one !== null) : [result];
      writer.write(results);
    } catch (error) {
      // What is computed of a missing number is empty, where the run knows that one is missing.
      if (error instanceof NaNFailure && hasMissing) return "waits";
      if (!(error instanceof RowFailure)) throw error;
      failed++;
    }
  }
  return { output: writer.text, failed };
}

/** Whether a word for what is missing stands in a result. */
function showsMissing(result: unknown): boolean {
  try {
    return /NaN|undefined/.test(
      Object.values(Object(result))
        .map((value) => `${JSON.stringify(value)}${String(value)}`)
        .join(),
    );
  } catch {
    return true;
  }
}

/** A row of its own, with the fields that a reader of the file makes of it. */
function copied(row: Fields): Fields {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, structuredClone(value)]));
}

function attempt<Value>(run: () => Value): Value {
  try {
    return run();
  } catch (error) {
    if (error instanceof RowFailure) throw error;
    throw new RowFailure();
  }
}

/** The program as a function of a row: names are columns before they are anything else, but for `row`. */
function compiled({ text, isFunction }: Run["program"], { columns }: Run): (row: Fields, index: number) => unknown {
  // `row` is the row, whatever the columns are called, and `class` no name.
  const names = columns.filter((name) => /^[A-Za-z_]\w*$/.test(name) && name !== "row" && name !== "class");
  const own = names.map((name) => `const ${name} = row[${JSON.stringify(name)}];`).join(" ");
  const known = ["r", "i", "args"].filter((name) => !names.includes(name));
  const meanings: Record<string, string> = { r: "row", i: "index", args: "{}" };
  const around = known.map((name) => `const ${name} = ${meanings[name]};`).join(" ");
  const code = isFunction
    ? `"use strict"; return (row, index) => { ${around} return (() => { ${own} return (${text}); })()(row, { index }); };`
    : `"use strict"; return (row, index) => { ${around} { ${own} return (${text}); } };`;
  // oxlint-disable-next-line no-implied-eval -- programs of the grammar above
  return new Function(code)() as (row: Fields, index: number) => unknown;
}

class Csv {
  #rows = "";
  readonly #run: Run;
  #columns: string[] | undefined;

  constructor(run: Run) {
    this.#run = run;
  }

  /** The columns are those of the first result each of whose rows can be written by itself. */
  write(values: readonly unknown[]): void {
    const forms = values.map(rowForm);
    const [first] = forms;
    if (first !== undefined && this.#columns === undefined) {
      for (const fields of forms) {
        if (fields === undefined) throw new RowFailure();
        for (const name of Object.keys(fields)) cellOf(attempt(() => fields[name]));
      }
      this.#columns = Object.keys(first);
    }
    const known = this.#columns ?? [];
    let lines = "";
    for (const fields of forms) {
      if (fields === undefined) throw new RowFailure();
      if (Object.keys(fields).some((name) => fields[name] !== undefined && !known.includes(name)))
        throw new RowFailure();
      const cells = known.map((name) => (Object.hasOwn(fields, name) ? cellOf(attempt(() => fields[name])) : ""));
      lines += this.#line(cells);
    }
    this.#rows += lines;
  }

  get text(): string {
    // Where rows are passed on as they are, the header is that of the input, with or without a row.
    const { program, format, columns } = this.#run;
    const known = this.#columns ?? (program.text === "row" && format === "csv" ? columns : undefined);
    return known === undefined ? "" : this.#line(known) + this.#rows;
  }

  #line(cells: readonly string[]): string {
    const isLone = cells.length === 1 && cells[0] === "";
    const shown = cells.map((text) => (isLone || /[,"\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text));
    return `${shown.join(",")}\n`;
  }
}

/** What a result is as a row; undefined for what is none. */
function rowForm(value: unknown): Fields | undefined {
  const form = typeof value === "object" && value !== null ? attempt(() => ownForm(value)) : undefined;
  return typeof form === "object" && form !== null && !Array.isArray(form) ? (form as Fields) : undefined;
}

function ownForm(value: object): unknown {
  const toJson: unknown = Reflect.get(value, "toJSON");
  return typeof toJson === "function" ? toJson.call(value, "") : value;
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  switch (typeof value) {
    case "function":
    case "symbol":
      throw new RowFailure();
    case "object": {
      if (value instanceof Date) return value.toISOString();
      const form = attempt(() => ownForm(value));
      return typeof form === "object" && form !== null ? jsonOf(form) : cellOf(form);
    }
    case "number":
      if (!Number.isFinite(value)) throw new NaNFailure();
      return String(value);
    default:
      return `${value as string | number | boolean | bigint}`;
  }
}

/** JSON of a value of which nothing may be left out. */
function jsonOf(value: unknown): string {
  return attempt(() => {
    const text = JSON.stringify(value, (_, part: unknown) => {
      if (typeof part === "bigint") return JSON.rawJSON(String(part));
      if (typeof part === "function" || typeof part === "symbol") throw new RowFailure();
      if (typeof part === "number" && !Number.isFinite(part)) throw new NaNFailure();
      return part;
    });
    if (text === undefined) throw new RowFailure();
    return text;
  });
}

class Lines {
  text = "";
  write(values: readonly unknown[]): void {
    const lines = values.map((value) => `${jsonOf(value)}\n`);
    this.text += lines.join("");
  }
}

const folder = mkdtempSync(join(tmpdir(), "rowmill-programs-"));
const undo = startAllWorkers();
const kernels = reuseKernels();

/** What Rowmill makes of it. */
async function rowmill(run: Run, number: number): Promise<Outcome | { error: string }> {
  const inputs = run.files.map((bytes, at) => {
    const path = join(folder, `${number % 2}-${at}.${run.format}`);
    writeFileSync(path, bytes);
    return path;
  });
  const output = join(folder, `out-${number % 2}`);
  writeFileSync(output, "");
  const { jobs, batchBytes, growth, blockBytes, picks, isAsked, firstRows } = run.shape;
  try {
    const summary = await runWith(
      {
        inputs,
        output,
        from: run.format,
        to: run.to,
        ...(run.format === "csv" && { delimiter: run.delimiter, outDelimiter: "," }),
        types: run.types,
        expression: run.program.text,
        ...(run.filter !== undefined && { filter: run.filter }),
        onError: "skip",
        jobs,
      },
      {
        spawn: inProcessWorkers({ picks, blockBytes, isAsked }),
        batchBytes: { first: batchBytes, max: batchBytes * growth, last: 1 },
        firstRows,
        stretchBytes: 1,
        keeping: { from: 1, most: 200, block: 16 },
        guessBytes: batchBytes,
        cellBytes: 100,
      },
    );
    return { output: readFileSync(output, "utf8"), failed: summary.rowsFailed };
  } catch (error) {
    if (error instanceof RowmillError) return { error: error.message };
    throw error;
  } finally {
    await new Promise(setImmediate);
    kernels.release();
  }
}

function show(run: Run, number: number): string {
  const { files, columns: _columns, rows: _rows, ...rest } = run;
  return `program ${number}: ${JSON.stringify(rest, null, 2)}\n${files.map((file) => file.toString()).join("--- next file\n")}`;
}

const { values: flags } = parseArgs({
  options: { runs: { type: "string" }, seed: { type: "string" }, only: { type: "string" } },
});
const seed = Number(flags.seed ?? Date.now() % 2 ** 31);
const only = flags.only === undefined ? undefined : Number(flags.only);
const runs = Number(flags.runs ?? 20_000);
console.log(`seed ${seed}`);
let differences = 0;
let refused = 0;
let failedRows = 0;
for (let number = only ?? 0; number < (only === undefined ? runs : only + 1); number++) {
  const run = randomRun(new Random(seed, number));
  if (only !== undefined) console.log(show(run, number));
  const wanted = plainLoop(run);
  // A result whose `then` is a function (`Object`, which every row inherits as its constructor) is a promise that is never
  // kept: a run waits for it as long as anybody does.
  if (wanted === "waits") {
    refused++;
    continue;
  }
  const found = await rowmill(run, number);
  if ("error" in found) {
    // A program that is no program to Rowmill: a reserved word, a name that nothing stands for.
    refused++;
    if (only !== undefined) console.log(found.error);
    continue;
  }
  failedRows += found.failed;
  if (found.output === wanted.output && found.failed === wanted.failed) continue;
  differences++;
  console.log(
    `${show(run, number)}\n--- wanted (${wanted.failed} failed)\n${wanted.output}\n--- found (${found.failed} failed)\n${found.output}`,
  );
  break;
}
undo();
kernels.undo();
rmSync(folder, { recursive: true });
console.log(
  `${only === undefined ? runs : 1} programs, ${refused} refused, ${failedRows} rows failed, ${differences} differences`,
);
process.exit(differences === 0 ? 0 : 1);
