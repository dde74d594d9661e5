/** How rows of JSON were spelled, and how what is handed on of them is written. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { inputOrder } from "../../src/formats/columns.ts";
import { SpelledRow, mayBeSpelled, spellingOf } from "../../src/formats/values/spelling.ts";
import { parseJson, stringifyJson } from "../../src/formats/values/json.ts";
import type { ObjectSpelling } from "../../src/formats/values/spelling-tree.ts";

/** A row written again, as it came. */
function again(text: string): string {
  const row = parseJson(text, () => false);
  const spelling = spellingOf(text);
  return spelling === undefined ? stringifyJson(row) : new SpelledRow(Object(row), spelling).json(row, spelling);
}

describe("spellingOf()", () => {
  test.each([
    '{"a":1.0}',
    '{"a":[1.50,{"b":-0}],"c":1E5}',
    '{"a":0.1234567890123456789,"b":1e-400,"c":1e999,"d":-1E+999}',
    '{"a":12345678901234567890,"b":1e21}',
    '{"b":1,"0":2,"a":{"y":1,"7":2,"x":3},"1":[{"c":1,"3":2}]}',
    '{"":1.0,"__proto__":2.0,"a\\"b":3.0}',
  ])("%s is written as it came", (text) => {
    expect(again(text)).toBe(text);
    expect(again(text.replaceAll(/([[{,:\]}])/g, " $1\n "))).toBe(text);
  });

  test.each(['{"a":1}', '{"a":"1.0","b":"1e5"}', '{"a":-0.5,"b":12345678901234567890,"c":1e+21}', "{}"])(
    "%s has none",
    (text) => {
      expect(spellingOf(text)).toBeUndefined();
    },
  );

  test("is that of the last one where a key is there twice", () => {
    expect(again('{"a":1.0,"b":2,"a":3.50}')).toBe('{"a":3.50,"b":2}');
    expect(again('{"a":1.0,"a":3}')).toBe('{"a":3}');
  });

  test("is found in every text that JSON.stringify would spell otherwise", () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.tuple(fc.integer(), fc.nat(), fc.integer({ min: -9, max: 9 })).map(([a, b, e]) => `${a}.${b}e${e}`),
      fc.tuple(fc.integer(), fc.nat()).map(([a, b]) => `${a}.${b}`),
    );
    fc.assert(
      fc.property(number, fc.constantFrom("", " ", "\n"), (text, space) => {
        const json = `{"a":${space}${text}${space}}`;
        expect(again(json)).toBe(`{"a":${text}}`);
        if (stringifyJson(parseJson(json)) !== `{"a":${text}}`) expect(mayBeSpelled(json)).toBe(true);
      }),
      { seed: 20170526, numRuns: 2000 },
    );
  });
});

describe("SpelledRow", () => {
  const text = '{"a":1.0,"b":[2.50,3],"c":{"5":1,"d":1e2}}';
  const spelling = spellingOf(text) ?? { kind: "object", keys: undefined, parts: new Map() };
  const row = new SpelledRow(Object(parseJson(text)), spelling);
  const spelledJson = (value: unknown, expected: ObjectSpelling): string => row.json(value, expected);

  test("writes what is known to be a part of the row so", () => {
    expect(spelledJson({ b: [2.5, 1], a: 1, e: 1 }, spelling)).toBe('{"b":[2.50,1],"a":1.0,"e":1}');
    expect(spelledJson({ a: 2, c: { d: 100, 5: 2 } }, spelling)).toBe('{"a":2,"c":{"5":2,"d":1e2}}');
    expect(spelledJson({ c: { d: 1, e: 100 }, a: "1.0" }, spelling)).toBe('{"c":{"d":1,"e":1e2},"a":"1.0"}');
  });

  test("fails for what has no form, and asks what has one of its own", () => {
    expect(() => spelledJson({ a: 1, f: () => 1 }, spelling)).toThrow(TypeError);
    expect(() => spelledJson({ a: Number.NaN }, spelling)).toThrow(TypeError);
    expect(spelledJson({ a: { toJSON: () => 1 }, b: new Date(0) }, spelling)).toBe(
      '{"a":1,"b":"1970-01-01T00:00:00.000Z"}',
    );
    expect(spelledJson({ a: 1, u: undefined, big: 1n }, spelling)).toBe('{"a":1.0,"big":1}');
  });

  test("does not take a computed number for one of the row that has its value", () => {
    const known = new SpelledRow(Object(parseJson(text)), spelling, new Set(["n"]));
    expect(known.json({ n: 2.5, other: 2.5 }, spelling)).toBe('{"n":2.5,"other":2.50}');
  });

  test("does not guess where the row has a value in two spellings", () => {
    const twice = '{"a":1.0,"b":1,"c":2.0,"d":2.00}';
    const own = spellingOf(twice) ?? { kind: "object", keys: undefined, parts: new Map() };
    const known = new SpelledRow(Object(parseJson(twice)), own);
    expect(known.json({ x: 1, y: 2, a: 1, b: 1 }, own)).toBe('{"x":1,"y":2,"a":1.0,"b":1}');
  });

  test("cells are texts where they were handed on", () => {
    expect(row.cells({ a: 1, b: [2.5, 4], c: 5 }, spelling)).toEqual({ a: "1.0", b: "[2.50,4]", c: 5 });
  });
});

describe("inputOrder()", () => {
  test.each([
    [
      ["0", "1", "a", "b"],
      ["a", "1", "b", "0"],
      ["a", "1", "b", "0"],
    ],
    [
      ["5", "0", "x", "a"],
      ["a", "0"],
      ["x", "a", "0", "5"],
    ],
    [
      ["0", "x", "a"],
      ["0", "a"],
      ["x", "0", "a"],
    ],
    [["7", "a"], ["a"], ["7", "a"]],
    [
      ["0", "1", "x"],
      ["1", "0"],
      ["1", "0", "x"],
    ],
    [
      ["b", "a"],
      ["a", "0", "b"],
      ["b", "a"],
    ],
  ])("%j of %j is %j", (keys, input, wanted) => {
    expect(
      inputOrder(
        keys.toSorted((a, b) => Number(/\D/.test(a)) - Number(/\D/.test(b))),
        input,
      ),
    ).toEqual(wanted);
  });
});
