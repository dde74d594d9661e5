import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { CSV, type Dialect } from "../../../src/formats/text/dialect.ts";
import { type QuoteFault, type Token, Tokenizer, type Unit } from "../../../src/formats/text/tokenizer.ts";

interface Reading {
  token: Token;
  fields: string[];
  quoted: boolean[];
  end: number;
  lines: number;
  fault: QuoteFault | undefined;
}

function readAt(tokenizer: Tokenizer, text: string, start: number, final: boolean): Reading {
  const token = tokenizer.read(text, start, final);
  const { fields, quoted, end, lines, fault } = tokenizer;
  return { token, fields, quoted, end, lines, fault };
}

function readAll(text: string, dialect: Dialect = CSV, unit: Unit = "characters"): Reading[] {
  const tokenizer = new Tokenizer(dialect, unit);
  const readings: Reading[] = [];
  for (let start = 0; ; start = tokenizer.end) {
    const reading = readAt(tokenizer, text, start, true);
    readings.push(reading);
    if (reading.token === "end") return readings;
  }
}

function rowsOf(text: string, changes: Partial<Dialect> = {}): (string[] | Token)[] {
  return readAll(text, { ...CSV, ...changes })
    .slice(0, -1)
    .map(({ token, fields }) => (token === "row" ? fields : token));
}

function faultOf(text: string, changes: Partial<Dialect> = {}, unit: Unit = "characters"): QuoteFault | undefined {
  return readAll(text, { ...CSV, ...changes }, unit).find(({ token }) => token === "bad")?.fault;
}

function toLatin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}

describe("Tokenizer reads", () => {
  test("rows, blank lines and comments, with their ends and lines", () => {
    const text = '# note\n\r\na,"b\r\n\nc"\r\nd';
    const readings = readAll(text, { ...CSV, comments: ["#"] });
    expect(readings.map(({ token, end, lines }) => [token, end, lines])).toEqual([
      ["comment", 7, 1],
      ["blank", 9, 1],
      ["row", 20, 3],
      ["row", 21, 0],
      ["end", 21, 0],
    ]);
    expect(readings[2]?.fields).toEqual(["a", "b\r\n\nc"]);
    expect(readings[2]?.quoted).toEqual([false, true]);
  });

  test("a CR as part of a line end only before LF and at the very end", () => {
    expect(rowsOf("a\rb\r\r\nc\r\r")).toEqual([["a\rb\r"], ["c\r"]]);
    expect(rowsOf('"a"\r')).toEqual([["a"]]);
    expect(rowsOf('"a"\rb\n')).toEqual(["bad"]);
    expect(rowsOf("\r")).toEqual(["blank"]);
  });

  test("an escape that is not the quote", () => {
    const backslash = { escape: "\\" };
    expect(rowsOf('"a\\"b","\\\\","\\n","x\\\\\\""\n', backslash)).toEqual([['a"b', "\\", "\\n", 'x\\"']]);
    expect(rowsOf('a\\,b\\\\,"c"\n', backslash)).toEqual([["a\\", "b\\\\", "c"]]);
    expect(rowsOf('"a""b"\n', backslash)).toEqual(["bad"]);
    expect(rowsOf('"a\\\nb"\n', backslash)).toEqual([["a\\\nb"]]);
    expect(rowsOf('"a\\"\n', backslash)).toEqual(["bad"]);
  });

  test("no quotes at all when quote is empty", () => {
    expect(rowsOf('"a","b\nc"d,\n', { quote: "", escape: "" })).toEqual([
      ['"a"', '"b'],
      ['c"d', ""],
    ]);
  });

  test("delimiter, quote, escape and comment of several characters", () => {
    const dialect = { delimiter: "::", quote: "<<", escape: "~~", comments: ["//"] };
    expect(rowsOf("a:b::<<c::~~<<~~~~d~~e>>\n<<::f\n//::g\n/h\n", dialect)).toEqual([
      ["a:b", "c::<<~~d~~e>>\n", "f"],
      "comment",
      ["/h"],
    ]);
  });

  test("bytes decoded as latin1 as it reads the characters", () => {
    const text = "é§»ä, \u3000ö»»ü»§x\n¿c\n\u00a0§\u2003»y»\n";
    const dialect: Dialect = { ...CSV, delimiter: "§", quote: "»", escape: "»", comments: ["¿"], trim: "both" };
    const inBytes = { ...dialect, delimiter: toLatin1("§"), quote: toLatin1("»"), escape: toLatin1("»") };
    const readings = readAll(toLatin1(text), { ...inBytes, comments: [toLatin1("¿")] }, "bytes");
    const expected = readAll(text, dialect);
    expect(readings.map(({ token }) => token)).toEqual(expected.map(({ token }) => token));
    expect(readings.map(({ fields }) => fields)).toEqual(expected.map(({ fields }) => fields.map(toLatin1)));
    expect(expected[0]?.fields).toEqual(["é", "ä, \u3000ö»ü", "x"]);
  });

  test("white space that is the delimiter as white space when it trims", () => {
    expect(rowsOf("a\t\tb\n", { delimiter: "\t", trim: "std" })).toEqual([["a", "b"]]);
  });
});

describe("Tokenizer finds bad rows", () => {
  test("and passes over the first physical line only", () => {
    const readings = readAll('x,"a\nb"c\n"\nd\n');
    expect(readings.map(({ token, end, lines }) => [token, end, lines])).toEqual([
      ["bad", 5, 1],
      ["bad", 9, 1],
      ["bad", 11, 1],
      ["row", 13, 1],
      ["end", 13, 0],
    ]);
  });

  test("with a bare quote", () => {
    expect(faultOf('é😀,a"b\n')).toEqual({ code: "row-quote", kind: "bare-quote", offset: 5, line: 0, column: 5 });
  });

  test("with text behind a closing quote", () => {
    expect(faultOf('a,"b\n😀""c"d\n')).toEqual({ code: "row-quote", kind: "quote", offset: 10, line: 1, column: 5 });
  });

  test("with a quote that is never closed, and blames the opening one", () => {
    expect(faultOf('"x\ny",é,"b\nc\n')).toEqual({
      code: "row-unclosed-quote",
      kind: "quote",
      offset: 8,
      line: 1,
      column: 6,
    });
  });

  test("in bytes with the column in code points", () => {
    expect(faultOf(toLatin1('é😀,a"b\n'), {}, "bytes")).toMatchObject({ offset: 8, column: 5 });
  });
});

describe("Tokenizer asks for more", () => {
  test.each(["", "a", "a,b\r", '"a"', '"a\n', '"a\nb"', "#", '"a"\r'])("on %j", (text) => {
    const tokenizer = new Tokenizer({ ...CSV, comments: ["##"] });
    expect(readAt(tokenizer, text, 0, false)).toMatchObject({ token: "more", fields: [], end: 0, lines: 0 });
  });

  test("but not once the line end is there", () => {
    expect(readAt(new Tokenizer(CSV), 'a,"b"\r\n', 0, false)).toMatchObject({
      token: "row",
      fields: ["a", "b"],
      end: 7,
    });
  });
});

test("Tokenizer throws on a delimiter that nothing could be read by", () => {
  for (const delimiter of ["", "\n", "a\r", '"', ':"']) {
    expect(() => new Tokenizer({ ...CSV, delimiter })).toThrow(TypeError);
  }
});

const dialects = fc.record({
  delimiter: fc.constantFrom(",", "::", "ab"),
  quote: fc.constantFrom('"', "''", ""),
  escape: fc.constantFrom('"', "''", "\\", "~~", ""),
  comments: fc.constantFrom([], ["#"], ["##", "a"]),
  lazyQuotes: fc.boolean(),
  trim: fc.constantFrom("none", "left", "both", "std"),
  hasEscapes: fc.constant(false),
});

const texts = fc
  .array(
    fc.constantFrom(
      ",",
      "::",
      ":",
      "ab",
      "a",
      "b",
      '"',
      "'",
      "''",
      "\\",
      "~",
      "#",
      " ",
      "\r",
      "\n",
      "\r\n",
      "é",
      "\u3000",
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(""));

test("Tokenizer never gives another answer for a growing text", () => {
  fc.assert(
    fc.property(texts, dialects, fc.constantFrom<Unit>("characters", "bytes"), (characters, dialect, unit) => {
      const text = unit === "bytes" ? toLatin1(characters) : characters;
      const tokenizer = new Tokenizer(dialect, unit);
      let start = 0;
      for (const whole of readAll(text, dialect, unit)) {
        for (let length = start; length <= text.length; length++) {
          const reading = readAt(tokenizer, text.slice(0, length), start, false);
          if (reading.token !== "more") expect(reading).toEqual(whole);
          else expect(reading.end).toBe(start);
        }
        // Somebody who follows a file sees a row as soon as its line end is there.
        if (whole.token === "row" && !dialect.lazyQuotes && text[whole.end - 1] === "\n") {
          expect(readAt(tokenizer, text.slice(0, whole.end), start, false)).toEqual(whole);
        }
        expect(readAt(tokenizer, text, start, true)).toEqual(whole);
        start = whole.end;
      }
      expect(start).toBe(text.length);
    }),
    { numRuns: 3000 },
  );
});

/** Strict CSV by the book, one character after the other: the row at `start`, or undefined when it is bad. */
function referenceRow(text: string, start: number): { fields: string[]; end: number } | undefined {
  const lineEndAt = (at: number): number => {
    if (at === text.length) return 0;
    if (text[at] === "\n") return 1;
    if (text[at] !== "\r") return -1;
    return at + 1 === text.length ? 1 : text[at + 1] === "\n" ? 2 : -1;
  };
  const fields: string[] = [];
  let at = start;
  for (;;) {
    let field = "";
    if (text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
        if (at >= text.length) return undefined;
        field += text[at];
        if (text[at] === '"') at++;
      }
      at++;
    } else {
      for (; lineEndAt(at) === -1 && text[at] !== ","; at++) {
        if (text[at] === '"') return undefined;
        field += text[at];
      }
    }
    fields.push(field);
    const lineEnd = lineEndAt(at);
    if (lineEnd !== -1) return { fields, end: at + lineEnd };
    if (text[at] !== ",") return undefined;
    at++;
  }
}

function referenceAll(text: string): [Token, string[], number][] {
  const all: [Token, string[], number][] = [];
  for (let start = 0; start < text.length;) {
    const row = referenceRow(text, start);
    const lf = text.indexOf("\n", start);
    const isBlank = row?.fields.length === 1 && row.fields[0] === "" && text[start] !== '"';
    const end = row?.end ?? (lf === -1 ? text.length : lf + 1);
    if (row === undefined) all.push(["bad", [], end]);
    else all.push(isBlank ? ["blank", [], end] : ["row", row.fields, end]);
    start = end;
  }
  return [...all, ["end", [], text.length]];
}

test("Tokenizer agrees with a slow and simple reader on the strict dialect", () => {
  const strictTexts = fc
    .array(fc.constantFrom(",", ",", '"', '"', "\n", "\r", "\r\n", "a", "😀", ' "'), { maxLength: 30 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(strictTexts, (text) => {
      const readings = readAll(text).map(({ token, fields, end }) => [token, fields, end]);
      expect(readings).toEqual(referenceAll(text));
    }),
    { numRuns: 20_000 },
  );
});
