/** How rows are written as CSV: one by one, by generated code, and a block at once, which must all agree. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RowmillError } from "../../../src/errors.ts";
import { type OutputDialect, PLAIN_CSV } from "../../../src/formats/text/output-dialect.ts";
import { WORTH_COMPILING_ROWS } from "../../../src/formats/block-encoder.ts";
import { csvHeader, csvRowEncoder } from "../../../src/formats/csv/encoder.ts";
import { resultEncoder } from "../../../src/formats/encoder.ts";
import type { Row } from "../../../src/formats/format.ts";
import { OutputText } from "../../../src/formats/output-text.ts";

const CSV: OutputDialect = PLAIN_CSV;

/** The line of a row by the first way, and by the code that is generated when more rows have come. */
function lines(row: Row, columns: string[], dialect: Partial<OutputDialect> = {}): string[] {
  const encode = csvRowEncoder(columns, { ...CSV, ...dialect });
  const first = encode(row);
  const harmless = Object.fromEntries(columns.map((name) => [name, 1]));
  for (let count = 0; count < WORTH_COMPILING_ROWS; count++) encode(harmless);
  return [first, encode(row)];
}

function expectLine(row: Row, columns: string[], line: string, dialect: Partial<OutputDialect> = {}): void {
  expect(lines(row, columns, dialect)).toEqual([line, line]);
}

function expectFailure(row: Row, columns: string[], message: string, dialect: Partial<OutputDialect> = {}): void {
  const encode = csvRowEncoder(columns, { ...CSV, ...dialect });
  const harmless = Object.fromEntries(columns.map((name) => [name, 1]));
  expect(() => encode(row)).toThrow(message);
  for (let count = 0; count < WORTH_COMPILING_ROWS; count++) encode(harmless);
  expect(() => encode(row)).toThrow(message);
}

describe("a value is written as", () => {
  test.each<[string, unknown, string]>([
    ["a string", "Ada", "Ada"],
    ["an empty string", "", ""],
    ["a string with spaces around", " a ", " a "],
    ["a string with the delimiter", "a,b", '"a,b"'],
    ["a string with quotes", 'say "hi"', '"say ""hi"""'],
    ["a string with LF", "a\nb", '"a\nb"'],
    ["a string with CR", "a\rb", '"a\rb"'],
    ["a string with CR LF", "a\r\nb", '"a\r\nb"'],
    ["a string with other delimiters", "a;b\tc|d", "a;b\tc|d"],
    ["a number", 1.5, "1.5"],
    ["a large number", 1e21, "1e+21"],
    ["minus zero", -0, "0"],
    ["a bigint", 12345678901234567890n, "12345678901234567890"],
    ["true", true, "true"],
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["null", null, ""],
    ["undefined", undefined, ""],
    ["an object", { a: [1, "x"] }, '"{""a"":[1,""x""]}"'],
    ["an array", [1], "[1]"],
    ["bigints in an object", { n: 12345678901234567890n, m: [-1n] }, '"{""n"":12345678901234567890,""m"":[-1]}"'],
    ["a lone surrogate in an object", { s: "\ud800" }, String.raw`"{""s"":""\ud800""}"`],
    ["a text beyond the basic plane", "😀", "😀"],
    ["such a text with the delimiter", "😀,", '"😀,"'],
  ])("%s", (_, value, text) => {
    expectLine({ a: value, b: 1 }, ["a", "b"], `${text},1\n`);
  });

  test.each<[string, unknown, string]>([
    ["a function", () => 1, "a function cannot be written"],
    ["a symbol", Symbol("s"), "a symbol cannot be written"],
    ["an invalid date", new Date(Number.NaN), "an invalid date cannot be written"],
    ["a lone surrogate", "x\ud800y", "half of a surrogate pair"],
    ["a lone surrogate at the end", "😀\ude00", "half of a surrogate pair"],
    ["NaN", Number.NaN, "NaN is no number: a text that is no number, or 0 / 0"],
    ["an infinity", Number.NEGATIVE_INFINITY, "-Infinity is no number: a division by 0, or a number too large"],
    ["NaN in an object", { n: Number.NaN }, "NaN is no number: a text that is no number, or 0 / 0"],
    ["a Map", new Map(), "a Map has no JSON form"],
    [
      "a cycle",
      (() => {
        const a: unknown[] = [];
        a.push(a);
        return a;
      })(),
      "holds itself",
    ],
  ])("no text: %s fails the row", (_, value, message) => {
    expectFailure({ a: value, b: 1 }, ["a", "b"], message);
  });
});

describe("quoting", () => {
  test("a lone empty field is quoted, so that its line is no blank line", () => {
    for (const value of ["", null, undefined]) expectLine({ a: value }, ["a"], '""\n');
    expectLine({}, ["a"], '""\n');
    expect(csvHeader([""], CSV)).toBe('""\n');
  });

  test("a lone empty field is an empty line where that is read as a row, and never in the header", () => {
    for (const value of ["", null]) expectLine({ a: value }, ["a"], "\n", { hasBlankRows: true });
    expectLine({ a: "x,y" }, ["a"], '"x,y"\n', { hasBlankRows: true });
    expect(csvHeader([""], { ...CSV, hasBlankRows: true })).toBe('""\n');
  });

  test("the delimiter in use is what counts, in numbers too", () => {
    expectLine({ a: "x;y", b: "x,y" }, ["a", "b"], '"x;y";x,y\n', { delimiter: ";" });
    expectLine({ a: 1.5, b: -2 }, ["a", "b"], '"1.5".-2\n', { delimiter: "." });
    expectLine({ a: 1.5, b: -2 }, ["a", "b"], '1.5-"-2"\n', { delimiter: "-" });
    expectLine({ a: 17, b: true }, ["a", "b"], '"17"1true\n', { delimiter: "1" });
    expectLine({ a: "x^y", b: "x]y\\z" }, ["a", "b"], '"x^y"^x]y\\z\n', { delimiter: "^" });
  });

  test("quoteAll quotes everything, empty fields and the header too", () => {
    expectLine({ a: 1, b: null, c: 'q"' }, ["a", "b", "c"], '"1","","q"""\n', { quoteAll: true });
    expect(csvHeader(["a", "b"], { ...CSV, quoteAll: true })).toBe('"a","b"\n');
  });

  test("a text for null is quoted where it must be", () => {
    expectLine({ a: null, b: undefined, c: "" }, ["a", "b", "c"], "NA,NA,\n", { nullText: "NA" });
    expectLine({ a: null, b: 1 }, ["a", "b"], '"n,a",1\n', { nullText: "n,a" });
  });

  test("lines end as the dialect says", () => {
    expectLine({ a: 1, b: "x" }, ["a", "b"], "1,x\r\n", { newline: "\r\n" });
  });

  test("fields that a spreadsheet would run are kept from it", () => {
    const dialect = { escapeFormulas: true };
    for (const text of ["=1+1", "+1+1", "-1+1", "@sum", "\tx", "＝1+1", "＋1", "－1", "＠sum", "-", "-5%", "+49 170"])
      expectLine({ a: text, b: 1 }, ["a", "b"], `'${text},1\n`, dialect);
    for (const text of ["\n=1", "\r=1"]) expectLine({ a: text, b: 1 }, ["a", "b"], `"'${text}",1\n`, dialect);
    expectLine({ a: "=a,b", b: "x=1" }, ["a", "b"], `"'=a,b",x=1\n`, dialect);
  });

  test("numbers are none of them, whether they are numbers or texts", () => {
    const dialect = { escapeFormulas: true };
    const values = [-5, -1.5, -1e-7, -5n, "-5", "+1.5", "-1e3", "-.5", "+5."];
    for (const value of values) expectLine({ a: value, b: 1 }, ["a", "b"], `${value},1\n`, dialect);
  });

  test("nothing is quoted where there is no quote", () => {
    const dialect = { delimiter: "\t", quote: "", escape: "" };
    expectLine({ a: 'x"y', b: '"q"' }, ["a", "b"], 'x"y\t"q"\n', dialect);
    expectLine({ a: "" }, ["a"], "\n", dialect);
    for (const text of ["x\ty", "x\ny", "x\r"]) expectFailure({ a: text, b: 1 }, ["a", "b"], "not quoted", dialect);
    expect(() => csvHeader(["a", "b\tc"], { ...CSV, ...dialect })).toThrow("holds the delimiter");
  });

  test("quote and escape are those of the dialect", () => {
    expectLine({ a: "it's", b: 'x"y' }, ["a", "b"], `'it''s',x"y\n`, { quote: "'", escape: "'" });
    expectLine({ a: 'x"y\\', b: "\\" }, ["a", "b"], '"x\\"y\\\\","\\\\"\n', { escape: "\\" });
    expectLine({ a: "$&$", b: 1 }, ["a", "b"], "$$$&$$$,1\n", { quote: "$", escape: "$" });
  });

  test("a row that would be a comment has its first field quoted", () => {
    const dialect = { comments: ["#", "//"] };
    expectLine({ a: "#1", b: "#2" }, ["a", "b"], '"#1",#2\n', dialect);
    expectLine({ a: "//", b: "x" }, ["a", "b"], '"//",x\n', dialect);
    expect(csvHeader(["#a", "#b"], { ...CSV, ...dialect })).toBe('"#a",#b\n');
    const bare = { ...dialect, quote: "", escape: "" };
    expectFailure({ a: "#1", b: 1 }, ["a", "b"], "begins as a comment does", bare);
  });

  test("white space that would be dropped is quoted", () => {
    expectLine({ a: " x", b: "x " }, ["a", "b"], '" x","x "\n', { keepsSpace: true });
    expectLine({ a: "x y", b: "" }, ["a", "b"], "x y,\n", { keepsSpace: true });
  });

  test("names of columns are quoted as fields are", () => {
    expect(csvHeader(["a,b", 'q"', "line\nbreak", "", "x"], CSV)).toBe('"a,b","q""","line\nbreak",,x\n');
  });
});

describe("columns", () => {
  test("a missing key is an empty field, undefined too, whatever order the keys have", () => {
    expectLine({ c: 3, a: 1 }, ["a", "b", "c"], "1,,3\n");
    expectLine({ c: 3, b: undefined, a: 1, more: undefined }, ["a", "b", "c"], "1,,3\n");
  });

  test("a key beyond the columns fails the row, and says how to declare it", () => {
    expectFailure({ a: 1, z: 2 }, ["a"], "a column that the first output row has not: z");
    expectFailure({ a: 1, b: 2, z: 2 }, ["a", "b", "c"], "a column that the first output row has not: z");
    let hint: string | undefined;
    try {
      csvRowEncoder(["a"], CSV)({ z: 1 });
    } catch (error) {
      hint = (error as RowmillError).hint;
    }
    expect(hint).toBe('declare all columns: export const columns = ["a","z"]');
  });

  test("names that every object inherits count only where the row has them itself", () => {
    const columns = ["toString", "constructor", "__proto__", "hasOwnProperty", "a"];
    expectLine({ a: 1 }, columns, ",,,,1\n");
    const row = Object.fromEntries(columns.map((name, at) => [name, at]));
    expectLine(row, columns, "0,1,2,3,4\n");
    expectFailure(row, ["a"], "has not: toString");
    expectFailure(Object.fromEntries([["__proto__", 1]]), ["a"], "has not: __proto__");
  });

  test("names are data, whatever they hold", () => {
    const columns = ['"];process.exit(7)//', "a`${1}", "line\nbreak", "\\", "\u2028", "0", ""];
    expectLine(Object.fromEntries(columns.map((name, at) => [name, at])), columns, "0,1,2,3,4,5,6\n");
  });

  test("rows of any class have their own properties, getters too", () => {
    class Point {
      x = 1;
      #hidden = 5;
      get y(): number {
        return this.#hidden;
      }
    }
    expectLine(new Point() as unknown as Row, ["x", "y"], "1,\n");
    expectLine(Object.assign(Object.create(null) as Row, { x: 1 }), ["x", "y"], "1,\n");
    expectLine(
      {
        get x() {
          return 7;
        },
        y: 1,
      },
      ["x", "y"],
      "7,1\n",
    );
    expectFailure(
      {
        get x(): number {
          throw new Error("no x");
        },
        y: 1,
      },
      ["x", "y"],
      "no x",
    );
    expectLine(
      Object.create({ inherited: 1 }, { x: { value: 2, enumerable: true } }) as Row,
      ["x", "inherited"],
      "2,\n",
    );
    expectLine(Object.defineProperty({ x: 1 }, "y", { value: 2, enumerable: false }) as Row, ["x"], "1\n");
  });

  test("many columns are written by a loop, alike", () => {
    const columns = Array.from({ length: 300 }, (_, at) => `c${at}`);
    const row = Object.fromEntries(columns.map((name, at) => [name, at]));
    expectLine(row, columns, `${columns.map((_, at) => at).join(",")}\n`);
    expectFailure({ ...row, z: 1 }, columns, "has not: z");
  });
});

describe("results that are no rows", () => {
  const encoder = resultEncoder({ format: "csv", dialect: CSV }, ["a"]);
  test.each<[string, unknown, string]>([
    ["a number", 5, "the number 5"],
    ["a string", "text", 'the string "text"'],
    ["true", true, "the boolean true"],
    ["an array", [1], "an array within an array"],
    ["a date", new Date(0), "a Date"],
    ["a Map", new Map(), "a Map"],
    ["an error", new TypeError("x"), "a TypeError"],
  ])("%s is refused by name", (_, value, words) => {
    expect(() => encoder.encode(value)).toThrow(`the result is ${words}, not an object`);
  });
});

// One for all, as in a worker: each has a kernel with its memory.
const text = new OutputText();

/** The bytes of rows as a worker writes them: a block where that is proven to be right, else undefined. */
function encodeBlock(rows: unknown[], columns: string[], dialect: OutputDialect): string | undefined {
  const { block } = resultEncoder({ format: "csv", dialect }, columns);
  const plain = block?.encode(rows);
  if (block === undefined || plain === undefined) return undefined;
  text.clear();
  const isWritten = text.addIf(plain.text, dialect.delimiter, (counts) => block.isPlain(counts, plain.rows));
  return isWritten ? Buffer.from(text.take()).toString() : undefined;
}

describe("a block at once", () => {
  const value = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "é", "😀", "1", "\ud800"), maxLength: 4 }),
    fc.constantFrom<unknown>(
      1,
      -2.5,
      true,
      null,
      undefined,
      5n,
      new Date(0),
      [1],
      ",",
      '"',
      "\n",
      "\r",
      "",
      Symbol("s"),
      { k: "v" },
    ),
  );
  const row = fc.oneof(
    { weight: 8, arbitrary: fc.record({ a: value, b: value }, { requiredKeys: [] }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<unknown>(undefined, 5, { c: 1 }, { a: 1, c: undefined }, Object.create(null), []),
    },
  );

  test("is what the rows are one by one, or is not taken", () => {
    let taken = 0;
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 5 }),
        fc.constantFrom(",", ";", ".", "1"),
        fc.constantFrom<"\n" | "\r\n">("\n", "\r\n"),
        fc.constantFrom("", "NA", "n,a"),
        fc.constantFrom("", '"', "'"),
        (rows, delimiter, newline, nullText, quote) => {
          const dialect: OutputDialect = { ...CSV, delimiter, newline, nullText, quote, escape: quote };
          const found = encodeBlock(rows, ["a", "b"], dialect);
          if (found === undefined) return;
          taken++;
          const encoder = resultEncoder({ format: "csv", dialect }, ["a", "b"]);
          expect(found).toBe(
            rows
              .filter((one) => one !== undefined)
              .map((one) => encoder.encode(one))
              .join(""),
          );
        },
      ),
      { seed: 20170526, numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(300);
  });
});
