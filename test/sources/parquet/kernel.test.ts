/** The loops over values of Parquet, against readings that are slow and plain. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Leaf } from "../../../src/sources/parquet/columns.ts";
import { Damage } from "../../../src/sources/parquet/damage.ts";
import { Kernel, type Range } from "../../../src/sources/parquet/kernel.ts";
import type { Meaning } from "../../../src/sources/parquet/meaning.ts";
import { PlainFields } from "../../../src/sources/parquet/plain-fields.ts";
import { PlainLayout } from "../../../src/sources/parquet/plain-layout.ts";
import { type Raw, valueText } from "../../../src/sources/parquet/value-text.ts";
import { textField } from "../../../src/sources/csv-text.ts";

const kernel = new Kernel();
const RUNS = 300;
const SEED = 18;

function put(bytes: Uint8Array): Range {
  const from = kernel.allocate(bytes.length);
  kernel.bytes.set(bytes, from);
  return { from, to: from + bytes.length };
}

function leafOf(type: Leaf["type"], meaning: Meaning, bytes = 0): Leaf {
  return { index: 0, type, bytes, meaning, definition: 1, repetition: 0 };
}

/** The bytes of plain values. */
function plain({ type }: Leaf, values: readonly Raw[]): Uint8Array {
  switch (type) {
    case "INT32":
      return new Uint8Array(Int32Array.from(values as number[]).buffer);
    case "INT64":
      return new Uint8Array(BigInt64Array.from(values as bigint[]).buffer);
    case "FLOAT":
      return new Uint8Array(Float32Array.from(values as number[]).buffer);
    case "DOUBLE":
      return new Uint8Array(Float64Array.from(values as number[]).buffer);
    case "BYTE_ARRAY":
      return Buffer.concat(
        (values as Uint8Array[]).flatMap((value) => [new Uint8Array(Uint32Array.of(value.length).buffer), value]),
      );
    default:
      return Buffer.concat(values as Uint8Array[]);
  }
}

/** What the kernel makes of values, undefined being null. */
function fieldsOf(leaf: Leaf, values: readonly (Raw | undefined)[]): (string | undefined)[] {
  const count = values.length;
  const present = values.filter((value) => value !== undefined);
  const data = put(plain(leaf, present));
  const levels = put(Uint8Array.from(values, (value) => (value === undefined ? 0 : 1)));
  const fields = new PlainFields(kernel, leaf);
  const size = fields.firstBytes(count);
  const [table, heap] = [kernel.allocate(count * 8), kernel.allocate(size)];
  const more: number[] = [];
  const rows = { count, levels: present.length === count ? 0 : levels.from, level: 1 };
  const behind = fields.make({ ...data }, rows, present.length, { table, heap: { from: heap, to: heap + size }, more });
  expect(behind).toBe(data.to);
  const texts = values.map((_, row) => {
    const [from, to] = [kernel.bytes.readUInt32LE(table + row * 8), kernel.bytes.readUInt32LE(table + row * 8 + 4)];
    return from === to ? undefined : kernel.bytes.toString("utf8", from, to);
  });
  for (const block of [data.from, levels.from, table, heap, ...more]) kernel.release(block);
  return texts;
}

function check(leaf: Leaf, value: fc.Arbitrary<Raw>): void {
  const isSingle = leaf.type === "FLOAT";
  fc.assert(
    fc.property(fc.array(fc.option(value, { nil: undefined }), { maxLength: 60 }), (values) => {
      const wanted = values.map((raw) => (raw === undefined ? undefined : valueText(leaf.meaning, raw, isSingle)));
      expect(fieldsOf(leaf, values)).toEqual(wanted.map((text) => (text === undefined ? undefined : textField(text))));
    }),
    { seed: SEED, numRuns: RUNS },
  );
}

const int32 = fc.oneof(fc.integer(), fc.integer({ min: -200, max: 200 }));
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 10n ** 18n),
);
const text = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a"), maxLength: 40 }),
  )
  .map((value): Raw => new TextEncoder().encode(value.toWellFormed()));

test("whole numbers, with sign and without", () => {
  for (const is of ["signed", "unsigned"] as const) {
    check(leafOf("INT32", { is }), int32);
    check(leafOf("INT64", { is }), int64);
  }
});

test("decimals have all digits", () => {
  for (const scale of [0, 1, 2, 9]) check(leafOf("INT32", { is: "decimal", scale }), int32);
  for (const scale of [0, 1, 5, 18, 19, 40, -2]) check(leafOf("INT64", { is: "decimal", scale }), int64);
  const bytes = fc.uint8Array({ minLength: 0, maxLength: 20 });
  check(leafOf("BYTE_ARRAY", { is: "decimal", scale: 7 }), bytes);
  check(
    leafOf("FIXED_LEN_BYTE_ARRAY", { is: "decimal", scale: 3 }, 16),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
});

test("days, times and moments", () => {
  check(leafOf("INT32", { is: "day" }), int32);
  check(leafOf("INT32", { is: "time", digits: 3 }), fc.integer({ min: 0, max: 86_400_000 }));
  for (const digits of [6, 9]) {
    const day = fc.bigInt({ min: 0n, max: 86_400n * 10n ** BigInt(digits) });
    check(leafOf("INT64", { is: "time", digits }), day);
  }
  for (const digits of [3, 6, 9]) {
    for (const isUtc of [true, false]) {
      const millennia = 86_400n * 365n * 4000n * 10n ** BigInt(digits);
      const most = millennia < 2n ** 63n ? millennia : 2n ** 63n - 1n;
      check(leafOf("INT64", { is: "moment", digits, isUtc }), fc.bigInt({ min: -most, max: most }));
    }
  }
});

test("a day is what Temporal says", () => {
  const day = leafOf("INT32", { is: "day" });
  const epoch = Temporal.PlainDate.from("1970-01-01");
  for (const days of [0, -1, 11_016, -719_528, 2_932_896, 2_932_897, -719_529, 59, 60, 18_321])
    expect(fieldsOf(day, [days])).toEqual([epoch.add({ days }).toString()]);
});

test("doubles are written as JavaScript writes them", () => {
  const double = leafOf("DOUBLE", { is: "float" });
  check(double, fc.double());
  const decimal = fc.tuple(fc.maxSafeInteger(), fc.integer({ min: -30, max: 30 }));
  check(
    double,
    decimal.map(([digits, power]) => Number(`${digits}e${power}`)),
  );
  const words = fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff));
  check(
    double,
    words.map(([low, high]) => new Float64Array(Uint32Array.of(low, high).buffer)[0] ?? 0),
  );
  // Halfway between two numbers with fewer digits, around powers of two, and next to zero.
  for (let power = -1074; power < 1024; power++) {
    const value = 2 ** power;
    const near = [value, value * (1 + Number.EPSILON), value * (1 - Number.EPSILON / 2)];
    expect(fieldsOf(double, near)).toEqual(near.map(String));
  }
});

const digits = (shown: string): number =>
  shown
    .replace(/e.*/, "")
    .replace(/\D/g, "")
    .replace(/^0+|0+$/g, "").length;

test("floats are written in the shortest form that reads back", () => {
  const float = leafOf("FLOAT", { is: "float" });
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const [written = ""] = fieldsOf(float, [value]);
      expect(Math.fround(Number(written))).toBe(value);
      expect(digits(written)).toBeLessThanOrEqual(digits(valueText({ is: "float" }, value, true)));
    }),
    { seed: SEED, numRuns: 3000 },
  );
  expect(fieldsOf(float, [0.1, 16_777_216, 3.4028235e38, 1e-45].map(Math.fround))).toEqual([
    "0.1",
    "16777216",
    "3.4028235e+38",
    "1e-45",
  ]);
  expect(fieldsOf(float, [Number.NaN, Number.POSITIVE_INFINITY, -0])).toEqual(["NaN", "Infinity", "-0"]);
});

const fixed = (length: number): fc.Arbitrary<Raw> => fc.uint8Array({ minLength: length, maxLength: length });

test("texts get the quotes that they need, and rare kinds are texts", () => {
  for (const is of ["text", "json", "binary"] as const) check(leafOf("BYTE_ARRAY", { is }), text);
  check(leafOf("FIXED_LEN_BYTE_ARRAY", { is: "uuid" }, 16), fixed(16));
  check(leafOf("FIXED_LEN_BYTE_ARRAY", { is: "interval" }, 12), fixed(12));
  check(leafOf("FIXED_LEN_BYTE_ARRAY", { is: "float" }, 2), fixed(2));
  check(leafOf("FIXED_LEN_BYTE_ARRAY", { is: "binary" }, 5), fixed(5));
  const long = new TextEncoder().encode(`"${"x".repeat(200_000)}"`);
  expect(fieldsOf(leafOf("BYTE_ARRAY", { is: "text" }), [long, undefined, long])).toEqual(
    [long, undefined, long].map((value) => value && textField(Buffer.from(value).toString())),
  );
});

test("what is cut off is damage, and nothing behind it is read", () => {
  const leaf = leafOf("BYTE_ARRAY", { is: "text" });
  const fields = new PlainFields(kernel, leaf);
  const whole = plain(
    leaf,
    ["a", "bc", ""].map((value) => Buffer.from(value)),
  );
  for (let length = 0; length < whole.length; length++) {
    const data = put(whole.subarray(0, length));
    const table = kernel.allocate(24);
    const heap = { from: table, to: table };
    expect(() => fields.make(data, { count: 3, levels: 0, level: 0 }, 3, { table, heap, more: [] })).toThrow(Damage);
    kernel.release(data.from);
    kernel.release(table);
  }
});

/** Numbers in runs, repeated or packed, as the hints say. */
function runsOf(numbers: readonly number[], width: number, repeats: boolean): Uint8Array {
  const bytes: number[] = [];
  const varint = (value: number): void => {
    for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
    bytes.push(value);
  };
  for (let at = 0; at < numbers.length;) {
    let end = at + 1;
    while (repeats && end < numbers.length && numbers[end] === numbers[at]) end++;
    if (end - at > 8 || (repeats && numbers.length - at < 8)) {
      varint((end - at) * 2);
      for (let byte = 0; byte < Math.ceil(width / 8); byte++)
        bytes.push(Math.floor((numbers[at] ?? 0) / 256 ** byte) % 256);
      at = end;
      continue;
    }
    const group = Array.from({ length: 8 }, (_, index) => BigInt(numbers[at + index] ?? 0));
    varint(3);
    let packed = 0n;
    for (const [index, value] of group.entries()) packed |= value << BigInt(index * width);
    for (let byte = 0; byte < width; byte++) bytes.push(Number((packed >> BigInt(byte * 8)) & 255n));
    at += 8;
  }
  return Uint8Array.from(bytes);
}

test("runs are read some at a time", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 32 }).chain((width) =>
        fc.record({
          width: fc.constant(width),
          numbers: fc.array(fc.oneof(fc.nat(2 ** width - 1), fc.constantFrom(0, 1)), { maxLength: 100 }),
          repeats: fc.boolean(),
          step: fc.integer({ min: 1, max: 30 }),
        }),
      ),
      ({ width, numbers, repeats, step }) => {
        const data = put(runsOf(numbers, width, repeats));
        const [state, out] = [kernel.allocate(32), kernel.allocate(400)];
        kernel.openRuns(state, data, width);
        const read: number[] = [];
        for (let left = numbers.length; left > 0; left -= step) {
          const count = Math.min(step, left);
          expect(kernel.readIndices(state, count, out)).toBe(true);
          for (let at = 0; at < count; at++) read.push(kernel.bytes.readUInt32LE(out + at * 4));
        }
        expect(read).toEqual(numbers);
        // At most the rest of a group is left.
        expect(kernel.readIndices(state, 8, out)).toBe(false);
        for (const block of [data.from, state, out]) kernel.release(block);
      },
    ),
    { seed: SEED, numRuns: RUNS },
  );
});

/** Differences in blocks of 128, in four parts. */
function deltasOf(numbers: readonly bigint[]): Uint8Array {
  const bytes: number[] = [];
  const varint = (value: bigint): void => {
    for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) + 128);
    bytes.push(Number(value));
  };
  const zigZag = (value: bigint): void => varint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
  for (const value of [128, 4, numbers.length]) varint(BigInt(value));
  zigZag(numbers[0] ?? 0n);
  const deltas = numbers.slice(1).map((value, at) => BigInt.asIntN(64, value - (numbers[at] ?? 0n)));
  for (let at = 0; at < deltas.length; at += 128) {
    const block = deltas.slice(at, at + 128);
    const least = block.reduce((one, other) => (one < other ? one : other));
    zigZag(least);
    const parts = [0, 32, 64, 96].map((from) =>
      block.slice(from, from + 32).map((value) => BigInt.asUintN(64, value - least)),
    );
    const widths = parts.map((part) => part.reduce((most, value) => Math.max(most, value.toString(2).length), 0));
    bytes.push(...widths);
    for (const [index, part] of parts.entries()) {
      const width = widths[index] ?? 0;
      if (part.length === 0) continue;
      let packed = 0n;
      for (const [place, value] of part.entries()) packed |= value << BigInt(place * width);
      for (let byte = 0; byte < width * 4; byte++) bytes.push(Number((packed >> BigInt(byte * 8)) & 255n));
    }
  }
  return Uint8Array.from(bytes);
}

test("numbers that are kept as differences", () => {
  const layout = new PlainLayout(kernel, leafOf("INT64", { is: "signed" }));
  fc.assert(
    fc.property(fc.array(int64, { minLength: 1, maxLength: 300 }), (numbers) => {
      const data = put(deltasOf(numbers));
      const { from } = layout.take("DELTA_BINARY_PACKED", data, numbers.length);
      expect(numbers.map((_, at) => kernel.bytes.readBigInt64LE(from + at * 8))).toEqual(numbers);
      const cut = { from: data.from, to: data.from + 3 };
      expect(() => layout.take("DELTA_BINARY_PACKED", cut, numbers.length)).toThrow(Damage);
      kernel.release(data.from);
    }),
    { seed: SEED, numRuns: RUNS },
  );
  const words = new PlainLayout(kernel, leafOf("INT32", { is: "unsigned" }));
  const data = put(deltasOf([4_294_967_295n, 0n, 5n]));
  const { from } = words.take("DELTA_BINARY_PACKED", data, 3);
  expect([0, 1, 2].map((at) => kernel.bytes.readUInt32LE(from + at * 4))).toEqual([4_294_967_295, 0, 5]);
});

/** A step of what Snappy and LZ4 write: bytes as they are, and bytes from before. */
const step = fc.record({
  literal: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  back: fc.nat(),
  length: fc.integer({ min: 4, max: 64 }),
});

/** Lengths that LZ4 has no room for in a token. */
function lengthOf(length: number): number[] {
  const more: number[] = [];
  for (length -= 15; length >= 255; length -= 255) more.push(255);
  return [...more, length];
}

function unpacked(steps: readonly { literal: Uint8Array; back: number; length: number }[]): Uint8Array {
  const bytes: number[] = [];
  for (const { literal, back, length } of steps) {
    bytes.push(...literal);
    const from = bytes.length - (back % bytes.length) - 1;
    for (let at = 0; at < length; at++) bytes.push(bytes[from + at] ?? 0);
  }
  return Uint8Array.from(bytes);
}

test("Snappy and LZ4 are unpacked, and what is cut or changed does no harm", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(), fc.nat(255), (steps, place, other) => {
      const wanted = unpacked(steps);
      const snappy: number[] = [];
      for (let size = wanted.length; ; size >>= 7) {
        snappy.push(size > 127 ? (size & 127) | 128 : size);
        if (size < 128) break;
      }
      const lz4: number[] = [];
      let written = 0;
      for (const { literal, back, length } of steps) {
        const size = literal.length - 1;
        snappy.push(...(size < 60 ? [size << 2] : [61 << 2, size & 255, size >> 8]), ...literal);
        written += literal.length;
        const offset = (back % written) + 1;
        if (back % 2 === 0) snappy.push(((length - 1) << 2) | 2, offset & 255, offset >> 8);
        else snappy.push(((length - 1) << 2) | 3, offset & 255, offset >> 8, 0, 0);
        const token = (Math.min(15, literal.length) << 4) | Math.min(15, length - 4);
        lz4.push(
          token,
          ...(literal.length < 15 ? [] : lengthOf(literal.length)),
          ...literal,
          offset & 255,
          offset >> 8,
        );
        if (length - 4 >= 15) lz4.push(...lengthOf(length - 4));
        written += length;
      }
      // The last sequence has literals only.
      lz4.push(0);
      for (const [codec, bytes] of [
        ["snappy", snappy],
        ["lz4", lz4],
      ] as const) {
        const packed = put(Uint8Array.from(bytes));
        const to = put(new Uint8Array(wanted.length));
        const guard = put(Uint8Array.of(1, 2, 3));
        expect(kernel.uncompress(codec, packed, to)).toBe(true);
        expect(kernel.copyOf(to)).toEqual(new Uint8Array(wanted));
        kernel.bytes[packed.from + (place % bytes.length)] = other;
        kernel.uncompress(codec, packed, to);
        kernel.uncompress(codec, { ...packed, to: packed.to - (place % bytes.length) - 1 }, to);
        expect(kernel.copyOf(guard)).toEqual(Uint8Array.of(1, 2, 3));
        for (const block of [packed.from, to.from, guard.from]) kernel.release(block);
      }
    }),
    { seed: SEED, numRuns: RUNS },
  );
});
