/** Digests of rows are those of a slow reference, whether fields are read out of a block or given as texts. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { FieldDigester, KEY_BYTES, TextDigester, asNamed } from "../../src/formats/indexed/row-digester.ts";
import { RowFields } from "../../src/formats/indexed/row-fields.ts";
import { INPUT, Kernel } from "../../src/formats/kernel/host.ts";
import { slowDigest } from "./slow-digest.ts";

const SEED = 20170526;

/** For texts: to make a kernel takes longer than the rest of a test. */
const memory = new Kernel();
const secret = fc.uint8Array({ minLength: KEY_BYTES, maxLength: KEY_BYTES });
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "0", '"', ",", "\n", " ", "é", "≠", "𝄞"), maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 40 }).map((any) => any.toWellFormed().replaceAll("\r", "")),
  fc.constantFrom("", "12345678", "1234567", "123456789", "\u0000"),
);

function csvField(value: string, isQuoted: boolean): string {
  return isQuoted || /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

describe("digests", () => {
  test("of texts are those of the reference", () => {
    fc.assert(
      fc.property(
        secret,
        fc.array(fc.tuple(fc.constantFrom("a", "b", "ü", ""), text), { maxLength: 5 }),
        (key, fields) => {
          const texts = new TextDigester(memory, key);
          const found = texts.digest(
            fields.map(([name]) => name),
            fields.map(([, value]) => value),
          );
          expect([...found]).toEqual(slowDigest(fields, key));
        },
      ),
      { numRuns: 300, seed: SEED },
    );
  });

  test("of blocks are those of the texts of their fields, and single rows are those fields", () => {
    const columns = ["a", "b", "ü"];
    const kernel = new Kernel();
    const row = fc.tuple(text, text, text, fc.boolean());
    fc.assert(
      fc.property(
        secret,
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.subarray(["a", "b", "ü", "none"]),
        fc.constantFrom("\n", "\r\n"),
        (key, rows, picked, lineEnd) => {
          const csv = rows
            .map(([a, b, c, isQuoted]) => [a, b, c].map((one) => csvField(one, isQuoted)).join(",") + lineEnd)
            .join("");
          const bytes = Buffer.from(csv);
          kernel.reserve(bytes.length);
          kernel.bytes.set(bytes, INPUT);
          const index = kernel.indexCsv(
            { start: INPUT, end: INPUT + bytes.length, unit: "byte" },
            { delimiter: ",", quote: '"' },
          );
          expect(index.rows).toBe(rows.length);
          const texts = new TextDigester(memory, key);
          const digester = new FieldDigester(
            kernel,
            { file: columns, quote: '"' },
            { picked: asNamed(picked), key, texts },
          );
          const fields = { start: INPUT, rows: rows.length, bytes: bytes.length, reindex: () => {} };
          const found = [...digester.digest(fields)];
          const expected = rows.flatMap(([a, b, c]) => {
            const values = new Map(columns.map((name, at) => [name, [a, b, c][at] ?? ""]));
            return slowDigest(
              picked.map((name) => [name, values.get(name) ?? ""]),
              key,
            );
          });
          expect(found).toEqual(expected);
          const single = new RowFields(kernel, { columns: 3, quote: '"' });
          expect(rows.map((_, at) => single.of(fields, at))).toEqual(rows.map(([a, b, c]) => [a, b, c]));
        },
      ),
      { numRuns: 300, seed: SEED },
    );
  });

  test("tell rows apart whose texts are the same, put together", () => {
    const key = new Uint8Array(KEY_BYTES);
    const digester = new TextDigester(memory, key);
    const digest = (names: string[], texts: string[]): string => [...digester.digest(names, texts)].join();
    const all = [
      digest(["a", "b"], ["x", "y"]),
      digest(["a", "b"], ["xy", ""]),
      digest(["a", "b"], ["", "xy"]),
      digest(["b", "a"], ["x", "y"]),
      digest(["a", "b"], ["x\u0000", "y"]),
      digest(["a"], ["x"]),
      digest(["a"], [""]),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(digest(["a", "b"], ["x", ""])).toBe(digest(["a"], ["x"]));
  });
});
