/** What `--types` and `--null` make of the text of a field. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RowmillError } from "../../src/errors.ts";
import type { Row } from "../../src/formats/format.ts";
import { FIELD_TYPES, type FieldType, nullReader, readField } from "../../src/fields/typed-fields.ts";
import { typedRows } from "../../src/fields/typed-rows.ts";
import { typingOf } from "../../src/fields/typing.ts";
import { slowReadField } from "./slow-typed-fields.ts";

describe("readField()", () => {
  test.each<[FieldType, string, unknown]>([
    ["string", " 0123 ", " 0123 "],
    ["string", "", ""],
    ["int", "1815", 1815],
    ["int", " -42 ", -42],
    ["int", "+7", 7],
    ["int", "007", 7],
    ["int", "9007199254740991", 9007199254740991],
    ["int", "9007199254740992", undefined],
    ["int", "1.0", undefined],
    ["int", "1e3", undefined],
    ["int", "0x10", undefined],
    ["int", "1_000", undefined],
    ["int", "", undefined],
    ["int", "٣", undefined],
    ["number", "1e3", 1000],
    ["number", "-.5", -0.5],
    ["number", "5.", 5],
    ["number", "1e-400", 0],
    ["number", "1e999", undefined],
    ["number", "Infinity", undefined],
    ["number", "NaN", undefined],
    ["number", "0x10", undefined],
    ["number", "1,5", undefined],
    ["number", "1 2", undefined],
    ["number", " ", undefined],
    ["number", "", undefined],
    ["boolean", "true", true],
    ["boolean", "FALSE", false],
    ["boolean", "1", true],
    ["boolean", "0", false],
    ["boolean", "yes", undefined],
    ["boolean", "", undefined],
    ["date", "2017-05-26", new Date("2017-05-26")],
    ["date", "2017-05-26T12:30:00Z", new Date(Date.UTC(2017, 4, 26, 12, 30))],
    ["date", "2017-05-26T12:30:00+02:00", new Date(Date.UTC(2017, 4, 26, 10, 30))],
    ["date", "2017-05-26T12:30:00.250Z", new Date(Date.UTC(2017, 4, 26, 12, 30, 0, 250))],
    ["date", "2017-05-26T12:30:00", new Date(Date.UTC(2017, 4, 26, 12, 30))],
    ["date", "2017-05-26T12:30", new Date(Date.UTC(2017, 4, 26, 12, 30))],
    ["date", "2017-05-26T12:30:00,25-0330", new Date(Date.UTC(2017, 4, 26, 16, 0, 0, 250))],
    ["date", "2017-05-26T12:30:00.1230000Z", new Date(Date.UTC(2017, 4, 26, 12, 30, 0, 123))],
    ["date", "2017-05-26T12:30:00.1234Z", undefined],
    ["date", "2017-05-26T12:30.5Z", undefined],
    ["date", "2017-05-26T24:00:00Z", new Date(Date.UTC(2017, 4, 27))],
    ["date", "2017-05-26T24:00:01Z", undefined],
    ["date", "2016-12-31T23:59:60Z", undefined],
    ["date", "2017-05-26T12:30:00+24:00", undefined],
    ["date", "2017", new Date("2017-01-01")],
    ["date", "0000-02-29", new Date("0000-02-29")],
    ["date", "-000044-03-15", new Date("-000044-03-15")],
    ["date", "+012017-05-26", new Date("+012017-05-26")],
    ["date", "-0400-03-15", undefined],
    ["date", "+2017-05-26", undefined],
    ["date", "012017-05-26", undefined],
    ["date", "-000000-01-01", undefined],
    ["date", "+275760-09-14", undefined],
    ["date", "2017-13-01", undefined],
    ["date", "2017-02-30", undefined],
    ["date", "2016-02-29", new Date("2016-02-29")],
    ["date", "26.05.2017", undefined],
    ["date", "05/26/2017", undefined],
    ["date", "yesterday", undefined],
    ["bigint", "12345678901234567890", 12345678901234567890n],
    ["bigint", "+1", 1n],
    ["bigint", "-1", -1n],
    ["bigint", "1.5", undefined],
    ["bigint", "0x10", undefined],
    ["bigint", "", undefined],
    ["json", '{"a":[1]}', { a: [1] }],
    ["json", "12345678901234567890", 12345678901234567890n],
    ["json", "{a:1}", undefined],
    ["json", "1e999", undefined],
  ])("reads as %s %j", (type, text, value) => {
    expect(readField(text, type)).toEqual(value);
  });
});

/** Reads a row as `--types` says. */
function readRow(types: Record<string, FieldType>, row: Row): Row {
  typedRows(typingOf({ types, dataTypes: {}, uses: new Map() }), {
    isText: true,
    mayLack: () => true,
    handingOn: undefined,
    lostWords: [],
    looksAt: undefined,
  }).read(row);
  return row;
}

describe("rows with typed fields", () => {
  test("are read in place; an empty field is missing, an empty string stays", () => {
    expect(readRow({ n: "int", empty: "number", text: "string" }, { n: "5", empty: "", text: "", other: "7" })).toEqual(
      {
        n: 5,
        empty: undefined,
        text: "",
        other: "7",
      },
    );
  });

  test("leave absent columns absent, and values that are no text as they are", () => {
    const row = readRow({ n: "int", toString: "int", __proto__: "int" } as Record<string, FieldType>, { n: 5 });
    expect(row).toEqual({ n: 5 });
    expect(Object.keys(row)).toEqual(["n"]);
  });

  test("a column called __proto__ is read like any other", () => {
    const row = readRow(Object.fromEntries([["__proto__", "int"]]), Object.fromEntries([["__proto__", "5"]]) as Row);
    expect(Object.entries(row)).toEqual([["__proto__", 5]]);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });

  test("name the column, the text and what was wanted", () => {
    let thrown: unknown;
    try {
      readRow({ born: "int" }, { born: "18 15" });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(RowmillError);
    const { code, message, place } = thrown as RowmillError;
    expect(code).toBe("row-type");
    expect(message).toBe('column born holds "18 15", wanted a whole number between ±(2^53−1)');
    expect(place?.column).toBe("born");
  });
});

test("nullReader() turns the text that stands for null into null, and no other", () => {
  const row: Row = { a: "NA", b: "", c: "na", d: "NA " };
  nullReader(["NA"])(row);
  expect(row).toEqual({ a: null, b: "", c: "na", d: "NA " });
});

const digits = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from("00123456789")), maxLength });

describe("reading by characters is the same as by patterns:", () => {
  const decimal = fc
    .tuple(fc.constantFrom("", "", "-", "+"), digits(17), fc.constantFrom("", ".", "."), digits(9))
    .map((parts) => parts.join(""));
  const two = fc.nat(62).map((value) => String(value).padStart(2, "0"));
  const someYear = fc.oneof(
    fc.integer({ min: 1890, max: 2110 }).map(String),
    digits(6),
    digits(6).map((year) => `+${year}`),
  );
  const date = fc
    .tuple(
      someYear,
      two,
      two,
      two,
      two,
      two,
      digits(4),
      fc.constantFrom("", "Z", "+01:00", "-0330", "+24:00", "z", "T"),
    )
    .chain(([y, month, day, hour, minute, second, millis, zone]) =>
      fc.constantFrom(
        `${y}-${month}-${day}`,
        `${y}-${month}-${day}T${hour}:${minute}:${second}${zone}`,
        `${y}-${month}-${day}T${hour}:${minute}:${second}.${millis}${zone}`,
        `${y}-0${month.slice(1)}-2${day.slice(1)}T1${hour.slice(1)}:${minute}:${second}.${millis.slice(0, 3)}${zone}`,
        `${y}/${month}-${day}`,
        `${y}-${month}-${day} ${hour}:${minute}:${second}Z`,
      ),
    );
  const written = fc.oneof(fc.double(), fc.integer(), fc.double({ min: -1000, max: 1000 })).map(String);
  const scraps = fc.string({
    unit: fc.constantFrom(...Array.from("0159.-+eETZ: /tf"), "\u0660", "\u00a0"),
    maxLength: 12,
  });
  const word = fc.constantFrom(
    "true",
    "FALSE",
    "False",
    " 1",
    "0 ",
    "yes",
    "",
    " ",
    "tRuE",
    "null",
    "[1]",
    " {} ",
    "-",
    ".",
  );
  const text = fc
    .tuple(fc.oneof(decimal, date, written, scraps, word), fc.constantFrom("", "", "", " ", "\t"))
    .chain(([body, blank]) => fc.constantFrom(body, blank + body, body + blank));

  test("every type", () => {
    fc.assert(
      fc.property(text, (given) => {
        for (const type of FIELD_TYPES) {
          expect([given, type, readField(given, type)]).toEqual([given, type, slowReadField(given, type)]);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  test("the ends of all months of two centuries, and days that there are not", () => {
    for (let year = 1899; year <= 2101; year++) {
      for (let month = 0; month <= 13; month++) {
        for (const day of [0, 1, 28, 29, 30, 31, 32]) {
          const given = `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
          const [fast, slow] = [readField(given, "date"), slowReadField(given, "date")] as (Date | undefined)[];
          if (fast?.getTime() !== slow?.getTime()) expect([given, fast]).toEqual([given, slow]);
        }
      }
    }
  });
});
