import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import assert from "node:assert/strict";

import { parse } from "../../../src/csv/parse.ts";
import { quoteField } from "../../../src/csv/quote-field.ts";
import { stringify } from "../../../src/csv/stringify.ts";

describe("quoteField()", () => {
  test.each([
    ["", ""],
    ["a b", "a b"],
    ["a;b", "a;b"],
    ["a,b", '"a,b"'],
    ['a"b"', '"a""b"""'],
    ["a\nb", '"a\nb"'],
    ["a\rb", '"a\rb"'],
  ])("writes %j as %j", (text, written) => {
    expect(quoteField(text, ",", '"')).toBe(written);
  });

  test("takes any delimiter and quote", () => {
    expect(quoteField("a::b", "::", "$")).toBe("$a::b$");
    expect(quoteField("a:", "::", "$")).toBe("$a:$");
    expect(quoteField(":a", "::", "$")).toBe(":a");
    expect(quoteField("a$b", "::", "$")).toBe("$a$$b$");
    expect(quoteField("a,b", ",", "")).toBe("a,b");
  });
});

describe("stringify()", () => {
  test("stringify() writes records by columns, paths and headers", () => {
    const data = [
      { a: 1, deep: { list: ["x", "y"] } },
      { a: 2, deep: null },
    ];
    const columns = ["a", ["deep", "list", 1], { prop: ["deep", "list", 0], header: "first" }, { prop: "a" }] as const;
    expect(stringify(data, { columns })).toBe("a,1,first,a\r\n1,y,x,1\r\n2,,,2\r\n");
    expect(stringify(data, { columns, headers: false, crlf: false })).toBe("1,y,x,1\n2,,,2\n");
  });

  test("stringify() writes arrays, whole or by index", () => {
    expect(
      stringify([
        [1, 2],
        [3, 4],
      ]),
    ).toBe("1,2\r\n3,4\r\n");
    expect(stringify([["a", "b"]], { columns: [1] })).toBe("1\r\nb\r\n");
  });

  test("stringify() writes the header alone when there are no rows", () => {
    expect(stringify([], { columns: ["a", "b"] })).toBe("a,b\r\n");
    expect(stringify([])).toBe("");
  });

  test("stringify() writes each kind of value", () => {
    const values = [null, undefined, true, 10n, 1e21, new Date(0), { a: 1 }, [1, "x"], Symbol("s")];
    expect(stringify([values])).toBe(',,true,10,1e+21,1970-01-01T00:00:00.000Z,"{""a"":1}","[1,""x""]",Symbol(s)\r\n');
  });

  test("stringify() writes a sparse array with all its fields", () => {
    const row: unknown[] = [];
    row[2] = "c";
    expect(stringify([row])).toBe(",,c\r\n");
  });

  test("stringify() quotes a lone CR", () => {
    expect(stringify([["a\rb", "c"]])).toBe('"a\rb",c\r\n');
  });

  test("stringify() writes what a record holds, and not what every object has", () => {
    const record = JSON.parse('{"__proto__": "own"}') as object;
    expect(stringify([record, {}], { columns: ["__proto__", "toString"], crlf: false })).toBe(
      "__proto__,toString\nown,\n,\n",
    );
    class Person {
      get name(): string {
        return "Ada";
      }
    }
    expect(stringify([new Person()], { columns: ["name"], headers: false })).toBe("Ada\r\n");
  });

  test("stringify() puts a byte-order mark first when asked to", () => {
    expect(stringify([["a"]], { bom: true })).toBe("\ufeffa\r\n");
  });

  test("stringify() throws on a record when there are no columns", () => {
    expect(() => stringify([{ a: 1 }])).toThrow(TypeError);
  });

  test("stringify() throws on a property accessor of an array that is no number", () => {
    expect(() => stringify([["a"]], { columns: ["a"] })).toThrow('is not of type "number"');
  });

  test.each(['"', "\r\n", 'a"', "a\r\nb"])("stringify() throws on the separator %j", (separator) => {
    expect(() => stringify([["a"]], { separator })).toThrow(TypeError);
  });

  test("parse() reads back what stringify() wrote", () => {
    const field = fc.string({
      unit: fc.constantFrom("a", "é", " ", ",", ":", '"', "\n", "\r", "\ufeff"),
      maxLength: 5,
    });
    // A row of one empty field is an empty line, which is no row.
    const row = fc.array(field, { minLength: 1, maxLength: 4 }).filter((fields) => fields.join() !== "");
    const rows = fc.array(row, { maxLength: 4 });
    fc.assert(
      fc.property(rows, fc.constantFrom(",", "::", "\t"), fc.boolean(), (data, separator, crlf) => {
        expect(parse(stringify(data, { separator, crlf, bom: true }), { separator })).toEqual(data);
      }),
      { numRuns: 2000 },
    );
  });

  test("the examples of stringify() hold", () => {
    const data = [{ name: { first: "Ada", last: "Lovelace" }, born: 1815 }];
    const columns = [["name", "first"], { prop: "born", header: "year of birth" }];
    assert.equal(stringify(data, { columns }), "first,year of birth\r\nAda,1815\r\n");

    const rows = [
      ["a", "b,c"],
      [1, null],
    ];
    assert.equal(stringify(rows, { crlf: false }), 'a,"b,c"\n1,\n');
  });
});
