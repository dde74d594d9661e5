/** Tables in shared memory hold what a plain map of rows holds. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { NONE } from "../../src/formats/indexed/key-arrays.ts";
import { keyText } from "../../src/tables/key-index.ts";
import { TableReader, copyOfTable } from "../../src/tables/packed-table.ts";
import { TableBuilder, type TableSetup } from "../../src/tables/table-builder.ts";

const SETUP: TableSetup = {
  file: "t.csv",
  keys: ["k"],
  holds: "keyless",
  form: "text",
  delimiter: ",",
  isUnique: false,
  nullTexts: undefined,
  isTypedByData: () => true,
};

const field = fc.oneof(
  fc.constantFrom("", "a", '"', '""', ",", "a,b", 'q"', "\n", "\r", "é", "😀", "\0", ";", "\t", "007", "1"),
  fc.string({ unit: "binary", maxLength: 6 }).map((text) => text.toWellFormed()),
);
/** Few keys come often, many once. */
const key = fc.oneof(field, fc.integer({ min: 0, max: 5000 }).map(String));
const rows = fc.array(fc.record({ k: key, a: field, b: field }), { maxLength: 60 });

function found(reader: TableReader, text: string): string[][] {
  const all: string[][] = [];
  for (let row = reader.find(text); row !== NONE; row = reader.next(row)) all.push(reader.fields(row));
  return all;
}

test("rows are found by their keys, in their order, in any thread's memory", () => {
  const property = fc.property(rows, fc.constantFrom(",", ";", "\t", "é"), fc.array(key), (all, delimiter, others) => {
    const builder = new TableBuilder({ ...SETUP, delimiter }, ["k", "a", "b"], "text");
    for (const [at, row] of all.entries()) builder.add(row, undefined, at + 2);
    const { packed } = builder.take();
    for (const table of [packed, copyOfTable(packed)]) {
      const reader = new TableReader(table);
      for (const text of [...all.map(({ k }) => k), ...others]) {
        if (text === "") continue;
        expect(found(reader, text)).toEqual(all.filter(({ k }) => k === text).map(({ a, b }) => [a, b]));
      }
    }
  });
  fc.assert(property, { numRuns: 500 });
});

test("so they are when there are many", () => {
  const builder = new TableBuilder(SETUP, ["k", "a"], "text");
  const count = 50_000;
  for (let at = 0; at < count; at++) builder.add({ k: `key ${at % 40_000}`, a: String(at) }, undefined, at);
  const reader = new TableReader(builder.take().packed);
  for (let at = 0; at < 40_000; at += 7)
    expect(found(reader, `key ${at}`)).toEqual(at < 10_000 ? [[`${at}`], [`${at + 40_000}`]] : [[`${at}`]]);
  expect(reader.find("key 40000")).toBe(NONE);
});

describe("the text of a key of several columns", () => {
  test("is another one for other fields", () => {
    const fields = fc.array(field, { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(fields, fields, (one, other) => {
        const isSame = one.every((text, at) => text === other[at]);
        const [a, b] = [keyText(one), keyText(other)];
        if (one.includes("")) expect(a).toBeUndefined();
        else expect(a === b).toBe(isSame);
      }),
    );
    expect(keyText(["1:a", "b"])).not.toBe(keyText(["1", ":ab"]));
  });
});

function build(form: TableSetup["form"]): TableReader {
  const builder = new TableBuilder({ ...SETUP, form }, undefined, "typed");
  builder.add({ k: 1, a: "x" }, undefined, 1);
  builder.add({ k: "two", b: [1, { c: null }], a: null }, undefined, 2);
  builder.add({ k: null, z: 3 }, undefined, 3);
  return new TableReader(builder.take().packed);
}

describe("a table of JSON", () => {
  test("holds values, where rows do; columns come as they are met", () => {
    const reader = build("json");
    expect(reader.table.columns).toEqual(["a", "b"]);
    expect(reader.values(reader.text(reader.find("1")))).toEqual(["x", null]);
    expect(reader.values(reader.text(reader.find("two")))).toEqual([null, [1, { c: null }]]);
  });

  test("holds texts, where rows do, of all columns", () => {
    const reader = build("text");
    expect(reader.fields(reader.find("1"))).toEqual(["x", ""]);
    expect(reader.fields(reader.find("two"))).toEqual(["", '[1,{"c":null}]']);
  });
});
