import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ColumnSample, ColumnTexts, isDataNumber, typeOfTexts } from "../../src/fields/data-types.ts";

function typeOf(...texts: string[]): string {
  const sample = new ColumnSample();
  for (const text of texts) sample.add(text);
  return sample.type;
}

describe("isDataNumber()", () => {
  test.each([
    "0",
    "1",
    "-1",
    "+1",
    "+123456",
    "+1234567.5",
    "12.80",
    "5.0",
    "0.5",
    ".5",
    "-.5",
    " 5",
    "5 ",
    "123456789012345",
    "9007199254740991",
  ])("%s is one", (text) => expect(isDataNumber(text)).toBe(true));
  test.each(["0.1234567890123456", "59.91386879999999", "0.30000000000000004", "100.00000000000000"])(
    "%s is one: a double is written so",
    (text) => expect(isDataNumber(text)).toBe(true),
  );
  test.each([
    "",
    " ",
    "007",
    "-01",
    "00.5",
    "1e5",
    "1E5",
    "5.",
    ".",
    "-",
    "0x10",
    "1,5",
    "1_000",
    "NaN",
    "Infinity",
    "९",
    "+4915123456",
    "+1234567",
    " +1234567 ",
  ])("%p is none", (text) => expect(isDataNumber(text)).toBe(false));
  test.each(["12345678901234567890", "9007199254740993", "3.14159265358979323846", "0.10000000000000001"])(
    "%s has more digits than a double holds",
    (text) => expect(isDataNumber(text)).toBe(false),
  );
});

describe("a column", () => {
  test.each([
    ["number", ["1", "2.50", "-3"]],
    ["number", ["1", "", "2"]],
    ["text", ["1", "n/a"]],
    ["text", ["01", "2"]],
    ["text", ["1e5", "2"]],
    ["empty", ["", ""]],
    ["empty", []],
    ["boolean", ["true", "false", ""]],
    ["boolean", ["TRUE", "TRUE"]],
    ["text", ["true", "FALSE"]],
    ["text", ["true", "1"]],
    ["text", ["yes", "no"]],
    ["number", ["1", "0"]],
  ] as const)("is %s: %p", (type, texts) => expect(typeOf(...texts)).toBe(type));
});

test("a column at once is what its fields are one by one", () => {
  const field = fc.oneof(
    fc.constantFrom(
      "",
      " ",
      "-1",
      "+5",
      "007",
      "0.5",
      ".5",
      "5.",
      "1e5",
      "true",
      "false",
      "TRUE",
      "12.80",
      " 12 ",
      "\t3",
    ),
    fc.constantFrom("1\n", "1\n2", "\n", "1\u20282", "1\r", "1234567890123456", "+4915123456", "9007199254740993"),
    fc.string({ maxLength: 4 }),
    fc.integer().map(String),
    fc.double().map(String),
  );
  fc.assert(
    fc.property(fc.array(field, { maxLength: 6 }), (texts) => {
      const type = typeOfTexts(texts);
      const plain: Record<string, string> = { whole: "number", "true or false": "boolean" };
      expect(typeof type === "object" ? "text" : (plain[type] ?? type)).toBe(typeOf(...texts));
    }),
    { numRuns: 5000 },
  );
});

test("texts one after another are what they are together", () => {
  const field = fc.oneof(
    fc.constantFrom(
      "",
      "1",
      "-2",
      "12.5",
      "007",
      "1e5",
      "true",
      "false",
      "TRUE",
      "False",
      "NA",
      "null",
      "x",
      "+4915123456",
    ),
    fc.string({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(field, { maxLength: 7 }), (texts) => {
      const column = new ColumnTexts();
      for (const text of texts) column.add(text);
      expect(column.type).toEqual(typeOfTexts(texts));
    }),
    { numRuns: 5000 },
  );
});

describe("columns of texts that most likely are meant as something else", () => {
  test.each([
    [["1", "NA", "2"], { looksLike: "numbers", but: "NA" }],
    [["", "n/a", "12.5"], { looksLike: "numbers", but: "n/a" }],
    [["1e5", "2"], { looksLike: "numbers", but: "1e5" }],
    [["2", "1e5"], { looksLike: "numbers", but: "1e5" }],
    [["12", "007"], { looksLike: "numbers", but: "007" }],
    [["true", "False"], { looksLike: "booleans", but: "False" }],
    [["true", "false", "n/a"], { looksLike: "booleans", but: "n/a" }],
    [["NA", ""], "text"],
    [["1", "x"], "text"],
    [["+4915123456", "1"], "text"],
    [["12345678901234567890", "1"], "text"],
    [["true", "1"], "text"],
  ])("%j", (texts, type) => expect(typeOfTexts(texts) as unknown).toEqual(type));
});
