/** Rows of values come out of their text as they went in, and columns out of `--flatten` and `--unflatten`. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { FieldText } from "../../../src/formats/values/field-text.ts";
import { fieldJson } from "../../../src/formats/values/field-json.ts";
import { NestedText } from "../../../src/formats/values/nested-text.ts";
import { flatten, unflatten } from "../../../src/stages/rewriting/flatten.ts";
import { RowLines } from "../../../src/stages/rewriting/row-text.ts";
import type { StepFacts, TableRow } from "../../../src/stages/stage.ts";

const SEED = 20261129;

const scalar: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined, "", "\t", "\n", "[]"),
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  scalar,
  fc.tuple(fc.string(), scalar).map(([text, read]) => new FieldText(text, read)),
  fc.json().map((text) => new NestedText(text)),
);

test("rows come out of their lines as they went in", () => {
  const names = fc.array(fc.string({ unit: "binary" }), { maxLength: 4 });
  const rows = fc.array(fc.tuple(fc.nat({ max: 2 }), fc.array(value, { minLength: 4, maxLength: 4 })), {
    maxLength: 12,
  });
  const property = fc.property(fc.tuple(names, names, names), rows, (lists, all) => {
    const table = all.map(([list, values]): TableRow => {
      const own = lists[list] ?? [];
      return { names: own, values: values.slice(0, own.length) };
    });
    const lines = new RowLines();
    const text = table.map((row) => lines.line(row)).join("");
    expect(lines.rows(text)).toEqual(table);
  });
  fc.assert(property, { seed: SEED, numRuns: 2000 });
});

const facts: StepFacts = {
  most: undefined,
  percent: undefined,
  seed: 0,
  areKnown: false,
  per: [],
  names: [],
  several: undefined,
  areTexts: false,
  emptyIsNothing: false,
  secret: new Uint8Array(16),
  memoryBytes: 1 << 20,
  mostBytes: 1e9,
  tempDir: undefined,
  locale: "en",
};

function each(make: typeof flatten): (row: TableRow) => TableRow {
  const step = make([], facts);
  if (step.kind !== "rewriting" || step.each === undefined) throw new Error("the step makes no row of one");
  return step.each;
}

test("what is flattened comes back as it was, to the last digit", () => {
  // An object whose keys count from 0 comes back as a list.
  const key = fc.stringMatching(/^[a-c.\\]{1,3}$/);
  const number = fc.constantFrom("1.50", "1E5", "-0", "9007199254740993", "12", "0.1");
  const { json } = fc.letrec<{ json: string }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      number,
      fc.string().map((text) => JSON.stringify(text)),
      fc.constantFrom("null", "true", "{}", "[]"),
      fc.array(tie("json"), { maxLength: 3 }).map((items) => `[${items.join(",")}]`),
      fc
        .uniqueArray(fc.tuple(key, tie("json")), { maxLength: 3, selector: ([name]) => name })
        .map((members) => `{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`),
    ),
  }));
  const nested = json.filter((text) => text.startsWith("{") || text.startsWith("["));
  const fields = fc.uniqueArray(fc.tuple(key, nested), { maxLength: 3, selector: ([name]) => name });
  const flat = each(flatten);
  const back = each(unflatten);
  const property = fc.property(fields, (members) => {
    const row: TableRow = {
      names: members.map(([name]) => name),
      values: members.map(([, text]) => new NestedText(text)),
    };
    const columns = flat(row);
    expect(new Set(columns.names).size).toBe(columns.names.length);
    const { names, values } = back(columns);
    expect(names).toEqual(row.names);
    expect(values.map(fieldJson)).toEqual(members.map(([, text]) => text));
  });
  fc.assert(property, { seed: SEED, numRuns: 2000 });
});
