/** Parquet that is written: the same bytes however rows come, and the same values for us and for a second reader. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import * as fc from "fast-check";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { type ColumnType, namedType } from "../../src/formats/column-type.ts";
import { csvRowEncoder } from "../../src/formats/csv/encoder.ts";
import { TYPED_CSV } from "../../src/formats/text/typed-field.ts";
import { FieldText } from "../../src/formats/values/field-text.ts";
import { type EncoderThreads, FILE_SIZES, type FileSize, ParquetFile } from "../../src/targets/parquet/file.ts";
import { footerBytes } from "../../src/targets/parquet/footer.ts";
import { EncodingKernel } from "../../src/targets/parquet/kernel.ts";
import type { Codec } from "../../src/targets/parquet/group.ts";
import { Misfit, RowGroupEncoder } from "../../src/targets/parquet/row-group.ts";
import { type Texts, parquetRows } from "../sources/parquet/rows.ts";

type Row = Record<string, unknown>;

const encoder = new RowGroupEncoder();
/** One thread, which is this one. */
const threads: EncoderThreads = {
  kernel: new EncodingKernel(),
  take: async (rows) => ({
    profile: async () => encoder.profile(rows),
    encode: async (encoding) => {
      try {
        return encoder.encode(rows, encoding);
      } catch (error) {
        if (error instanceof Misfit) return { misfit: error.place };
        throw error;
      }
    },
  }),
  footer: async (setup) => footerBytes(setup),
};

interface Written {
  codec?: Codec;
  size?: FileSize;
  types?: Record<string, string>;
  stated?: Record<string, string>;
  /** Rows come in pieces of so many. */
  pieces?: readonly number[];
}

function fail(type: string): never {
  throw new Error(`${type} is no type`);
}

function named(types: Record<string, string> = {}): Map<string, ColumnType> {
  return new Map(Object.entries(types).map(([name, type]) => [name, namedType(type) ?? fail(type)]));
}

async function written(
  columns: readonly string[],
  rows: readonly Row[],
  { codec = "SNAPPY", size = FILE_SIZES.alone, types, stated, pieces = [1000] }: Written = {},
): Promise<Buffer<ArrayBuffer>> {
  const setup = { codec, types: named(types), stated: named(stated), mayLack: false, createdBy: "a test", size };
  const file = new ParquetFile(setup, threads);
  const encode = csvRowEncoder(columns, TYPED_CSV);
  const all: Uint8Array[] = [];
  for (let at = 0, piece = 0; at < rows.length; piece++) {
    const end = at + (pieces[piece % pieces.length] ?? 1);
    const lines = Buffer.from(rows.slice(at, end).map(encode).join(""));
    all.push(await file.write(lines, { table: "", columns }));
    at = end;
  }
  for await (const bytes of file.end(columns)) all.push(bytes);
  return Buffer.concat(all);
}

const COMPRESSORS = {
  GZIP: (bytes: Uint8Array) => gunzipSync(bytes),
  ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes),
};

async function readBySecond(file: Buffer<ArrayBuffer>): Promise<Row[]> {
  const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
  return await parquetReadObjects({ file: buffer, compressors: COMPRESSORS });
}

const folder = mkdtempSync(join(tmpdir(), "rowmill-parquet-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

function readByUs(file: Buffer): Texts[] {
  const path = join(folder, "it.parquet");
  writeFileSync(path, file);
  return parquetRows(path);
}

/** What a kind of column holds: its values, what the second reader has of one, and what ours has. */
interface Kind {
  type: string;
  value: fc.Arbitrary<unknown>;
  second: (value: never) => unknown;
  ours: (value: never) => string;
}

function kind<Value>(
  type: string,
  value: fc.Arbitrary<Value>,
  second: (value: Value) => unknown,
  ours: (value: Value) => string,
): Kind {
  return { type, value, second, ours };
}

const someText = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.string({
      unit: fc.constantFrom("a", "é", "東", "😀", '"', ",", "\n", "\r", "{", "[", "\0", "1"),
      maxLength: 9,
    }),
  },
  { weight: 12, arbitrary: fc.constantFrom("", "a", "Oslo", "Malmö", "{", '["') },
  // Two of them are more than a page.
  { weight: 1, arbitrary: fc.constantFrom("long ".repeat(120_000), "é".repeat(300_000)) },
);
const ms = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
const wholes = fc.oneof(
  fc.integer({ min: -3, max: 9 }),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const double = fc.oneof(
  fc.constantFrom(0.5, 0, 1.25, 5e-324, 1.7976931348623157e308),
  // Its text has no sign of zero.
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => one + 0),
);
const day = ms.map((at) => new Date(at - (((at % 864e5) + 864e5) % 864e5)));
const clock = fc.integer({ min: 0, max: 86_399_999_999 });
const times = clock.map((micros) => Temporal.PlainTime.from("00:00").add({ microseconds: micros }));
const nested = fc.jsonValue({ maxDepth: 2 }).filter((one) => typeof one === "object" && one !== null);

const KINDS: readonly Kind[] = [
  kind(
    "text",
    someText,
    (one) => one,
    (one) => one,
  ),
  kind("int", wholes, (one) => BigInt(one), String),
  kind("number", double, (one) => one, String),
  kind("boolean", fc.boolean(), (one) => one, String),
  kind(
    "date",
    day,
    (one) => one,
    (one) => one.toISOString().slice(0, -14),
  ),
  kind(
    "instant(3)",
    ms.map((at) => new Date(at)),
    (one) => one,
    (one) => unpadded(one.toISOString()),
  ),
  kind(
    "datetime(3)",
    ms.map((at) => Temporal.PlainDateTime.from(new Date(at).toISOString().slice(0, -1))),
    (one) => new Date(`${one.toString({ fractionalSecondDigits: 3 })}Z`),
    (one) => unpadded(one.toString({ fractionalSecondDigits: 3 })),
  ),
  kind(
    "time(6)",
    times,
    (one) =>
      BigInt(one.hour * 3600 + one.minute * 60 + one.second) * 1_000_000n +
      BigInt(one.millisecond * 1000 + one.microsecond),
    (one) => unpadded(one.toString({ fractionalSecondDigits: 6 })),
  ),
  kind(
    "json",
    nested,
    (one) => JSON.parse(JSON.stringify(one)),
    (one) => JSON.stringify(one),
  ),
];

/** A time without zeros at the end of its fraction. */
function unpadded(time: string): string {
  return time.replace(/\.(\d*?)0*(?=Z?$)/, (_, digits: string) => (digits === "" ? "" : `.${digits}`));
}

const aKind = fc.constantFrom(...KINDS);

/** A table: kinds of its columns, and values, of which some are null and some the same again. */
const table = fc.array(aKind, { minLength: 1, maxLength: 4 }).chain((kinds) => {
  const cells = kinds.map(({ value }) => fc.tuple(fc.integer({ min: 0, max: 9 }), value));
  const few = kinds.map(({ value }) => fc.array(value, { minLength: 1, maxLength: 3 }));
  const rows = fc.array(fc.tuple(...cells), { minLength: 1, maxLength: 60 });
  return fc.record({ rows, few: fc.tuple(...few) }).map((made) => ({
    kinds,
    columns: kinds.map((_, at) => `c${at}`),
    rows: made.rows.map((row) =>
      row.map(([draw, value], at): unknown => {
        const again = made.few[at] ?? [];
        return draw === 0 ? null : draw < 5 ? again[draw % again.length] : value;
      }),
    ),
  }));
});

const someSize = fc.record({
  groupRows: fc.constantFrom(1, 7, 16, 122_880),
  groupBytes: fc.constantFrom(1, 100, 2000, 32 << 20),
  settlingBytes: fc.constant(64 << 20),
});
const someCodec = fc.constantFrom<Codec[]>("SNAPPY", "ZSTD", "GZIP", "LZ4_RAW", "UNCOMPRESSED");
const somePieces = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });

describe("what is written", () => {
  test("is what is read, by a second reader and by us, and the same bytes however rows come", async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        someSize,
        someCodec,
        somePieces,
        async ({ kinds, columns, rows }, size, codec, pieces) => {
          const objects = rows.map((row) => Object.fromEntries(row.map((value, at) => [`c${at}`, value])));
          const types = Object.fromEntries(kinds.map(({ type }, at) => [`c${at}`, type]));
          const file = await written(columns, objects, { codec, size, types });
          const expected = <Shown>(shown: (kind: Kind, value: never) => Shown): Record<string, Shown | null>[] =>
            rows.map((row) =>
              Object.fromEntries(
                kinds.map((one, at) => [`c${at}`, row[at] === null ? null : shown(one, row[at] as never)]),
              ),
            );
          if (codec !== "LZ4_RAW")
            expect(await readBySecond(file)).toEqual(expected(({ second }, value) => second(value)));
          expect(readByUs(file)).toEqual(expected(({ ours }, value) => ours(value)));
          expect((await written(columns, objects, { codec, size, types, pieces })).equals(file)).toBe(true);
        },
      ),
      { numRuns: 90 },
    );
  }, 60_000);

  test("has the types of its values where none are given", async () => {
    await fc.assert(
      fc.asyncProperty(table, async ({ kinds, columns, rows }) => {
        const objects = rows.map((row) => Object.fromEntries(row.map((value, at) => [`c${at}`, value])));
        const file = await written(columns, objects);
        const found = readByUs(file);
        for (const [at, { ours }] of kinds.entries()) {
          // Whatever the type has become, the values are the same.
          for (const [row, values] of rows.entries()) {
            const text = found[row]?.[`c${at}`];
            if (values[at] === null) expect(text).toBeNull();
            else expect(sameValue(text ?? "", ours(values[at] as never))).toBe(true);
          }
        }
      }),
      { numRuns: 50 },
    );
  }, 60_000);

  test("has many pages where texts are long", async () => {
    const rows = Array.from({ length: 3000 }, (_, at) => ({
      id: at,
      text: `${at} `.repeat(400),
      same: "x".repeat(2000),
    }));
    const file = await written(["id", "text", "same"], rows);
    expect(await readBySecond(file)).toEqual(rows.map(({ id, text, same }) => ({ id: BigInt(id), text, same })));
    expect(readByUs(file)).toEqual(rows.map(({ id, text, same }) => ({ id: String(id), text, same })));
  });

  test("tells least and greatest values, and how many are null", async () => {
    const rows = [
      { n: 5, f: 0, t: "b", d: new Date(0), big: "z".repeat(300) },
      { n: null, f: -1.5, t: "", d: new Date(864e5), big: "x" },
      { n: -7, f: 2.5, t: "é", d: null, big: "y" },
    ];
    const metadata = metadataOf(await written(["n", "f", "t", "d", "big"], rows));
    const statistics = metadata.row_groups[0]?.columns.map(({ meta_data: data }) => {
      const { min_value: least, max_value: greatest, null_count: nulls } = data?.statistics ?? {};
      return [least, greatest, nulls];
    });
    expect(statistics).toEqual([
      [-7n, 5n, 1n],
      [-1.5, 2.5, 0n],
      ["", "é", 0n],
      [new Date(0), new Date(864e5), 1n],
      [undefined, undefined, 0n],
    ]);
  });
});

function metadataOf(file: Buffer<ArrayBuffer>): ReturnType<typeof parquetMetadata> {
  return parquetMetadata(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
}

/** Without zeros at its end, nor a time at which a day begins. */
function bareTime(time: string): string {
  return time.replace(/T00:00:00(?:\.0+)?Z$/, "").replace(/\.?0*(?=Z?$)/, "");
}

/** Times may have more zeros, and numbers another form. */
function sameValue(text: string, other: string): boolean {
  if (text === other) return true;
  if (text !== "" && other !== "" && Number(text) === Number(other)) return true;
  return bareTime(text) === bareTime(other);
}

function spelled(digits: string): FieldText {
  return new FieldText(digits, Number(digits));
}

function when(at: string): Temporal.PlainDateTime {
  return Temporal.PlainDateTime.from(at);
}

describe("types of columns", () => {
  const cases: [values: unknown[], type: string, stated?: string][] = [
    [[1, null, -5n], "INT64"],
    [[2n ** 63n - 1n], "INT64"],
    [[2n ** 63n], "BYTE_ARRAY STRING"],
    [[1, 2.5], "DOUBLE"],
    [[2n ** 53n + 1n, 2.5], "BYTE_ARRAY STRING"],
    [[spelled("1.10"), spelled("0.30000000000000004")], "DOUBLE"],
    [[spelled("0.123456789012345678")], "BYTE_ARRAY STRING"],
    [[true, false], "BOOLEAN"],
    [[true, 1], "BYTE_ARRAY STRING"],
    [["a", 1], "BYTE_ARRAY STRING"],
    [["1", "2"], "BYTE_ARRAY STRING"],
    [[null], "BYTE_ARRAY STRING"],
    [[{ a: 1 }, []], "BYTE_ARRAY JSON"],
    [[{ a: 1 }, "x"], "BYTE_ARRAY STRING"],
    [[new Date(0), new Date(864e5)], "INT32 DATE"],
    [[new Date(0), new Date(1)], "INT64 TIMESTAMP MILLIS UTC"],
    [[Temporal.PlainDate.from("2024-02-29")], "INT32 DATE"],
    [[when("2024-02-29T01:02:03")], "INT64 TIMESTAMP MILLIS"],
    [[when("2024-02-29T01:02:03.000004")], "INT64 TIMESTAMP MICROS"],
    [[Temporal.Instant.from("2024-02-29T01:02:03.000000005Z")], "INT64 TIMESTAMP NANOS UTC"],
    [[Temporal.PlainTime.from("18:30")], "INT64 TIME MICROS"],
    [["2024-02-29", null], "INT32 DATE", "date"],
    [["2024-02-29", "soon"], "BYTE_ARRAY STRING", "date"],
    [[1, 2], "DOUBLE", "number"],
    [[spelled("1.10"), 2], "INT64 DECIMAL 2 9", "decimal(9,2)"],
    [[1.125], "DOUBLE", "decimal(9,2)"],
    [[0.25], "INT64 DECIMAL 2 2", "decimal(2,2)"],
    [[12_345_678.5], "DOUBLE", "decimal(9,2)"],
    [[spelled("1234567.123456789012345678")], "BYTE_ARRAY STRING", "decimal(18,12)"],
    [["9999-12-31T00:00:00", "2024-01-01T00:00:00.5"], "BYTE_ARRAY STRING", "datetime(9)"],
    [["9999-12-31T00:00:00", "2024-01-01T00:00:00.5"], "INT64 TIMESTAMP MICROS", "datetime(6)"],
    [[when("9999-12-31T00:00:00.000000001")], "BYTE_ARRAY STRING"],
    [[null], "INT64 TIME MICROS", "time"],
  ];
  for (const [at, [values, type, stated]] of cases.entries()) {
    test(`${at}: ${type}${stated === undefined ? "" : `, where an input says ${stated}`}`, async () => {
      const rows = values.map((a) => ({ a }));
      const { schema } = metadataOf(await written(["a"], rows, stated === undefined ? {} : { stated: { a: stated } }));
      const { type: kept, logical_type: logical } = schema[1] ?? {};
      const shown = Object.values(logical ?? {}).map((one) =>
        one === true ? "UTC" : one === false ? "" : String(one),
      );
      const order = logical?.type === "TIMESTAMP" || logical?.type === "TIME" ? [shown[0], shown[2], shown[1]] : shown;
      expect([kept, ...order].filter(Boolean).join(" ")).toBe(type);
    });
  }
});

/** What a promise fails with. */
async function failure(made: Promise<unknown>): Promise<string> {
  try {
    await made;
  } catch (error) {
    return String(error);
  }
  return "nothing";
}

describe("a value that does not fit", () => {
  const fits: [type: string, ...values: unknown[]][] = [
    ["int", 1, 2 ** 53, -(2n ** 63n), "12"],
    ["number", 1.5, 2, "3.25", 10n ** 20n],
    ["boolean", true, "false", "TRUE"],
    ["date", "2024-02-29", new Date(0), Temporal.PlainDate.from("0001-01-01")],
    ["datetime", "2024-02-29T01:02:03.123456", Temporal.PlainDateTime.from("2024-01-01")],
    ["instant", "2024-02-29T01:02:03Z", new Date(5)],
    ["time", "18:30:00", "23:59:59.999999"],
    ["decimal(5,2)", 999.99, "-0.5", 12],
    ["json", { a: 1 }, "[1]", "12", '"a"'],
    ["text", "a", 1, true, { a: 1 }],
  ];
  const misfits: [type: string, value: unknown, shown: string][] = [
    ["int", 1.5, "1.5"],
    ["int", 2n ** 63n, "9223372036854775808"],
    ["int", "007", "007"],
    ["number", "abc", "abc"],
    ["number", new FieldText("0.123456789012345678", 0.12), "0.123456789012345678"],
    ["boolean", "yes", "yes"],
    ["date", "2023-02-29", "2023-02-29"],
    ["date", new Date(1), "1970-01-01T00:00:00.001Z"],
    ["datetime", "2024-02-29T01:02:03Z", "2024-02-29T01:02:03Z"],
    ["datetime(3)", "2024-02-29T01:02:03.1234", "2024-02-29T01:02:03.1234"],
    ["datetime(9)", "2263-01-01T00:00:00", "2263-01-01T00:00:00"],
    ["instant", "2024-02-29T01:02:03", "2024-02-29T01:02:03"],
    ["time", "24:00:00", "24:00:00"],
    ["decimal(5,2)", 1000, "1000"],
    ["decimal(5,2)", 0.125, "0.125"],
    ["decimal(5,2)", 1e-7, "1e-7"],
    ["json", "{", "{"],
  ];
  for (const [type, ...values] of fits) {
    test(`${type} takes what is one`, async () => {
      const rows = values.map((a) => ({ a }));
      expect(await readBySecond(await written(["a"], rows, { types: { a: type } }))).toHaveLength(rows.length);
    });
  }
  for (const [type, value, shown] of misfits) {
    test(`${type} does not take ${shown}`, async () => {
      const rows = [null, null, value, null].map((a) => ({ b: 1, a }));
      const size = { ...FILE_SIZES.alone, groupRows: 2 };
      expect(await failure(written(["b", "a"], rows, { types: { a: type }, size }))).toContain(
        `row 3 of the output: column a holds ${JSON.stringify(shown)}, wanted ${type}`,
      );
    });
  }

  test("is told where the rows before have settled the type", async () => {
    const rows = [1, 2, 3, "x"].map((a) => ({ a }));
    const size = { groupRows: 2, groupBytes: 1000, settlingBytes: 1 };
    expect(await failure(written(["a"], rows, { size }))).toContain(
      'row 4 of the output: column a holds "x", wanted int',
    );
  });
});

test("numbers with up to 17 digits are the doubles that Number() makes of them", async () => {
  const digits = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 17n - 1n }), fc.integer({ min: 0, max: 19 }), fc.boolean());
  await fc.assert(
    fc.asyncProperty(fc.array(digits, { minLength: 1, maxLength: 200 }), async (given) => {
      const texts = given.map(([whole, decimals, isNegative]) => {
        const padded = String(whole).padStart(decimals + 1, "0");
        const point = padded.length - decimals;
        const behind = decimals === 0 ? "" : `.${padded.slice(point)}`;
        return `${isNegative ? "-" : ""}${padded.slice(0, point)}${behind}`;
      });
      const rows = texts.map((one) => ({ a: new FieldText(one, Number(one)) }));
      // A whole number that no double holds is none.
      const held = rows.filter((_, at) => /\./.test(texts[at] ?? "") || Number.isSafeInteger(Number(texts[at])));
      const found = await readBySecond(await written(["a"], held, { types: { a: "number" } }));
      expect(found).toEqual(held.map(({ a }) => ({ a: a.value })));
    }),
    { numRuns: 60 },
  );
});
