/** Which output columns a first row stands for. */
import { describe, expect, test } from "bun:test";
import { checkKeys, columnsOfFirstRow, sameColumns } from "../../src/formats/columns.ts";

describe("columnsOfFirstRow()", () => {
  test.each<[string, Record<string, unknown>, string[] | undefined, string[]]>([
    ["its keys, in their order", { b: 1, a: 2 }, ["x"], ["b", "a"]],
    ["its keys, where the input has no header", { b: 1, a: 2 }, undefined, ["b", "a"]],
    ["its keys, when it holds all of the input's", { c: 1, b: 2, a: 3 }, ["a", "b"], ["c", "b", "a"]],
    ["a column called 0 does not move", { 0: "z", name: "n", 7: "s" }, ["name", "0"], ["name", "0", "7"]],
    ["new integer-like keys come behind", { 1: "new", name: "n" }, ["name"], ["name", "1"]],
    ["undefined values are columns too", { a: undefined, b: 1 }, ["a"], ["a", "b"]],
    ["inherited names do not count as held", { a: 1 }, ["toString"], ["a"]],
    ["an input without columns", { a: 1 }, [], ["a"]],
    ["no keys at all", {}, ["a"], []],
  ])("%s", (_, row, input, columns) => {
    expect(columnsOfFirstRow(row, input)).toEqual(columns);
  });

  test("the input's columns come first where a schema gave it all of them", () => {
    expect(columnsOfFirstRow({ c: 1, b: 2, a: 3 }, ["a", "b"], { isOfSchema: true })).toEqual(["a", "b", "c"]);
    expect(columnsOfFirstRow({ c: 1, b: 2 }, ["a", "b"], { isOfSchema: true })).toEqual(["c", "b"]);
  });

  test("the input's columns are all there where its row is too short for some", () => {
    expect(columnsOfFirstRow({ c: 1, a: 3 }, ["a", "b"], { absent: new Set(["b"]) })).toEqual(["a", "b", "c"]);
  });

  test("__proto__ is a column like any other", () => {
    const row = Object.fromEntries([
      ["a", 1],
      ["__proto__", 2],
    ]);
    expect(columnsOfFirstRow(row, ["__proto__", "a"])).toEqual(["a", "__proto__"]);
  });
});

test("checkKeys() takes missing keys, and new ones only when they are undefined", () => {
  const columns = new Set(["a", "b"]);
  expect(() => checkKeys({}, columns)).not.toThrow();
  expect(() => checkKeys({ b: 1, c: undefined }, columns)).not.toThrow();
  expect(() => checkKeys({ a: 1, c: null }, columns)).toThrow("has not: c");
});

test("sameColumns() minds the order", () => {
  expect(sameColumns(["a", "b"], ["a", "b"])).toBe(true);
  expect(sameColumns(["a", "b"], ["b", "a"])).toBe(false);
  expect(sameColumns(["a"], ["a", "b"])).toBe(false);
  expect(sameColumns([], [])).toBe(true);
});
