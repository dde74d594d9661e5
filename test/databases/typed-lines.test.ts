/** Lines in which fields show what they are: what is written is what is read. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { PLAIN_CSV } from "../../src/formats/text/output-dialect.ts";
import { databaseWriter } from "../../src/formats/typed-lines.ts";
import { FieldText } from "../../src/formats/values/field-text.ts";
import { ColumnKinds, isWhole64 } from "../../src/databases/column-kinds.ts";
import { type FieldKind, TypedFields } from "../../src/databases/typed-fields.ts";

type Field = [kind: FieldKind, text: string];

function linesOf(columns: readonly string[], rows: readonly Record<string, unknown>[]): string {
  const { encode } = databaseWriter().encoder({ format: "sqlite", dialect: PLAIN_CSV }, columns);
  return rows.map((row) => String(encode(row))).join("");
}

function fieldsOf(text: string): Field[][] {
  const fields = new TypedFields(text);
  const rows: Field[][] = [];
  while (fields.next()) rows.push(fields.kinds.map((kind, at) => [kind, fields.texts[at] ?? ""]));
  return rows;
}

type Case = [value: unknown, field: Field];

const text = fc.string({ unit: fc.constantFrom("a", "é", "😀", '"', ",", "\n", "\r", "{", "1", "Z", "\0") });
const nested = fc.jsonValue().filter((one) => typeof one === "object" && one !== null);
const value = fc.oneof(
  fc.constantFrom<Case>([null, ["null", ""]], [undefined, ["null", ""]]),
  text.map((one): Case => [one, ["text", one]]),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((one): Case => [one, ["number", String(one)]]),
  fc.bigInt().map((one): Case => [one, ["number", String(one)]]),
  fc.boolean().map((one): Case => [one, ["boolean", String(one)]]),
  fc.date({ noInvalidDate: true }).map((one): Case => [one, ["date", one.toISOString()]]),
  nested.map((one): Case => [one, ["json", JSON.stringify(one)]]),
  fc.constantFrom<Case>(
    [new FieldText("1.50", 1.5), ["number", "1.50"]],
    [new FieldText(" +1 ", 1), ["number", "1"]],
    [new FieldText("TRUE", true), ["boolean", "true"]],
    [new FieldText("", undefined), ["null", ""]],
    [new FieldText("0x10", 16), ["number", "16"]],
  ),
);

test("what is written is what is read", () => {
  const rows = fc
    .integer({ min: 1, max: 5 })
    .chain((width) => fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1 }));
  fc.assert(
    fc.property(rows, (given) => {
      const columns = (given[0] ?? []).map((_, at) => `c${at}`);
      const objects = given.map((row) => Object.fromEntries(row.map(([one], at) => [`c${at}`, one])));
      expect(fieldsOf(linesOf(columns, objects))).toEqual(given.map((row) => row.map(([, field]) => field)));
    }),
  );
});

describe("what columns hold", () => {
  const columns: [values: unknown[], kind: ReturnType<ColumnKinds["kinds"]["slice"]>[number]][] = [
    [[1, null, -5n], "whole"],
    [[1, 2n ** 53n + 1n], "whole"],
    [[1, 2.5], "number"],
    [[0.5, 2n ** 53n + 1n], "long"],
    [[1, 2n ** 63n], "long"],
    [[0.5, 10n ** 30n], "long"],
    [[true, undefined], "boolean"],
    [[new Date(0)], "date"],
    [[{}, []], "json"],
    [["", "a"], "text"],
    [["1", 1], "mixed"],
    [[true, 1], "mixed"],
    [[null], "unknown"],
    [[], "unknown"],
  ];
  for (const [at, [values, kind]] of columns.entries()) {
    test(`${kind}, ${at}`, () => {
      const kinds = new ColumnKinds(1);
      const fields = new TypedFields(
        linesOf(
          ["a"],
          values.map((a) => ({ a })),
        ),
      );
      while (fields.next()) kinds.add(fields);
      expect(kinds.kinds).toEqual([kind]);
    });
  }
});

test("isWhole64() knows the ends", () => {
  const most = 2n ** 63n - 1n;
  const numerals = [0n, most, most + 1n, -most - 1n, -most - 2n, 10n ** 19n].map(String);
  expect(numerals.map(isWhole64)).toEqual([true, true, false, true, false, false]);
  expect(["1.0", "1e3", "", "-"].map(isWhole64)).toEqual([false, false, false, false]);
});
