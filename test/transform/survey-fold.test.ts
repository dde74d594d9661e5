/** What a report says of fields as they lie in blocks is what it says of the same rows as objects. */
import { expect, test } from "bun:test";
import { array, assert, boolean, constantFrom, double, integer, oneof, property, record, string } from "fast-check";
import { loadZod } from "../../src/code/built-in-zod.ts";
import { decodeCsv } from "../../src/formats/csv/decoder.ts";
import { ColumnTexts, FIELD_WORDS, LOOK } from "../../src/formats/indexed/column-texts.ts";
import { Kernel } from "../../src/formats/kernel/host.ts";
import { INPUT_START, openMemory } from "../../src/formats/memory.ts";
import { shapeTests } from "../../src/stages/profile/text-shapes.ts";
import type { PackedCounts } from "../../src/stages/survey/counted-texts.ts";
import { type RowsPart, rowAt } from "../../src/stages/survey/survey.ts";
import { surveyStage, unpackSurvey } from "../../src/stages/survey/survey-stage.ts";
import { isCanonical, marksOf, numberOf } from "../../src/stages/survey/value-looks.ts";
import { patternOf } from "../../src/stages/survey/text-pattern.ts";
import { timeOf } from "../../src/stages/survey/times.ts";
import { SurveyFold } from "../../src/transform/survey/survey-fold.ts";

const tests = shapeTests(await loadZod());
const COLUMNS = ["a", "b", "c"];

const NUMBERS = oneof(
  integer().map(String),
  // What schemas make of numbers with exponents hangs on which comes first.
  double({ noNaN: true }).map((number) => number.toFixed(20)),
  double({ min: -1e4, max: 1e4, noNaN: true }).map((number) => number.toFixed(2)),
  constantFrom("0", "-0", "-0.0", "007", "1.", ".5", "+3", " 7", "7 ", "0.0000001", "-", "1.50"),
  constantFrom(
    "123456789012345",
    "1234567890123456",
    "0.123456789012345",
    "9007199254740993",
    "+12345678",
    "1-2",
    "--1",
  ),
);
const TEXTS = oneof(
  constantFrom(
    "Ada Lovelace",
    "ada@example.org",
    'say "hi"',
    '"',
    "a,b",
    "a\nb",
    "x\ty",
    "\u0000",
    "\u007f",
    " edge ",
    "true",
  ),
  constantFrom(
    "Zoë",
    "日本",
    "a\u00a0",
    "\u00a0",
    "😀 x",
    "\ufffd",
    "Ünder",
    "12é",
    "AB-123",
    "ab12cd34ef56gh78ij90kl12mn34op56qr78st90uv",
  ),
  constantFrom(
    "2024-05-01",
    "2024-02-30",
    "2024-05-01T10:00:00Z",
    "2024-05-01 10:00",
    "2024-05-01T10:00:00.500Z",
    "1234-56-78x",
  ),
  constantFrom("x".repeat(31), "y".repeat(32), "z".repeat(90), "longer ".repeat(40)),
  string({ maxLength: 12, unit: "grapheme" }),
);
const FIELDS = oneof(NUMBERS, TEXTS, constantFrom("", "1e5", "-1e-7", "1e-7", "5e-324"));

function fieldOf(text: string, isQuoted: boolean): string {
  return isQuoted || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const memory = openMemory();

interface Ways {
  key?: string[];
  emptyIsNull?: boolean;
  blockBytes?: number;
  /** As fields, and as rows. */
  ways?: boolean[];
}

/** Both surveys of the rows of a text. */
function bothWays(
  csv: string,
  { key = [], emptyIsNull = false, blockBytes, ways = [true, false] }: Ways,
): [RowsPart[], RowsPart[]] {
  const bytes = Buffer.from(csv);
  memory.reserve(bytes.length + 1);
  memory.bytes.set(bytes, INPUT_START);
  const dialect = { delimiter: ",", quote: '"', escape: '"', comments: [], trim: "none", emptyIsNull };
  const input = { dialect, extraFields: "error", blockBytes, settings: {}, types: {} };
  const stage = surveyStage({ kind: "survey", key }, { tests, hasColumns: true });
  const surveyed = ways.map((wantsFields) => {
    const decoder = decodeCsv(memory, input as never, { columns: COLUMNS, wantsFields } as never);
    const fold = new SurveyFold(memory, { file: COLUMNS, quote: '"', emptyIsNull });
    let part = stage.init();
    let firstRow = 100;
    for (const block of decoder.blocks(INPUT_START, INPUT_START + bytes.length, () => {})) {
      const folded = wantsFields ? fold.take({} as never, { block, firstRow } as never, part) : undefined;
      if (folded !== undefined) firstRow += folded.rowsIn;
      else
        for (const row of block.rows.slice(0, block.count))
          part = stage.step(part, row, { index: firstRow++ } as never);
    }
    return unpackSurvey(stage.pack(part));
  });
  return [surveyed[0] ?? [], surveyed[1] ?? []];
}

function sorted({ texts, counts, rows, ...rest }: PackedCounts): object {
  return {
    ...rest,
    of: texts.map((text, at) => [text, counts[at], rows[at]] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  };
}

/** What does not hang on the order in which values were looked at. */
function inOrder({ rows, profile, ...part }: RowsPart, count: number): object {
  return {
    ...part,
    rows: Array.from({ length: count }, (_, at) => rowAt(rows, at)),
    columns: part.columns.map(({ values, patterns, ...column }) => ({
      ...column,
      values: sorted(values),
      patterns: sorted(patterns),
    })),
    // A zero with a sign is one.
    profile: [...profile.rows.keys].map(([name, { profile: own, first }]) => {
      const { numbers, distinct, ...texts } = own.texts ?? {};
      const range = numbers && [numbers.min + 0, numbers.max + 0];
      return [name, first, { ...own, texts }, range, distinct && [...distinct].toSorted()];
    }),
  };
}

test("fields are surveyed as rows are", () => {
  const ROW = record({
    a: oneof(NUMBERS, TEXTS, constantFrom("")),
    b: NUMBERS,
    c: constantFrom("x", "y", "", "Zoë"),
    isQuoted: boolean(),
  });
  assert(
    property(array(ROW, { minLength: 1, maxLength: 60 }), boolean(), boolean(), (rows, emptyIsNull, hasKey) => {
      const well = rows.map((row) => ({ ...row, a: row.a.toWellFormed(), b: row.b }));
      const csv = well
        .map(({ a, b, c, isQuoted }) => [a, b, c].map((text) => fieldOf(text, isQuoted)).join(","))
        .join("\n");
      const [fields, objects] = bothWays(`${csv}\n`, { key: hasKey ? ["c", "a"] : [], emptyIsNull, blockBytes: 500 });
      expect(fields.length).toBe(1);
      expect(fields.map((part) => inOrder(part, rows.length))).toEqual(
        objects.map((part) => inOrder(part, rows.length)),
      );
    }),
    { numRuns: 100 },
  );
});

/** The numbers of all rows. */
function rowsOf(parts: readonly RowsPart[]): number[] {
  return parts.flatMap(({ rows, profile }) => Array.from({ length: profile.rows.count }, (_, at) => rowAt(rows, at)));
}

test("many different values are told apart, some of them with quotes, and what looks alike is counted as such", () => {
  const lines = Array.from({ length: 9000 }, (_, at) => {
    const text =
      at % 3 === 0 ? `"${"ab-".repeat(at % 7)}""${at % 4000}"""` : at % 5 === 0 ? "" : `${"x9 ".repeat(at % 50)}y`;
    return `${text},${at % 2 === 0 ? at : -at / 4},${at % 4000 === 1 ? "é" : "A-1 ".repeat((at * 7) % 1200)}z`;
  });
  const [fields, objects] = bothWays(`${lines.join("\n")}\n`, { key: ["a", "b"], blockBytes: 20_000 });
  expect(fields.length).toBe(1);
  const apart = (parts: RowsPart[]): object[] =>
    parts.map((part) => {
      // Of many texts it is a sample that is held against shapes.
      const { profile, ...rest } = inOrder(part, lines.length) as { profile: object };
      return { ...rest, values: part.columns.map(({ values }) => values.missed), profile: typeof profile };
    });
  expect(apart(fields)).toEqual(apart(objects));
});

test("rows that are not as they should be come between", () => {
  const [fields, objects] = bothWays("1,2,3\n4,5,6\n\n7,8,9\n\n\n10,11,12\n".repeat(30), { blockBytes: 64 });
  expect(rowsOf(fields)).toEqual(rowsOf(objects));
});

/** The shapes of the texts of each column. */
function shapes(csv: string): string[][] {
  const [[part]] = bothWays(csv, { ways: [true] });
  return Array.from(part?.profile.rows.keys.values() ?? [], ({ profile }) => Array.from(profile.texts?.shapes ?? []));
}

test("of many different texts types are told by a sample, in which what looks otherwise is", () => {
  const lines = Array.from(
    { length: 5000 },
    (_, at) => `user${at}@example.org,${at},2024-05-01T00:00:${at % 60}.${at}`,
  );
  expect(shapes(`${lines.join("\n")}\n`).slice(0, 2)).toEqual([["email"], ["integer", "number", "decimal"]]);
  const odd = lines.toSpliced(4500, 1, "none,1.50,x");
  expect(shapes(`${odd.join("\n")}\n`)).toEqual([[], ["decimal"], []]);
});

test("the kernel says of a text what TypeScript says of it", () => {
  const texts = new ColumnTexts(memory, { columns: 1, quote: '"' });
  assert(
    property(FIELDS, (given) => {
      const text = given.toWellFormed().replaceAll(/["\r\n]/g, "_");
      const bytes = Buffer.from(`${text}\n`);
      memory.reserve(bytes.length + 1);
      memory.bytes.set(bytes, INPUT_START);
      if (!(memory instanceof Kernel)) throw new Error("no kernel");
      memory.indexCsv(
        { start: INPUT_START, end: INPUT_START + bytes.length, unit: "byte" },
        { delimiter: "\u0001", quote: '"', keepsBlankLines: true },
      );
      if (text.includes("\u0001")) return;
      texts.clear();
      texts.take({ start: INPUT_START, rows: 1, bytes: bytes.length, reindex: () => {} });
      const found = texts.column(0);
      const { words } = found;
      const hash = new BigUint64Array(words.slice(0, 2).buffer)[0];
      expect(words.length).toBe(FIELD_WORDS);
      expect(hash).toBe(Bun.hash.xxHash64(text));
      if (text === "") return;
      const said = found.allMarks;
      expect([...found.marks, found.counts[0], found.firsts[0], found.placeOf[0]]).toEqual([said, 1, 0, 0]);
      // eslint-disable-next-line no-control-regex
      expect((said & LOOK.high) !== 0 && (said & LOOK.number) === 0).toBe(/[^\0-\x7f]/.test(text));
      if ((said & LOOK.high) !== 0) return;
      const number = numberOf(text);
      if ((said & LOOK.number) !== 0) {
        expect(found.numbers[0]).toBe(number);
        expect((said & LOOK.canonical) !== 0).toBe(isCanonical(text, number));
        return;
      }
      if ((said & LOOK.maybeNumber) === 0) expect(number).toBeNaN();
      if ((said & LOOK.maybeTime) === 0) expect(timeOf(text)).toBeUndefined();
      const marks = LOOK.edge | LOOK.control | LOOK.lines;
      expect(said & marks).toBe(marksOf(text) & marks);
      expect([...found.patternOf, ...found.patternFirsts]).toEqual([0, 0]);
      expect(patternOf(text)).not.toBe("");
    }),
    { numRuns: 2000 },
  );
});
