/** JSON values exactly, JSON arrays in pieces, and lines of JSON that fail alone. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RowmillError } from "../../src/errors.ts";
import { countLines, type DecodedBlock, type Decoder, type Splitter } from "../../src/formats/format.ts";
import { jsonDecoder } from "../../src/formats/json/decoder.ts";
import { foundRecords } from "../../src/formats/json/found-records.ts";
import { recordsPath } from "../../src/formats/json/records-path.ts";
import { RecordsSplitter } from "../../src/formats/json/records-splitter.ts";
import { jsonSplitter } from "../../src/formats/json/splitter.ts";
import { parseJson, stringifyJson } from "../../src/formats/values/json.ts";
import { jsonlDecoder } from "../../src/formats/jsonl/decoder.ts";
import { jsonlSplitter } from "../../src/formats/jsonl/splitter.ts";
import { INPUT, Kernel } from "../../src/formats/kernel/host.ts";

const SEED = 20170526;
const MAX_ROW_BYTES = 1 << 20;
const kernel = new Kernel();

describe("parseJson()", () => {
  test.each([
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["-9007199254740993", -9007199254740993n],
    ["12345678901234567890", 12345678901234567890n],
    ["0.1", 0.1],
    ["1e3", 1000],
    ["-0", -0],
    ["1e-999", 0],
    ['"12345678901234567890"', "12345678901234567890"],
    ['"1e999"', "1e999"],
  ])("%s is exact", (text, value) => {
    expect(parseJson(text)).toEqual(value);
    expect(parseJson(`{"a":[${text}]}`)).toEqual({ a: [value] });
  });

  test("an integer of 400 digits is a bigint", () => {
    const digits = "7".repeat(400);
    expect(parseJson(`[${digits}]`)).toEqual([BigInt(digits)]);
  });

  test.each(["1e999", "-1E+400", `1${"0".repeat(400)}.5`])("%s fails", (text) => {
    expect(() => parseJson(`{"n":${text}}`)).toThrow(RangeError);
  });

  test.each(["{}", '{"n":1e1}', '{"n":12345678901234567890}'])(
    "__proto__ is a key like any other, beside %s",
    (text) => {
      const value = parseJson(`{"__proto__":${text},"a":{"__proto__":1e0},"constructor":null}`) as object;
      expect(Object.keys(value)).toEqual(["__proto__", "a", "constructor"]);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(Object.hasOwn(Reflect.get(value, "a") as object, "__proto__")).toBe(true);
      expect(Reflect.get({}, "n")).toBeUndefined();
    },
  );

  test.each(["[1e1,", "{", "01", "NaN", "undefined", "", "1e1 2"])("%j is a SyntaxError", (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  test("what is nested half a million deep is read or refused, is refused by stringifyJson(), and is no crash", () => {
    const brackets = [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const;
    for (const [open, close] of brackets) {
      for (const core of ["1", "1e1"]) {
        const text = open.repeat(500_000) + core + close.repeat(500_000);
        expect(() => stringifyJson(parseJson(text))).toThrow(Error);
      }
    }
  });

  test("is JSON.parse for all that JavaScript holds exactly", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        // Doubles beyond 2^53 that are written without an exponent are bigints here.
        fc.pre(!/\d{16}/.test(text));
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });
});

describe("stringifyJson()", () => {
  test("integers of any size leave as they came", () => {
    const text = '{"a":12345678901234567890,"b":[-9007199254740993,1],"c":"1n"}';
    expect(stringifyJson(parseJson(text))).toBe(text);
    fc.assert(
      fc.property(fc.bigInt(), (value) => {
        expect(stringifyJson(parseJson(String(value)))).toBe(String(value));
      }),
      { seed: SEED },
    );
  });

  const cycle: Record<string, unknown> = { a: 1 };
  cycle["self"] = { back: cycle };
  const list: unknown[] = [];
  list.push(list);
  let deep: unknown = 1;
  for (let level = 0; level < 5000; level++) deep = { deep };
  const cases: Record<string, unknown> = {
    NaN: Number.NaN,
    Infinity: Number.POSITIVE_INFINITY,
    "a function": () => 1,
    "a symbol": Symbol("s"),
    "an invalid date": new Date(Number.NaN),
    "a cycle": cycle,
    "an array in itself": list,
    "5000 levels": deep,
    "a Map": new Map([[1, 2]]),
    "a Set": new Set([1]),
  };
  for (const [name, value] of Object.entries(cases)) {
    test(`${name} fails, at any depth, with a bigint beside it too`, () => {
      expect(() => stringifyJson(value)).toThrow(TypeError);
      expect(() => stringifyJson({ a: [value] })).toThrow(TypeError);
      expect(() => stringifyJson({ big: 1n, a: [value] })).toThrow(TypeError);
    });
  }

  test("undefined alone fails; as a property it is left out", () => {
    expect(() => stringifyJson(undefined)).toThrow(TypeError);
    expect(stringifyJson({ a: undefined, b: null, c: 5n })).toBe('{"b":null,"c":5}');
  });

  test("dates are ISO 8601", () => {
    expect(stringifyJson({ at: new Date(0), n: 1n })).toBe('{"at":"1970-01-01T00:00:00.000Z","n":1}');
  });

  test("an object that is there twice is no cycle", () => {
    const shared = { n: 1n };
    expect(stringifyJson([shared, shared])).toBe('[{"n":1},{"n":1}]');
  });
});

interface Walk {
  splitter: Splitter;
  decoder: Decoder;
  /** Bytes shown at first, and how many more when they are too few. */
  window: number;
  step: number;
  maxRows?: number;
}

interface Read {
  rows: unknown[];
  /** Codes of rows that failed, with their line. */
  faults: string[];
}

/** Splits and decodes bytes as the pipeline does. */
function read(bytes: Uint8Array, { splitter, decoder, window, step, maxRows = Infinity }: Walk): Read {
  const found: Read = { rows: [], faults: [] };
  const total = INPUT + bytes.length;
  let line = 1;
  for (let start = INPUT; ;) {
    let size = window;
    let split: ReturnType<Splitter["split"]>;
    do {
      kernel.reserve(bytes.length + 1);
      kernel.bytes.set(bytes, INPUT);
      const end = Math.min(total, start + size);
      split = splitter.split({ memory: kernel, start, end, isFinal: end === total, maxRows });
      if (split.kind === "more" && end === total) throw new Error("more than all is wanted");
      size += step;
    } while (split.kind === "more");
    if (split.kind === "end") return found;
    splitter.accept?.();
    if (split.kind === "bad") {
      found.faults.push(`${split.fault.code} ${line + split.faultLine}`);
    } else if (split.rows > 0) {
      const rows = decodeAll(decoder, { start, end: split.end }, line, found.faults);
      expect(rows.length).toBe(split.rows);
      found.rows.push(...rows.filter((row) => row !== undefined));
    }
    line += split.lines;
    start = split.end;
  }
}

function decodeAll(decoder: Decoder, range: { start: number; end: number }, line: number, faults: string[]): unknown[] {
  const rows: unknown[] = [];
  let lines = line;
  for (const block of decoder.blocks(range.start, range.end, () => {})) {
    for (let row = 0; row < block.count; row++) {
      rows.push(block.rows[row]);
      const fault = block.faults.get(row);
      if (fault !== undefined) faults.push(`${fault.code} ${lines + lineIn(block, row)}`);
    }
    lines += block.lines;
  }
  return rows;
}

function lineIn(block: DecodedBlock, row: number): number {
  return block.source.slice(0, block.offset(row)).split("\n").length - 1;
}

/** Every way to show `length` bytes that is worth trying. */
function* allWalks(length: number): Generator<{ window: number; step: number; maxRows: number }> {
  for (let window = 1; window <= length; window++) yield { window, step: 1, maxRows: Infinity };
  yield { window: 1, step: 7, maxRows: 1 };
  yield { window: 3, step: 100, maxRows: 2 };
  yield { window: length, step: 1, maxRows: Infinity };
}

function readArray(text: string, walk: { window: number; step: number; maxRows?: number }, most = MAX_ROW_BYTES): Read {
  return read(Buffer.from(text), {
    splitter: jsonSplitter(most),
    decoder: jsonDecoder(kernel, { replacesInvalid: false, maxRowBytes: MAX_ROW_BYTES }),
    ...walk,
  });
}

describe("JSON values one after another", () => {
  test.each([
    "",
    " \n",
    '{"a":1}',
    '{"a":1}{"a":2}',
    '{\n  "a": {"b": [1, "}"]}\n}\n\n{\n  "a": "é漢😀\\""\n}\n',
    '{"a":1}\r\n{"a":2}\r\n',
    '[{"a":1}][{"a":2},{"a":3}] [] {"b":1}\n[{"a":4}]',
  ])("%j are rows, however they are cut", (text) => {
    const values = text
      .replaceAll(/[\]}]\s*[[{]/g, (between) => `${between[0]},${between.at(-1)}`)
      .replaceAll("[]", "[]");
    const rows = (JSON.parse(`[${values}]`) as unknown[]).flat();
    for (const walk of allWalks(Buffer.byteLength(text))) expect(readArray(text, walk)).toEqual({ rows, faults: [] });
  });

  test("what is no object fails alone, with its line", () => {
    const text = '1 {"a":1}\n"x" null\n[2,\n{"n":1e999}]\n-3.5';
    for (const walk of allWalks(text.length)) {
      const faults = ["row-json 1", "row-json 2", "row-json 2", "row-json 3", "row-json 4", "row-json 5"];
      expect(readArray(text, walk)).toEqual({ rows: [{ a: 1 }], faults });
    }
  });

  test("bytes that are not UTF-8 fail their object alone", () => {
    const bytes = Buffer.from('{"a":1}\n{"a":"\xff"}{"a":"é"}', "latin1");
    for (const walk of allWalks(bytes.length)) {
      const parts = {
        splitter: jsonSplitter(MAX_ROW_BYTES),
        decoder: jsonDecoder(kernel, { replacesInvalid: false, maxRowBytes: MAX_ROW_BYTES }),
      };
      expect(read(bytes, { ...parts, ...walk }).faults).toEqual(["row-encoding 2", "row-encoding 2"]);
    }
  });
});

/** What a decoder gives of a stretch: keys that are read, with all that is told of each row; and how it ended. */
function told(bytes: Uint8Array, lines: Decoder | undefined): { rows: unknown[]; lines: number; error?: unknown } {
  kernel.reserve(bytes.length + 1);
  kernel.bytes.set(bytes, INPUT);
  const decoder = jsonDecoder(kernel, { replacesInvalid: false, maxRowBytes: MAX_ROW_BYTES, lines });
  const rows: unknown[] = [];
  let before = 0;
  try {
    for (const block of decoder.blocks(INPUT, INPUT + bytes.length, () => {})) {
      if (rows.length % 2 === 1) block.keep();
      let [line, at] = [before, 0];
      for (let row = 0; row < block.count; row++) {
        const { a, b } = (block.rows[row] ?? {}) as { a?: unknown; b?: unknown };
        const offset = block.offset(row);
        line += countLines(block.source.slice(at, offset));
        at = offset;
        rows.push([a, b, block.text(row), block.faults.get(row), line]);
      }
      before += block.lines;
    }
  } catch (error) {
    if (!(error instanceof RowmillError)) throw error;
    return { rows, lines: before, error: [error.message, error.place, error.row] };
  }
  return { rows, lines: before };
}

describe("elements of an array of which only some keys are read", () => {
  test("what is no JSON is told by its own line, behind a number too large as well", () => {
    const bytes = Buffer.from(`{"a":1},\n{"a":1e400},\n{'a':3}]`);
    expect(told(bytes, undefined).error).toEqual([
      "cannot read JSON: the key 'a' is not in double quotes",
      { file: "", line: 2 },
      "{'a':3}",
    ]);
  });

  const space = fc.constantFrom("", "", " ", "\n", "\r\n", "\t", " \n  ");
  const value = fc.constantFrom(
    "1",
    "-0",
    "1.50",
    "12345678901234567890",
    "1e400",
    "null",
    "true",
    '""',
    '"x"',
    '"a\\"]"',
    '"\\u00e9, ["',
    '"é😀"',
    "[]",
    "[1, [2]]",
    '{"c":{"a":1}}',
    "{}",
  );
  const key = fc.constantFrom("a", "a", "b", "c", "\\u0061");
  const object = fc
    .tuple(fc.array(fc.tuple(key, space, value, space), { maxLength: 4 }), space)
    .map(([members, inside]) => {
      const texts = members.map(
        ([name, before, text, behind]) => `${before}"${name}"${behind}:${before}${text}${behind}`,
      );
      return `{${inside}${texts.join(",")}}`;
    });
  const odd = fc.constantFrom(
    "1",
    "null",
    "[]",
    '[{"a":1}]',
    '"s"',
    "",
    "{",
    '{"a":1}}',
    "{'a':1}",
    '{"a":1 2}',
    '{"a":"\n"}',
    '{"a":"\\\n"}',
    '{"a":1e999}',
    "{\f}",
    '{"a":tru}',
    '{"a":01}',
    '{"a" 1}',
    '{"a":1,}',
    '{"a":[1}}',
  );

  test.each([
    ["objects", object],
    ["objects, seldom something else", fc.oneof({ weight: 9, arbitrary: object }, { weight: 1, arbitrary: odd })],
  ])("%s are what the decoder of whole values gives", (_, element) => {
    const padded = fc.tuple(space, element, space).map((parts) => parts.join(""));
    const many = fc.oneof({ weight: 19, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constant(400) });
    fc.assert(
      fc.property(
        fc.array(padded, { minLength: 1, maxLength: 8 }),
        many,
        fc.constantFrom(",", "]"),
        (texts, times, last) => {
          const bytes = Buffer.from(Array(times).fill(texts.join(",")).join(",") + last);
          const lines = jsonlDecoder(kernel, { replacesInvalid: false, reads: new Set(["a", "b"]) });
          expect(told(bytes, lines)).toEqual(told(bytes, undefined));
        },
      ),
      { seed: SEED, numRuns: 400 },
    );
  });
});

describe("a JSON array", () => {
  test.each([
    "[]",
    " [ ] ",
    "\n[\n]\n",
    '[{"a":1}]',
    '[{"a":1},{"a":2}]',
    ' [ { "a" : "],[" } ,\r\n {"b":[1,{"c":"\\\\"}],"d":"\\""} ] \n',
    '[{"é":"漢😀"},{"a":{"b":{}}},{}]',
  ])("%j reads alike however it is cut", (text) => {
    for (const walk of allWalks(Buffer.byteLength(text))) {
      expect(readArray(text, walk)).toEqual({ rows: JSON.parse(text) as unknown[], faults: [] });
    }
  });

  test("of random objects reads alike in random windows", () => {
    const object = fc.dictionary(fc.string({ unit: "binary", maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), {
      maxKeys: 3,
    });
    const walk = fc.record({
      window: fc.integer({ min: 1, max: 60 }),
      step: fc.integer({ min: 1, max: 60 }),
      maxRows: fc.constantFrom(1, 2, Infinity),
    });
    fc.assert(
      fc.property(fc.array(object, { maxLength: 6 }), fc.constantFrom(0, 1, "\t"), walk, (rows, indent, cuts) => {
        const text = JSON.stringify(rows, null, indent);
        fc.pre(!/\d{16}/.test(text));
        expect(readArray(text, cuts).rows).toEqual(JSON.parse(text) as unknown[]);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test("an element that is no object, or holds a number too large, fails alone with its line", () => {
    const text = '[{"a":1},\n2,\n{"n":1e999},\n[],null,"s",\n{"b":2}]';
    for (const walk of allWalks(text.length)) {
      expect(readArray(text, walk)).toEqual({
        rows: [{ a: 1 }, { b: 2 }],
        faults: ["row-json 2", "row-json 3", "row-json 4", "row-json 4", "row-json 4"],
      });
    }
  });

  test.each([
    ["text", "a,b\n1,2\n", "JSON has no value a"],
    ["a quoted header", "'a','b'\n", "no value begins with '"],
    ["a control character", "[\0]", "cannot read JSON: "],
    ["control characters as space", "\f{}", "no value begins with the byte 0x0c"],
    ["a comma between objects", '{"a":1},{"a":2}', "a comma stands between two values that are in no array"],
    ["a bracket too many", '{"a":1}}', "no value begins with }"],
    ["an object that is cut", '{"a":1}{"a":', "the file ends inside an object"],
    ["two commas", '[{"a":1},,{"a":2}]', "a comma has no value before it"],
    ["a comma first", '[ ,{"a":1}]', "a comma has no value before it"],
    ["a comma last", '[{"a":1}, ]', "the array ends with a comma"],
    ["no end", '[{"a":1},{"a":2}', "the file ends inside the array"],
    ["an open string", '[{"a":"1}]', "the file ends inside the array"],
    ["nothing behind the bracket", "[", "the file ends inside the array"],
    ["text behind it", '[{"a":1}] x', "JSON has no value x"],
    ["no comma", '[{"a":1}{"a":2}]', "cannot read JSON: "],
    ["brackets of two kinds", '[{"a":[1}}]', "cannot read JSON: "],
    ["a name without quotes", "[{a:1}]", "cannot read JSON: "],
  ])("with %s is an error of the run: %s", (_, text, message) => {
    const bytes = Buffer.from(text, "latin1");
    for (const walk of allWalks(bytes.length)) {
      let thrown: unknown;
      try {
        read(bytes, {
          splitter: jsonSplitter(MAX_ROW_BYTES),
          decoder: jsonDecoder(kernel, { replacesInvalid: false, maxRowBytes: MAX_ROW_BYTES }),
          ...walk,
        });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(RowmillError);
      expect((thrown as RowmillError).code).toBe("input");
      expect((thrown as RowmillError).message).toContain(message);
    }
  });

  test("bytes that are not UTF-8 fail their element alone, or are replaced", () => {
    const bytes = Buffer.from('[{"a":1},\n{"a":"\xff\xe9]"},\n{"a":1e999},{"a":2}]', "latin1");
    for (const walk of allWalks(bytes.length)) {
      for (const replacesInvalid of [false, true]) {
        const parts = {
          splitter: jsonSplitter(MAX_ROW_BYTES),
          decoder: jsonDecoder(kernel, { replacesInvalid, maxRowBytes: MAX_ROW_BYTES }),
        };
        expect(read(bytes, { ...parts, ...walk })).toEqual({
          rows: [{ a: 1 }, ...(replacesInvalid ? [{ a: "\uFFFD\uFFFD]" }] : []), { a: 2 }],
          faults: [...(replacesInvalid ? [] : ["row-encoding 2"]), "row-json 3"],
        });
      }
    }
  });

  test("with an element longer than --max-row-bytes is an error of the run", () => {
    const text = `[{"a":1},{"long":"${"x".repeat(100)}"},{"a":2}]`;
    expect(() => readArray(text, { window: 1, step: 10 }, 50)).toThrow("a row is longer than 50 bytes");
  });

  test("an element nested very deep is read or refused, and no crash", () => {
    const text = `[{"a":${"[".repeat(500_000)}${"]".repeat(500_000)}},{"b":1e1}]`;
    const { rows, faults } = readArray(text, { window: text.length, step: 1 }, 1 << 24);
    expect(rows.length + faults.length).toBe(2);
  });
});

function readLines(
  text: string,
  walk: { window: number; step: number; maxRows?: number },
  most: number = MAX_ROW_BYTES,
): Read {
  const parts = {
    splitter: jsonlSplitter(most),
    decoder: jsonlDecoder(kernel, { replacesInvalid: false, blockBytes: 16 }),
  };
  return read(Buffer.from(text, "latin1"), { ...parts, ...walk });
}

describe("JSONL", () => {
  test.each([
    ["blank lines, spaces and CR LF", '\n{"a":1}\r\n  \n\t\r\n{"a":2}\n\n', [{ a: 1 }, { a: 2 }], []],
    ["no line feed at the end", '{"a":1}\n{"a":2}', [{ a: 1 }, { a: 2 }], []],
    ["a line that is no JSON", '{"a":1}\n\n{"a":\n{"a":3}\n', [{ a: 1 }, { a: 3 }], ["row-json 3"]],
    [
      "lines that are no objects",
      '1\n[]\nnull\n"s"\n{}\n',
      [{}],
      ["row-json 1", "row-json 2", "row-json 3", "row-json 4"],
    ],
    [
      "a line that is not UTF-8",
      '\n{"a":1}\n\n{"a":"\xff"}\n{"a":"\xc3\xa9"}\n',
      [{ a: 1 }, { a: "é" }],
      ["row-encoding 4"],
    ],
    ["a number too large", '{"a":1e999}\n{"a":1e9}\n', [{ a: 1e9 }], ["row-json 1"]],
    ["a big integer", '{"a":12345678901234567890}\n', [{ a: 12345678901234567890n }], []],
    ["two objects on a line", '{} {}\n{"a":1}\n', [{ a: 1 }], ["row-json 1"]],
  ])("%s", (_, text, rows, faults) => {
    for (const walk of allWalks(text.length)) expect(readLines(text, walk)).toEqual({ rows, faults });
  });

  test("a line longer than --max-row-bytes fails alone, its line end not counted where it is missing", () => {
    const text = '{"a":1}\n{"long":"xxxxxxx"}\n{"b":12}';
    for (const walk of allWalks(text.length)) {
      expect(readLines(text, walk, 8)).toEqual({ rows: [{ a: 1 }, { b: 12 }], faults: ["row-too-long 2"] });
    }
  });

  test("a line nested very deep is read or fails alone", () => {
    const deep = `{"a":${"[".repeat(500_000)}${"]".repeat(500_000)}}`;
    const found = readLines(`{"b":1}\n${deep}\n{"b":2e0}\n`, { window: 2_000_000, step: 1 }, 1 << 24);
    expect(found.rows.length + found.faults.length).toBe(3);
    expect(found.rows.at(-1)).toEqual({ b: 2 });
  });
});

/** Rows within objects, from the outermost to the innermost. */
function wrapped(rows: unknown, places: readonly (readonly [string, string, object])[]): unknown {
  return places.reduceRight((inner, [name, place, others]) => {
    const rest = Object.entries(others).filter(([other]) => other !== name);
    const at = { first: 0, middle: rest.length >> 1, last: rest.length }[place];
    return Object.fromEntries(rest.toSpliced(at ?? 0, 0, [name, inner]));
  }, rows);
}

function readRecords(
  bytes: Uint8Array,
  records: string,
  walk: { window: number; step: number; maxRows?: number },
): Read {
  const path = recordsPath({ records }) ?? [];
  const splitter = new RecordsSplitter({ path, isGuessed: false }, MAX_ROW_BYTES);
  // What is kept for a run that goes on later is all that it knows.
  const kept: Splitter = {
    get state() {
      return splitter.state;
    },
    set state(state) {
      splitter.state = state;
    },
    split: (range) => splitter.split(range),
    accept: () => {
      splitter.accept();
      const { state } = splitter;
      splitter.state = state;
    },
  };
  return read(bytes, {
    splitter: kept,
    decoder: jsonDecoder(kernel, { replacesInvalid: false, maxRowBytes: MAX_ROW_BYTES }),
    ...walk,
  });
}

describe("rows of arrays within documents", () => {
  test.each([
    ["a", '{"a":[{"x":1},{"x":2}]}', [{ x: 1 }, { x: 2 }]],
    ["a", '{"b":{"a":[{"x":9}]},"c":[{"a":[{}]}],"a":[{"x":1}],"d":"}]\\"[{"}', [{ x: 1 }]],
    ["a", '{"a":[]} {"a":null}\n{"\\u0061":[{"x":1}]}', [{ x: 1 }]],
    ["a.b", '{"a":{"c":1,"b":[\n{"x":[1,2]},\r\n{"x":"]"}\n] }, "z":-1.5e3}', [{ x: [1, 2] }, { x: "]" }]],
    ['["a.b"].c', '{"a":{},"a.b":{"c":[{"x":1}]}}', [{ x: 1 }]],
    ["a[].b", '{"a":[{"b":[{"x":1}]},{"c":[0],"b":[{"x":2},{"x":3}]}]}', [{ x: 1 }, { x: 2 }, { x: 3 }]],
    ["a.*.r", '{"a":{"p":{"r":[{"x":1}]},"q":{"r":[{"x":2}]}}}', [{ x: 1 }, { x: 2 }]],
    ["[1]", '[[{"x":1}],[{"x":2}]]', [{ x: 2 }]],
    ["[].[]", '[[{"x":1}],[{"x":2}]]', [{ x: 1 }, { x: 2 }]],
    ["é漢", '{"é漢":[{"x":"😀"}],"b":[]}', [{ x: "😀" }]],
  ])("%s of %s, however it is cut", (records, text, rows) => {
    const bytes = Buffer.from(text);
    for (const walk of allWalks(bytes.length)) {
      expect(readRecords(bytes, records, walk)).toEqual({ rows, faults: [] });
    }
  });

  test("of random documents are those that JSON.parse has, in random windows", () => {
    const key = fc.constantFrom("a", "b", "c", "x y", "a.b", '"', "é", "\\");
    const value = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
    const rows = fc.array(fc.dictionary(key, value, { maxKeys: 3 }), { maxLength: 5 });
    const walk = fc.record({
      window: fc.integer({ min: 1, max: 60 }),
      step: fc.integer({ min: 1, max: 60 }),
      maxRows: fc.constantFrom(1, 2, Infinity),
    });
    const place = fc.tuple(key, fc.constantFrom("middle", "first", "last"), fc.dictionary(key, value, { maxKeys: 4 }));
    const documents = fc.array(rows, { minLength: 1, maxLength: 3 });
    const property = fc.property(
      documents,
      fc.array(place, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(0, 1, "\t"),
      walk,
      (all, places, indent, cuts) => {
        const text = all.map((some) => JSON.stringify(wrapped(some, places), null, indent)).join("\n");
        fc.pre(!/\d{16}/.test(text));
        const records = places.map(([name]) => `[${JSON.stringify(name)}]`).join("");
        expect(readRecords(Buffer.from(text), records, cuts)).toEqual({ rows: all.flat(), faults: [] });
      },
    );
    fc.assert(property, { seed: SEED, numRuns: 500 });
  });

  test.each([
    ["a", '{"b":1,"aa":[]}', "the document has no a"],
    ["a.b", '{"a":{"c":1}}', "a has no b"],
    ["a.b", '{"a":[1,2]}', "a has no b: it is an array of 2"],
    ["a", '{"a":"x"}', "a is a text, and no array"],
    ["a.*", '{"a":{"p":[{"x":1}],"q":[]}}', "a is an object, and no array"],
    ["a.b", '{"a":1}', "a is a number or a word: there is no b in it"],
    ["a", "5", "the document is a number or a word: there is no a in it"],
    ["a", '{"a":[{}],"a":[{}]}', "a is there twice"],
    ["a", '{"a":[{}]', "the file ends inside the document"],
    ["a", '{"a":[{}', "the file ends inside the array"],
    ["a", '{"b":"x', "the file ends inside the document"],
    ["a", '{"b" 1}', "a colon is missing behind a key"],
    ["a", '{"b":1 "a":[]}', "a comma or a bracket is missing behind a value"],
    ["a", '{"b":,"a":[]}', "a value is missing"],
    ["a", "{b:1}", "a key is missing in an object"],
    ["a", '{"a":[{}]]', "a comma or a bracket is missing behind a value"],
  ])("%s of %s is an error of the run: %s", (records, text, message) => {
    for (const walk of allWalks(text.length)) {
      expect(() => readRecords(Buffer.from(text), records, walk)).toThrow(message);
    }
  });

  test.each([
    ['{"a":[{"x":1}],"b":2}', "a"],
    ['{"a":{"b":[1,2],"c.d":[ {"x":[{"y":1}]}]}}', 'a["c.d"]'],
    ['{"a":[{"x":1}],"b":[{}]}', undefined],
    ['{"a":[1],"b":[[{}]]}', undefined],
    ['{"a":[{"x":1}]} {"a":[{"x":1}]}', undefined],
    ['[{"x":1}]', undefined],
    ['{"a":[{"x":1}]', "a"],
    ['{"a":[{"x":1}]}}', undefined],
  ])("%s: the only array of objects is %p", (text, path) => {
    expect(foundRecords(Buffer.from(text), true).settings?.["records"]).toBe(path);
  });
});
