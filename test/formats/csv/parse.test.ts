import { describe, expect, expectTypeOf, test } from "bun:test";
import { parse as parseWithCsvParse } from "csv-parse/sync";
import * as fc from "fast-check";
import assert from "node:assert/strict";

import { parse, type ParseOptions } from "../../../src/csv/parse.ts";
import { quoteField } from "../../../src/csv/quote-field.ts";
import { type Answer, DIFFERENCES } from "./std-csv-differences.ts";

interface Vector extends Answer {
  name: string;
  input: string;
  options: ParseOptions;
}

const vectors = (await Bun.file(`${import.meta.dir}/../../vectors/std-csv.json`).json()) as Vector[];

function answerOf(input: string, options: ParseOptions): Answer {
  try {
    return { output: parse(input, options) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error: { name: error.name, message: error.message } };
  }
}

function messageOf(input: string, options: ParseOptions): string | undefined {
  return answerOf(input, options).error?.message;
}

describe("parse() answers as @std/csv 1.0.6", () => {
  test("there are 686 vectors with different names", () => {
    expect(new Set(vectors.map(({ name }) => name)).size).toBe(686);
  });

  test.each(vectors.map((vector) => [vector.name, vector] as const))("%s", (name, vector) => {
    const { input, options, ...answer } = vector;
    const theirs: Answer = answer.error === undefined ? { output: answer.output } : { error: answer.error };
    const ours = answerOf(input, options);
    const difference = DIFFERENCES[name];
    expect(ours).toEqual(difference?.answer ?? theirs);
    if (difference !== undefined) expect(ours).not.toEqual(theirs);
  });

  test("every listed difference belongs to a vector", () => {
    const names = new Set(vectors.map(({ name }) => name));
    expect(Object.keys(DIFFERENCES).filter((name) => !names.has(name))).toEqual([]);
  });
});

describe("parse() differs from @std/csv", () => {
  test("parse() counts physical lines in error messages", () => {
    expect(messageOf('"a\nb",c\n\nx"y\n', {})).toBe(
      'Syntax error on line 4; parse error on line 4, column 2: bare " in non-quoted-field',
    );
    expect(messageOf('a,b\n"1\n\n1",2\n3\n', { skipFirstRow: true })).toBe(
      "Syntax error on line 5: The record has 1 fields, but the header has 2 fields",
    );
    expect(messageOf('a,b\n\n"1\n1",2\n3\n', { fieldsPerRecord: 2 })).toBe(
      "Syntax error on line 5: expected 2 fields but got 1",
    );
  });

  test("parse() reports an unclosed quote where it was opened", () => {
    expect(messageOf('a,b\n"1\n2",é,"3\n4\n5', {})).toBe(
      'Syntax error on line 2; parse error on line 3, column 6: extraneous or missing " in quoted-field',
    );
  });

  test("parse() keeps CRLF inside quotes", () => {
    expect(parse('"a\r\nb\n\r\n",c\r\n')).toEqual([["a\r\nb\n\r\n", "c"]]);
  });

  test("parse() throws on a duplicate header name and suggests columns", () => {
    expect(messageOf("#\n\na,b,a\n1,2,3\n", { skipFirstRow: true, comment: "#" })).toBe(
      'Syntax error on line 3: the header has the column "a" twice; name the columns with the option "columns"',
    );
    expect(parse("a,a\n1,2\n", { skipFirstRow: true, columns: ["a", "b"] })).toEqual([{ a: "1", b: "2" }]);
    expect(() => parse("1,2\n", { columns: ["a", "a"] })).toThrow(TypeError);
  });

  test("parse() treats __proto__ as a column like any other", () => {
    const [record] = parse("__proto__,constructor,toString\na,b,c\n", { skipFirstRow: true });
    assert.ok(record);
    expect(Object.entries(record)).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
      ["toString", "c"],
    ]);
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
    expect({}.constructor).toBe(Object);
  });

  test("parse() does not count the fields of a comment or blank line when fieldsPerRecord is 0", () => {
    expect(parse("#c\n\na,b\n1,2\n", { fieldsPerRecord: 0, comment: "#" })).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]);
    expect(messageOf("\na,b\n1\n", { fieldsPerRecord: 0 })).toBe("Syntax error on line 3: expected 2 fields but got 1");
  });
});

describe("parse()", () => {
  test("parse() throws on a bare quote when lazyQuotes is off", () => {
    expect(() => parse('a"b\n')).toThrow(SyntaxError);
    expect(parse('a"b\n', { lazyQuotes: true })).toEqual([['a"b']]);
  });

  test("parse() reports a later syntax error before a wrong number of fields under a header", () => {
    expect(messageOf('a,b\n1\n"', { skipFirstRow: true })).toStartWith("Syntax error on line 3; parse error");
  });

  test("parse() throws when skipFirstRow and columns meet an empty input", () => {
    expect(() => parse("", { skipFirstRow: true, columns: ["a"] })).toThrow("headers must be defined");
  });

  test.each(["", '"', "\n", "\r", "a\n"])("parse() throws on the separator or comment %j", (mark) => {
    expect(() => parse("a", { separator: mark })).toThrow("Cannot parse input: invalid delimiter");
    expect(() => parse("a", { comment: mark })).toThrow("Cannot parse input: invalid delimiter");
  });

  test("parse() has a result type that follows the options", () => {
    expectTypeOf(parse("a")).toEqualTypeOf<string[][]>();
    expectTypeOf(parse("a", {})).toEqualTypeOf<string[][]>();
    expectTypeOf(parse("a", { separator: ";" })).toEqualTypeOf<string[][]>();
    expectTypeOf(parse("a", { skipFirstRow: true })).toEqualTypeOf<Record<string, string>[]>();
    expectTypeOf(parse("a", { columns: ["x"] })).toEqualTypeOf<Record<"x", string>[]>();
    const options: ParseOptions = {};
    expectTypeOf(parse("a", options)).toEqualTypeOf<(string[] | Record<string, string>)[]>();
  });

  test("parse() keeps up with a long line, a long field and many rows", () => {
    const wide = `${"a,".repeat(200_000)}"b"\n`;
    expect(parse(wide)[0]).toHaveLength(200_001);
    const long = `"${'""\n'.repeat(200_000)}"`;
    expect(parse(long)[0]?.[0]).toHaveLength(400_000);
    expect(parse("x\n".repeat(200_000))).toHaveLength(200_000);
    expect(parse(`${" ".repeat(5_000_000)}x`, { trimLeadingSpace: true })).toEqual([["x"]]);
  });

  test("the examples of parse() hold", () => {
    assert.deepEqual(parse('name,born\n"Lovelace, Ada",1815\n'), [
      ["name", "born"],
      ["Lovelace, Ada", "1815"],
    ]);
    const text = "name;born\nAda;1815\n";
    assert.deepEqual(parse(text, { separator: ";", skipFirstRow: true }), [{ name: "Ada", born: "1815" }]);
  });
});

describe("parse() agrees with csv-parse", () => {
  const field = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "é", "😀", " ", ",", ";", '"', "\n", "\r", "\r\n"), maxLength: 6 }),
    fc.string({ unit: "binary", maxLength: 6 }),
  );

  test("on well-formed files", () => {
    const file = fc.record({
      rows: fc.array(fc.array(fc.tuple(field, fc.boolean()), { minLength: 1, maxLength: 4 }), { maxLength: 5 }),
      lineEnd: fc.constantFrom("\n", "\r\n"),
      separator: fc.constantFrom(",", ";", "\t", "::", "§"),
      hasFinalLineEnd: fc.boolean(),
    });
    fc.assert(
      fc.property(file, ({ rows, lineEnd, separator, hasFinalLineEnd }) => {
        const write = ([text, isQuoted]: [string, boolean]): string =>
          isQuoted || text === "" ? `"${text.replaceAll('"', '""')}"` : quoteField(text, separator, '"');
        const lines = rows.map((row) => row.map(write).join(separator));
        const text = lines.join(lineEnd) + (hasFinalLineEnd ? lineEnd : "");
        const theirs = parseWithCsvParse(text, {
          bom: true,
          delimiter: separator,
          record_delimiter: lineEnd,
          relax_column_count: true,
          skip_empty_lines: true,
        });
        expect(parse(text, { separator })).toEqual(theirs);
      }),
      { numRuns: 2000 },
    );
  });
});
