/** The kernel's loops over fields, against a slow and simple reading and writing of the same rows. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { PLAIN_CSV } from "../../../src/formats/text/output-dialect.ts";
import { FieldReader, type NumberKind, type WantedFields } from "../../../src/formats/indexed/field-reader.ts";
import { IN_TEXT, type Pattern, type Thread, Weaver } from "../../../src/formats/indexed/weaver.ts";
import { NO_TEXT } from "../../../src/formats/indexed/interner.ts";
import type { BlockFields } from "../../../src/formats/format.ts";
import { INPUT, Kernel } from "../../../src/formats/kernel/host.ts";

const SEED = 20170526;
const kernel = new Kernel();

/** A field, and whether it is quoted without need. */
interface Field {
  text: string;
  isQuoted: boolean;
}

const text = fc.oneof(
  fc.constantFrom("", "a", "1815", "-0.5", "é", "漢字", "😀", 'q"q', "x,y", "two\nlines", "cr\rlf\r\n", '"', '""'),
  fc.string({ unit: fc.constantFrom("a", "ß", "€", ",", '"', "\n", "7"), maxLength: 40 }),
);
const field: fc.Arbitrary<Field> = fc.record({ text, isQuoted: fc.boolean() });

/** How a field is written that is carried. */
const WRITTEN_AS = {
  carried: unquotedIfPlain,
  texts: inQuotes,
  textsOrNull: (one: Field): string => (written(one) === "" ? "" : inQuotes(one)),
};

function inQuotes({ text: content }: Field): string {
  return `"${content.replaceAll('"', '""')}"`;
}

const WIDTH = 4;
const rowsOfFields = fc.array(fc.array(field, { minLength: WIDTH, maxLength: WIDTH }), { minLength: 1, maxLength: 12 });

function written({ text: content, isQuoted }: Field): string {
  return isQuoted || /[,"\r\n]/.test(content) ? `"${content.replaceAll('"', '""')}"` : content;
}

/** Puts rows into the kernel, and indexes them. */
function load(rows: readonly Field[][], newline: string): BlockFields {
  const bytes = Buffer.from(rows.map((row) => row.map(written).join(",") + newline).join(""));
  kernel.reserve(bytes.length);
  kernel.bytes.set(bytes, INPUT);
  const index = (): void =>
    void kernel.indexCsv({ start: INPUT, end: INPUT + bytes.length, unit: "byte" }, { delimiter: ",", quote: '"' });
  index();
  return { start: INPUT, rows: rows.length, bytes: bytes.length, reindex: index };
}

const thread: fc.Arbitrary<Thread> = fc.oneof(
  fc
    .tuple(
      fc.nat({ max: WIDTH - 1 }),
      fc.nat({ max: WIDTH - 1 }),
      fc.constantFrom("carried", "carried", "texts", "textsOrNull"),
    )
    .map(([a, b, kind]): Thread => ({ kind, first: Math.min(a, b), last: Math.max(a, b) })),
  fc.nat({ max: 1 }).map((index): Thread => ({ kind: "computed", index })),
  fc.constant<Thread>({ kind: "empty" }),
);

function pattern({
  threads = [{ kind: "empty" }],
  output = PLAIN_CSV,
  ...wanted
}: Partial<Pattern & WantedFields>): Pattern {
  const outputColumns = threads
    .map((one) => ("first" in one ? one.last - one.first + 1 : 1))
    .reduce((sum, count) => sum + count, 0);
  const nothing: WantedFields = { columns: WIDTH, quote: '"', texts: [], numbers: [], decimals: [], interned: [] };
  return { wanted: { ...nothing, ...wanted }, output, threads, outputColumns, computed: 2 };
}

const value = fc.oneof(fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }), fc.constantFrom(0, 9, 10, -1), field);

describe("rows that are woven", () => {
  test("have the fields that were copied, quoted where they must be, and the computed values", () => {
    const newlines = fc.constantFrom("\n", "\r\n");
    const values = fc.array(fc.tuple(value, value), { minLength: 12, maxLength: 12 });
    const keeps = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });
    const threads = fc.array(thread, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(rowsOfFields, newlines, newlines, threads, values, keeps, (rows, from, to, all, computed, kept) => {
        const fields = load(rows, from);
        const woven = pattern({ threads: all, output: { ...PLAIN_CSV, newline: to } });
        const weaver = new Weaver(kernel, woven);
        const block = weaver.open(fields);
        let beside = "";
        let wanted = "";
        for (const [at, row] of rows.entries()) {
          if (kept[at] !== true) continue;
          if (block !== undefined) block.kept[at] = 1;
          for (const [index, one] of (computed[at] ?? []).entries()) {
            if (block !== undefined) block.computed[at + index * rows.length] = typeof one === "number" ? one : IN_TEXT;
          }
          const cells = all.flatMap((one) => {
            if (one.kind === "empty") return [""];
            if (one.kind !== "computed") return row.slice(one.first, one.last + 1).map(WRITTEN_AS[one.kind]);
            const found = computed[at]?.[one.index] ?? 0;
            if (typeof found === "number") return [String(found)];
            beside += `${unquotedIfPlain(found)}\n`;
            return [unquotedIfPlain(found)];
          });
          wanted += (cells.length === 1 && cells[0] === "" ? '""' : cells.join(",")) + to;
        }
        expect(Buffer.from(weaver.weave(fields, beside)).toString()).toBe(wanted);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

describe("objects that are woven", () => {
  test("are what JSON.stringify writes, without members that are left out", () => {
    const key = fc.oneof(
      fc.constantFrom("a", "name", "é", 'q"', "\\", "\n", "long".repeat(9)),
      fc.string({ unit: "grapheme" }),
    );
    const member = fc.oneof(
      fc.record({ kind: fc.constant("text" as const), column: fc.nat({ max: WIDTH - 1 }) }),
      fc.record({ kind: fc.constant("computed" as const), index: fc.nat({ max: 1 }) }),
    );
    const members = fc.uniqueArray(fc.tuple(key, member), { minLength: 1, maxLength: 4, selector: ([name]) => name });
    const computedValue = fc.oneof(value, fc.constant(undefined));
    const values = fc.array(fc.tuple(computedValue, computedValue), { minLength: 12, maxLength: 12 });
    const keeps = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });
    const tails = fc.constantFrom("\n", "\r\n", ",\n");
    fc.assert(
      fc.property(
        rowsOfFields,
        fc.constantFrom("\n", "\r\n"),
        tails,
        members,
        values,
        keeps,
        (rows, from, tail, all, computed, kept) => {
          const fields = load(rows, from);
          const objects = { members: all.map(([name, one]) => ({ key: name, ...one })), tail };
          const weaver = new Weaver(kernel, { ...pattern({ threads: [] }), objects });
          const block = weaver.open(fields);
          let beside = "";
          let wanted = "";
          for (const [at, row] of rows.entries()) {
            if (kept[at] !== true) continue;
            if (block !== undefined) block.kept[at] = 1;
            for (const [index, one] of (computed[at] ?? []).entries()) {
              if (block !== undefined)
                block.computed[at + index * rows.length] = typeof one === "number" ? one : IN_TEXT;
            }
            const texts = all.flatMap(([name, one]) => {
              if (one.kind === "text") return [`${JSON.stringify(name)}:${JSON.stringify(row[one.column]?.text)}`];
              const found = computed[at]?.[one.index];
              const json =
                typeof found === "object" ? JSON.stringify(found.text) : found === undefined ? "" : String(found);
              if (typeof found !== "number") beside += `${json}\n`;
              return found === undefined ? [] : [`${JSON.stringify(name)}:${json}`];
            });
            wanted += `{${texts.join(",")}}${tail}`;
          }
          expect(Buffer.from(weaver.weave(fields, beside)).toString()).toBe(wanted);
        },
      ),
      { seed: SEED, numRuns: 1000 },
    );
  });
});

function unquotedIfPlain({ text: content }: Field): string {
  return written({ text: content, isQuoted: false });
}

describe("text that is looked at", () => {
  test("is that of the wanted columns, row by row", () => {
    const picks = fc.subarray([0, 1, 2, 3], { minLength: 1 });
    fc.assert(
      fc.property(rowsOfFields, fc.constantFrom("\n", "\r\n"), picks, (rows, newline, texts) => {
        const block = new Weaver(kernel, pattern({ texts })).open(load(rows, newline));
        const found = Array.from({ length: rows.length * texts.length }, (_, at) =>
          block?.text.slice(block.bounds[at], block.bounds[at + 1]),
        );
        expect(found).toEqual(rows.flatMap((row) => texts.map((column) => row[column]?.text)));
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

describe("the text of a field", () => {
  test("is what stands there, without quotes", () => {
    fc.assert(
      fc.property(rowsOfFields, fc.constantFrom("\n", "\r\n"), (rows, newline) => {
        const reader = new FieldReader(kernel, pattern({}).wanted);
        const fields = load(rows, newline);
        for (const [at, row] of rows.entries()) {
          for (const [column, one] of row.entries()) expect(reader.text(fields, at, column)).toBe(one.text);
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});

describe("strings that are made once", () => {
  test("are those of the fields, and the same string for the same field, as far as there are any", () => {
    const picks = fc.subarray([0, 1, 2, 3], { minLength: 1 });
    fc.assert(
      fc.property(fc.array(rowsOfFields, { minLength: 1, maxLength: 3 }), picks, (blocks, interned) => {
        const reader = new FieldReader(kernel, pattern({ interned }).wanted);
        for (const rows of blocks) {
          const fields = load(rows, "\n");
          const { ids } = reader.read(fields, kernel.scratch(reader.bytesFor(fields))) ?? { ids: [] };
          const texts = rows.flatMap((row) => interned.map((column) => row[column]?.text ?? ""));
          for (const [at, content] of texts.entries()) {
            const id = ids[at] ?? NO_TEXT;
            const isShort = Buffer.byteLength(content) <= 32 && !content.includes('"');
            expect(id === NO_TEXT ? isShort : reader.strings[id]).toBe(id === NO_TEXT ? false : content);
          }
        }
        expect(new Set(reader.strings).size).toBe(reader.strings.length);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test("are no more than the table holds", () => {
    const reader = new FieldReader(kernel, pattern({ interned: [0] }).wanted);
    const rows = Array.from({ length: 5000 }, (_, at) =>
      [String(at), "", "", ""].map((one) => ({ text: one, isQuoted: false })),
    );
    const fields = load(rows, "\n");
    const { ids } = reader.read(fields, kernel.scratch(reader.bytesFor(fields))) ?? { ids: [] };
    expect([...ids]).toEqual(rows.map((_, at) => (at < 4096 ? at : NO_TEXT)));
    const again = reader.read(fields, kernel.scratch(reader.bytesFor(fields)))?.ids ?? [];
    expect([...again]).toEqual([...ids]);
  });
});

function read(content: string, kind: NumberKind, isQuoted: boolean): number | undefined {
  const row = [
    { text: "k", isQuoted: false },
    { text: content, isQuoted },
    { text: "", isQuoted: false },
    { text: "", isQuoted: false },
  ];
  const block = new Weaver(kernel, pattern({ numbers: [{ column: 1, kind }] })).open(load([row, row], "\n"));
  expect(block?.numbers.length ?? 2).toBe(2);
  expect(block?.numbers[1]).toBe(block?.numbers[0]);
  return block?.numbers[0];
}

describe("numbers that are looked at", () => {
  const digits = fc.string({ unit: fc.constantFrom("0", "1", "2", "5", "8", "9"), minLength: 1, maxLength: 18 });
  const numeric = fc.oneof(
    digits,
    fc.tuple(fc.constantFrom("", "-", "+"), digits, fc.constantFrom(".", "e", ""), digits).map((all) => all.join("")),
    fc.double().map(String),
    fc.constantFrom(
      "",
      "-",
      ".",
      "-.5",
      "5.",
      " 1",
      "1 ",
      "0x1f",
      "NaN",
      "abc",
      "Infinity",
      "I",
      "1_0",
      "１",
      "\u00a01",
    ),
  );

  test("are those that Number() reads, or none", () => {
    fc.assert(
      fc.property(numeric, fc.boolean(), (content, isQuoted) => {
        const found = read(content, "coerced", isQuoted);
        if (found !== undefined) expect(found).toBe(Number(content));
      }),
      { seed: SEED, numRuns: 1500 },
    );
  });

  test("are only digits, or digits with a fraction, where that is asked for", () => {
    fc.assert(
      fc.property(numeric, (content) => {
        const whole = read(content, "whole", false);
        const decimal = read(content, "decimal", false);
        expect(whole).toBe(/^-?\d{1,15}$/.test(content) ? Number(content) : undefined);
        const isDecimal = /^-?\d+(\.\d+)?$/.test(content) && content.replaceAll(/\D/g, "").length <= 15;
        expect(decimal).toBe(isDecimal ? Number(content) : undefined);
      }),
      { seed: SEED, numRuns: 1500 },
    );
  });

  test.each(["", "0", "-0", "1815", "12.75", "-0.1234567890123", "007", "abc", "N/A"])(
    "%j is read at once",
    (content) => {
      expect(read(content, "coerced", false)).toBe(Number(content));
    },
  );
});
