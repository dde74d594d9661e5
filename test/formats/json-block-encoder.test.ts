/** Blocks of rows as JSON against the same rows one by one. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { PLAIN_CSV } from "../../src/formats/text/output-dialect.ts";
import { resultEncoder } from "../../src/formats/encoder.ts";
import { INPUT, Kernel } from "../../src/formats/kernel/host.ts";

const SEED = 20170526;
const kernel = new Kernel();
const dialect = PLAIN_CSV;

/** The bytes of a block that was written at once; undefined where it has to be written row by row. */
function encodeBlock(format: "jsonl" | "json", values: readonly unknown[]): string | undefined {
  const { block, delimiter } = resultEncoder({ format, dialect }, []);
  const plain = block?.encode(values);
  if (block === undefined || plain === undefined) return undefined;
  kernel.reserve(plain.text.length * 3);
  const end = INPUT + kernel.bytes.write(plain.text, INPUT);
  if (!block.isPlain(kernel.countBytes({ start: INPUT, end }, delimiter), plain.rows)) return undefined;
  return kernel.bytes.toString("utf8", INPUT, end);
}

function encodeEach(format: "jsonl" | "json", values: readonly unknown[]): string {
  const encoder = resultEncoder({ format, dialect }, []);
  return values.map((value) => (value === undefined ? "" : encoder.encode(value))).join("");
}

class Odd {
  a = 1;
}

const value = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom<unknown>("", "x", "é", "漢😀", " ", "{}", 0, 1, -0, 1.5, 1e21, 1e-7, true, null),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>('"', "\\", "\n", "\t", "\0", "\x7f", "\u2028", "\ud800", "\udc00x", "\ufffd"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(5n, [1], {}, new Date(0), undefined, NaN, Infinity, Symbol("s"), Odd),
  },
);
const keys = fc.oneof(
  fc.constant(["name", "born"]),
  fc.uniqueArray(
    fc.constantFrom("a", "b", "0", "__proto__", "toString", "constructor", "é", "toJSON", "", 'q"', "n\n", "\ud800"),
    {
      maxLength: 4,
    },
  ),
);
const rows = keys.chain((names) => {
  const plain = fc.array(value, { minLength: names.length, maxLength: names.length }).map((values) => {
    return Object.fromEntries(names.map((key, at) => [key, values[at]]));
  });
  const other = fc.constantFrom<unknown>(
    undefined,
    { born: 1, name: 2 },
    { name: 1 },
    {},
    new Odd(),
    [],
    "s",
    5,
    Object.create(null),
  );
  return fc.array(fc.oneof({ weight: 20, arbitrary: plain }, { weight: 1, arbitrary: other }), {
    minLength: 1,
    maxLength: 6,
  });
});

describe("a block of JSON rows", () => {
  test("is the text of its rows, or is left to be written row by row", () => {
    const property = fc.property(rows, fc.constantFrom("jsonl" as const, "json" as const), (values, format) => {
      const whole = encodeBlock(format, values);
      if (whole !== undefined) expect(whole).toBe(encodeEach(format, values));
    });
    fc.assert(property, { seed: SEED, numRuns: 5000 });
  });

  test.each([
    [[{ name: "Zoë 😀", n: 1.5, ok: true, none: null }]],
    [[{ name: "a" }, undefined, { name: "b" }]],
    [[{ "": -0, ["__proto__"]: null }]],
    [[{}, {}]],
  ])("%j is written at once", (values) => {
    for (const format of ["jsonl", "json"] as const)
      expect(encodeBlock(format, values)).toBe(encodeEach(format, values));
  });

  test("rows whose keys change from block to block are right in each", () => {
    const { block } = resultEncoder({ format: "jsonl", dialect }, []);
    for (const key of ["a", "b", "a", "a,b"]) expect(block?.encode([{ [key]: 1 }])?.text).toBe(`{"${key}":1}\n`);
    expect(block?.encode([{ a: 1, b: 2 }])?.text).toBe('{"a":1,"b":2}\n');
    expect(block?.encode([{ b: 2, a: 1 }])?.text).toBe('{"b":2,"a":1}\n');
  });

  test("a toJSON of the user's is asked", () => {
    const prototype = BigInt.prototype as { toJSON?: () => string };
    prototype.toJSON = () => "big";
    expect(encodeBlock("jsonl", [{ a: 1n }])).toBeUndefined();
    delete prototype.toJSON;
  });
});
