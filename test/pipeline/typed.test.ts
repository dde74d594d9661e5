/**
 * Types by the data: what code gets is typed by column, what is only handed on keeps its bytes, and none of it depends on
 * jobs, batches, blocks, or whether the input is a file or a stream. The reference shares no code with src/.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20170526));
const SAMPLE_ROWS = 1000;

setUpShapedRuns();

type Value = number | boolean | string | undefined;
interface Table {
  columns: string[];
  rows: string[][];
}

const NUMBERS = ["0", "1", "-3", "12.80", "5.0", "+7", ".5", "-.25", " 4", "123456789012345", "0.30000000000000004"];
const ODD = ["007", "1e3", "n/a", "12345678901234567890", "-", "NaN", "5.", "x,y", 'q"', "0x1f", "Infinity"];
const BOOLEANS = ["true", "false"];

/** A column whose first rows are of a kind, and whose later ones may be something else. */
const column = fc.constantFrom(NUMBERS, [...NUMBERS, ""], BOOLEANS, ["TRUE", "FALSE", ""], [...NUMBERS, ...ODD], ODD);

const table: fc.Arbitrary<Table> = fc
  .record({
    kinds: fc.tuple(column, column, column),
    picks: fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 }),
    repeats: fc.constantFrom(1, 1, 4, 25),
    late: fc.option(
      fc.record({ at: fc.oneof(fc.nat(400), fc.integer({ min: 990, max: 1010 })), text: fc.constantFrom(...ODD) }),
      { nil: undefined, freq: 2 },
    ),
  })
  .map(({ kinds, picks, repeats, late }) => {
    const rows = Array.from({ length: repeats }, () => picks).flat();
    const cells = rows.map((pick, row) => kinds.map((kind, at) => kind[(pick + row * at + at) % kind.length] ?? ""));
    const target = late === undefined ? undefined : cells[late.at];
    if (target !== undefined && late !== undefined) target[0] = late.text;
    return { columns: ["a", "b", "c"], rows: cells };
  });

function csvOf({ columns, rows }: Table): Buffer {
  return Buffer.from([columns, ...rows].map(csvLine).join(""));
}

function csvLine(cells: string[]): string {
  return `${cells.map((text) => (/[,"\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(",")}
`;
}

/** Reference: what a text is in a column of numbers; undefined for none. */
function numberOf(text: string): number | undefined {
  const bare = text.trim();
  if (!/^[+-]?(\d+(\.\d+)?|\.\d+)$/.test(bare) || /^[+-]?0\d/.test(bare)) return undefined;
  const value = Number(bare);
  return digitsOf(bare) === digitsOf(shortest(value)) ? value : undefined;
}

/** The digits of a decimal, without zeros that say nothing. */
function digitsOf(shown: string): string {
  const [whole = "", fraction = ""] = shown.replace(/^[+-]/, "").split(".");
  return `${whole.replace(/^0+(?=.)/, "") || "0"}.${fraction.replace(/0+$/, "")}`;
}

/** The shortest decimal of a double, without an exponent. */
function shortest(value: number): string {
  const text = `${value as string | number | boolean}`;
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const shift = Number(exponent);
  const all = whole + fraction;
  return shift < 0 ? `${sign}0.${"0".repeat(-shift - 1)}${all}` : `${sign}${all.padEnd(shift + 1, "0")}`;
}

type Type = "number" | "boolean" | "text" | "empty" | "like numbers" | "like codes" | "like booleans";

function typeOf(texts: string[]): Type {
  const filled = texts.filter((text) => text !== "");
  if (filled.length === 0) return "empty";
  if (filled.every((text) => numberOf(text) !== undefined)) return "number";
  const isOf = (...words: string[]): boolean => filled.every((text) => words.includes(text));
  if (isOf("true", "false") || isOf("TRUE", "FALSE") || isOf("True", "False")) return "boolean";
  const valued = filled.filter((text) => !NO_VALUE.has(text));
  if (valued.length === 0) return "text";
  if (valued.every((text) => ["true", "false"].includes(text.toLowerCase()))) return "like booleans";
  const isLike = valued.every((text) => {
    const [digits = ""] = text.trim().split(/[eE]/);
    return (
      text.trim() !== "" &&
      Number.isFinite(Number(text)) &&
      !text.startsWith("0x") &&
      digits.split(".")[0]!.length <= 15
    );
  });
  if (!isLike) return "text";
  const odd = filled.find((text) => numberOf(text) === undefined) ?? "";
  return /^0\d/.test(odd) ? "like codes" : "like numbers";
}

/** What stands in fields without a value. */
const NO_VALUE: ReadonlySet<string> = new Set(["n/a", "-", "NaN"]);

/** A row that fails, by the code of its error. */
class Failure extends Error {}

function valueOf(
  text: string,
  type: string,
  { isNumeric, isCompared }: { isNumeric: boolean; isCompared: boolean },
): Value {
  if (type === "empty" && (isNumeric || isCompared)) return text === "" ? undefined : (numberOf(text) ?? text);
  if (type === "text" || type === "empty" || type.startsWith("like"))
    return text === "" && isNumeric ? undefined : text;
  if (text === "") return undefined;
  const lower = text.trim().toLowerCase();
  const value = type === "number" ? numberOf(text) : lower === "true" ? true : lower === "false" ? false : undefined;
  if (value === undefined) throw new Failure("row-type");
  return value;
}

interface Program {
  expression: string;
  filter?: string;
  /** Columns that the code looks at. */
  looksAt: string[];
  /** Columns that it uses as texts, whatever the data say. */
  asTexts?: string[];
  /** Columns that it uses as numbers: an empty field is missing there, also among texts. */
  asNumbers?: string[];
  /** Columns of which a text is something else than a number, and that are compared with others. */
  asEither?: string[];
  isCompared?: boolean;
  /** Columns of which even a text of digits is. */
  asExact?: string[];
  asTruths?: string[];
  header: string[];
  /** A row of cells; undefined for a row that is dropped. */
  row: (values: Record<string, Value>, texts: Record<string, string>) => unknown[] | undefined;
}

const add = (a: Value, b: Value): unknown => (a as number) + (b as number);

/** What a cell is written as: text handed on as it is, what is computed in JavaScript's form. */
function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number" && !Number.isFinite(value)) throw new Failure("row-encode");
  const text = `${value as string | number | boolean}`;
  return /[,"\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const PROGRAMS: Record<string, Program> = {
  "rows as they are": {
    expression: "row",
    looksAt: [],
    header: ["a", "b", "c"],
    row: (_, t) => [t["a"], t["b"], t["c"]],
  },
  "a sum of two columns": {
    expression: "{ a, s: a + b, c }",
    looksAt: ["a", "b"],
    asEither: ["a", "b"],
    header: ["a", "s", "c"],
    row: (v, t) => [t["a"], add(v["a"], v["b"]), t["c"]],
  },
  "every column, and a difference": {
    expression: "{ ...row, d: a - 1 }",
    looksAt: ["a"],
    asNumbers: ["a"],
    header: ["a", "b", "c", "d"],
    row: (v, t) => [t["a"], t["b"], t["c"], (v["a"] as number) - 1],
  },
  "two columns compared": {
    expression: "row",
    filter: "a > b",
    looksAt: ["a", "b"],
    asEither: ["a", "b"],
    isCompared: true,
    header: ["a", "b", "c"],
    row: (v, t) => ((v["a"] as number) > (v["b"] as number) ? [t["a"], t["b"], t["c"]] : undefined),
  },
  "equality with a number": {
    expression: "{ c, a }",
    filter: "a === 1",
    looksAt: ["a"],
    asExact: ["a"],
    asNumbers: ["a"],
    header: ["c", "a"],
    row: (v, t) => (v["a"] === 1 ? [t["c"], t["a"]] : undefined),
  },
  truth: {
    expression: "{ a, yes: b ? 1 : 0 }",
    looksAt: ["b"],
    asTruths: ["b"],
    header: ["a", "yes"],
    row: (v, t) => [t["a"], v["b"] ? 1 : 0],
  },
  "a text by its use": {
    expression: "{ first: a.slice(0, 1), a, b }",
    looksAt: ["a"],
    asTexts: ["a"],
    header: ["first", "a", "b"],
    row: (_, t) => [t["a"]?.slice(0, 1), t["a"], t["b"]],
  },
  "a row that is changed in place": {
    expression: "r => { r.z = typeof r.a; return r; }",
    looksAt: ["a", "b", "c"],
    header: ["a", "b", "c", "z"],
    row: (v, t) => [t["a"], t["b"], t["c"], typeof v["a"]],
  },
  "rows of which nothing is proven": {
    expression: "r => { const copy = { ...r }; copy.n = Object.keys(copy).length; return copy; }",
    looksAt: ["a", "b", "c"],
    header: ["a", "b", "c", "n"],
    row: (_, t) => [t["a"], t["b"], t["c"], 3],
  },
  "a field that is handed on in some rows": {
    expression: "({ a, b }) => (b > 1 ? { v: a, b } : { v: 0, b })",
    looksAt: ["a", "b"],
    asNumbers: ["b"],
    header: ["v", "b"],
    row: (v, t) => [(v["b"] as number) > 1 ? t["a"] : 0, t["b"]],
  },
  "an asynchronous function": {
    expression: "async ({ a, b }) => ({ a, s: b + 0 })",
    looksAt: ["a", "b"],
    asExact: ["b"],
    asNumbers: ["b"],
    header: ["a", "s"],
    row: (v, t) => [t["a"], add(v["b"], 0)],
  },
};
/** Undefined where the run is refused. */
function reference({ columns, rows }: Table, program: Program): { output: string; leftOut: string[] } | undefined {
  const { asTexts, asNumbers, asEither, asExact, asTruths, isCompared = false } = program;
  const types = columns.map((name, at) =>
    asTexts?.includes(name) ? "text" : typeOf(rows.slice(0, SAMPLE_ROWS).map((cells) => cells[at] ?? "")),
  );
  const isRefused = columns.some((name, at) => {
    const isExact = asExact?.includes(name) === true;
    const isTruth = asTruths?.includes(name) === true;
    const others = asEither?.includes(name) === true ? asEither.filter((other) => other !== name) : [];
    const otherTypes = others.map((other) => types[columns.indexOf(other)] ?? "text");
    if (types[at] === "like numbers")
      return isExact || isTruth || otherTypes.some((other) => isCompared || other !== "text");
    if (types[at] === "like codes") return isExact || (!isCompared && otherTypes.includes("number"));
    return types[at] === "like booleans" && isTruth;
  });
  if (isRefused) return undefined;
  const leftOut: string[] = [];
  let output = "";
  for (const cells of rows) {
    const texts = Object.fromEntries(columns.map((name, at) => [name, cells[at] ?? ""]));
    try {
      const values = Object.fromEntries(
        columns.map((name, at) => [
          name,
          program.looksAt.includes(name)
            ? valueOf(cells[at] ?? "", types[at] ?? "text", {
                isNumeric: asNumbers?.includes(name) === true,
                isCompared,
              })
            : texts[name],
        ]),
      );
      const isMissing = program.looksAt.some((name) => values[name] === undefined);
      const seen = program.looksAt.map((name) => texts[name]).join();
      const row = program.row(values, texts)?.map((value) => {
        if (!isMissing || handedOn(value, texts)) return value;
        if (typeof value === "string" && !/typeof/.test(program.expression)) {
          if (value.includes("NaN") && !seen.includes("NaN")) return undefined;
          return value.replaceAll("undefined", "");
        }
        return Number.isNaN(value) ? undefined : value;
      });
      if (row !== undefined) output += `${row.map(cell).join(",")}\n`;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      leftOut.push(error.message);
    }
  }
  return { output: output === "" ? "" : `${program.header.join(",")}\n${output}`, leftOut };
}

function handedOn(value: unknown, texts: Record<string, string>): boolean {
  return typeof value === "string" && Object.values(texts).includes(value);
}

describe("typed by the data, the output is that of a plain loop, however the work is spread:", () => {
  for (const [name, program] of Object.entries(PROGRAMS)) {
    test(
      name,
      async () => {
        const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });
        const property = fc.asyncProperty(table, shapes, async (data, ways) => {
          const wanted = reference(data, program);
          const options: RunOptions = {
            expression: program.expression,
            ...(program.filter !== undefined && { filter: program.filter }),
            from: "csv",
            to: "csv",
            delimiter: ",",
            onError: "reject",
            rejects: rejectsFile,
          };
          if (wanted === undefined) {
            const [way] = ways;
            const { failure } =
              way === undefined ? {} : await runShaped({ format: "csv", bytes: csvOf(data) }, options, way);
            expect(failure?.code).toBe("transform");
            return;
          }
          for (const way of ways) {
            const { output, leftOut } = await runShaped({ format: "csv", bytes: csvOf(data) }, options, way);
            expect({ output: wanted.output === "" ? "" : output, leftOut }).toEqual(wanted);
          }
        });
        await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 20 });
      },
      600_000,
    );
  }
});

describe("a field that is no number, near the end of the sample,", () => {
  const program = PROGRAMS["a sum of two columns"];
  test.each([998, 999, 1000, 1001])(
    "at row %d makes its column text before the cut, and fails its row behind it",
    async (at) => {
      if (program === undefined) throw new Error("no such program");
      const rows = Array.from({ length: 1004 }, (_, row) => [row === at ? "many" : String(row), "5.0", "x"]);
      const data = { columns: ["a", "b", "c"], rows };
      const wanted = reference(data, program);
      if (wanted === undefined) throw new Error("the run is not refused");
      expect(wanted.leftOut).toEqual(at < SAMPLE_ROWS ? [] : ["row-type"]);
      const options: RunOptions = {
        expression: program.expression,
        from: "csv",
        to: "csv",
        delimiter: ",",
        onError: "reject",
        rejects: rejectsFile,
      };
      const ways = fc.sample(shape, { numRuns: 4, seed: SEED + at });
      for (const way of ways) {
        const { output, leftOut } = await runShaped(
          { format: "csv", bytes: csvOf(data) },
          options,
          // Rows by the thousand, one by one, take their time.
          { ...way, batchBytes: way.batchBytes * 50 },
        );
        expect({ output, leftOut }).toEqual(wanted);
      }
    },
  );
});

/** Texts of all kinds, most of which look like something else. */
const anyText = fc.oneof(
  fc.constantFrom(...NUMBERS, ...ODD, ...BOOLEANS, "TRUE", "False", "", "2024-02-29", "+4915123456", "[1]", "null"),
  fc
    .array(fc.constantFrom(...Array.from('0123456789.+-eE ,"\ntrueFALSé漢😀\t=_x\u00a0')), { maxLength: 12 })
    .map((parts) => parts.join("")),
);
const KEEPING_TYPES = ["auto", "string", "int", "number", "boolean", "bigint"] as const;
type KeepingType = (typeof KEEPING_TYPES)[number];

/** Reference: whether a text is one of a type that is given. */
const FITS: Record<KeepingType, (text: string) => boolean> = {
  auto: () => true,
  string: () => true,
  int: (text) => /^\s*[+-]?\d+\s*$/.test(text) && Number.isSafeInteger(Number(text)),
  number: (text) => /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(text) && Number.isFinite(Number(text)),
  boolean: (text) => ["true", "false", "1", "0"].includes(text.trim().toLowerCase()),
  bigint: (text) => /^\s*[+-]?\d+\s*$/.test(text),
};

/** Code that hands fields on, and the columns of what it gives. */
const HANDING_ON: readonly [code: string, columns: readonly string[]][] = [
  ["row", ["a", "b", "c"]],
  ["{ ...row }", ["a", "b", "c"]],
  ["{ c, b, a }", ["c", "b", "a"]],
  ["({ a, ...rest }) => ({ ...rest, a })", ["b", "c", "a"]],
  ["{ x: a, y: b, z: typeof b }", ["a", "b"]],
  ["r => { const copy = { ...r }; return copy; }", ["a", "b", "c"]],
  ["async (r) => r", ["a", "b", "c"]],
  ["r => [r]", ["a", "b", "c"]],
  ["function* (r) { yield { a: r.a, c: r.c }; }", ["a", "c"]],
];

describe("what is handed on keeps its bytes, whatever is said of its column, by", () => {
  test.each(HANDING_ON)(
    "%s",
    async (expression, columns) => {
      const decisions = fc.tuple(...["a", "b", "c"].map(() => fc.constantFrom(...KEEPING_TYPES, "auto", "auto")));
      const property = fc.asyncProperty(
        fc.array(fc.tuple(anyText, anyText, anyText), { minLength: 1, maxLength: 12 }),
        decisions,
        fc.constantFrom(1, 1, 5),
        shape,
        async (some, types, repeats, way) => {
          const rows = Array.from({ length: repeats }, () => some).flat();
          const fitting = rows.filter((row) => row.every((text, at) => text === "" || FITS[types[at] ?? "auto"](text)));
          const given = Object.fromEntries(["a", "b", "c"].map((name, at) => [name, types[at] ?? "auto"]));
          const { output, leftOut } = await runShaped(
            { format: "csv", bytes: csvOf({ columns: ["a", "b", "c"], rows }) },
            {
              expression,
              from: "csv",
              to: "csv",
              delimiter: ",",
              types: given,
              onError: "reject",
              rejects: rejectsFile,
            },
            way,
          );
          expect(leftOut).toEqual(Array.from({ length: rows.length - fitting.length }, () => "row-type"));
          const wanted = fitting.map((row) => columns.map((name) => row["abc".indexOf(name)] ?? ""));
          expect(readCsv(output).map((cells) => cells.slice(0, columns.length))).toEqual(wanted);
        },
      );
      await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 15 });
    },
    600_000,
  );
});

/** The rows of a CSV with a header, by a reader that has no rules but those of quotes. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let cells: string[] = [];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
    if (end === "" && cells.length === 0) break;
    cells.push(quoted === undefined ? (bare ?? "") : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    rows.push(cells);
    cells = [];
  }
  return rows.slice(1);
}
