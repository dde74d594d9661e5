/** What a survey says, against slow references, and that it says the same wherever rows are cut into parts. */
import { expect, test } from "bun:test";
import { array, assert, constantFrom, double, integer, oneof, option, property, tuple } from "fast-check";
import { isDataNumber } from "../../../src/fields/data-types.ts";
import { loadZod } from "../../../src/code/built-in-zod.ts";
import { shapeTests } from "../../../src/stages/profile/text-shapes.ts";
import { Bins, CALENDAR, DECIMAL } from "../../../src/stages/survey/bins.ts";
import { numberFigures, oddValues, SHARES, timeFigures } from "../../../src/stages/survey/column-figures.ts";
import { CountedTexts, keptOfPart, packCounts } from "../../../src/stages/survey/counted-texts.ts";
import { correlationOf } from "../../../src/stages/survey/pair-sums.ts";
import { surveyStage, unpackSurvey } from "../../../src/stages/survey/survey-stage.ts";
import { patternOf } from "../../../src/stages/survey/text-pattern.ts";
import { timeOf } from "../../../src/stages/survey/times.ts";
import { TotalSurvey } from "../../../src/stages/survey/total-survey.ts";

const tests = shapeTests(await loadZod());

type Row = Record<string, string>;

/** The survey of rows that are cut into parts of so many. */
function surveyed(rows: readonly Row[], size: number, key: readonly string[] = []): TotalSurvey {
  const stage = surveyStage({ kind: "survey", key }, { tests, hasColumns: true });
  const total = new TotalSurvey(Object.keys(rows[0] ?? {}), key.length === 0 ? undefined : key.join(", "));
  for (let at = 0; at < rows.length; at += size) {
    let part = stage.init();
    for (const [behind, row] of rows.slice(at, at + size).entries())
      part = stage.step(part, row, { index: at + behind } as never);
    for (const one of unpackSurvey(stage.pack(part))) total.take(one);
  }
  return total;
}

function columnOf(survey: TotalSurvey, name: string): ReturnType<TotalSurvey["columns"]["get"]> & object {
  const column = survey.columns.get(name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return column;
}

const TEXTS = oneof(
  integer({ min: -1000, max: 1000 }).map(String),
  double({ min: -1e6, max: 1e6, noNaN: true }).map((number) => number.toFixed(3)),
  constantFrom("", "n/a", "Ada Lovelace", "2024-05-01", "Zoë", "x y"),
);

test("counts, bounds, means, quantiles and different values are those of all rows, wherever they are cut", () => {
  assert(
    property(array(TEXTS, { minLength: 1, maxLength: 60 }), integer({ min: 1, max: 60 }), (texts, size) => {
      const column = columnOf(
        surveyed(
          texts.map((a) => ({ a })),
          size,
        ),
        "a",
      );
      const values = texts.filter((text) => text !== "");
      expect(column.count).toBe(values.length);
      expect(column.distinct).toBe(new Set(values).size);
      const counts = Object.entries(Object.groupBy(values, (text) => text))
        .map(([text, all = []]) => [text, all.length] as const)
        .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
      expect(column.values.commonest(Infinity).map(({ text, count }) => [text, count] as const)).toEqual(counts);
      for (const { text, row } of column.values.commonest(Infinity)) expect(texts.indexOf(text)).toBe(row);
      const numbers = values
        .filter(isDataNumber)
        .map((text) => Number(text) + 0)
        .toSorted((a, b) => a - b);
      const figures = numberFigures(column, 30);
      expect(figures?.count ?? 0).toBe(numbers.length);
      if (figures === undefined) return;
      expect(figures.min).toBe(numbers[0] ?? 0);
      expect(figures.max).toBe(numbers.at(-1) ?? 0);
      expect(Math.abs(figures.mean - mean(numbers))).toBeLessThan(1e-6);
      for (const [at, share] of SHARES.entries())
        expect(Math.abs((figures.quantiles[at] ?? 0) - slowQuantile(numbers, share))).toBeLessThan(1e-6);
      const { bars, below, above } = figures.spread;
      expect(bars.reduce((sum, { count }) => sum + count, below + above)).toBe(numbers.length);
    }),
    { numRuns: 150 },
  );
});

function slowQuantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const [low = 0, high = 0] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return low + (high - low) * (place - Math.floor(place));
}

/** Numbers that are the same each time. */
function drawn(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

test("of many different values: about how many, quantiles to within a hundredth, bars that hold all", () => {
  const draw = drawn(7);
  const rows = Array.from({ length: 30_000 }, () => ({ a: (Math.exp(draw() * 10) - 500).toFixed(4) }));
  const column = columnOf(surveyed(rows, 4000), "a");
  const numbers = rows.map(({ a }) => Number(a)).toSorted((a, b) => a - b);
  const different = new Set(rows.map(({ a }) => a)).size;
  expect(Math.abs(column.distinct - different) / different).toBeLessThan(0.03);
  const figures = numberFigures(column, 40);
  for (const [at, share] of SHARES.entries()) {
    const exact = slowQuantile(numbers, share);
    expect(Math.abs((figures?.quantiles[at] ?? 0) - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.011);
  }
  const bars = figures?.spread.bars ?? [];
  expect(bars.length).toBeGreaterThan(10);
  for (const { from, to, count } of bars)
    expect(count).toBe(numbers.filter((number) => number >= from && number < to).length);
});

test("bins are the same in whatever order values come", () => {
  for (const scale of [DECIMAL, CALENDAR])
    assert(
      property(
        array(double({ min: -8e12, max: 8e12, noNaN: true }), { minLength: 1, maxLength: 30 }),
        integer({ min: 1, max: 30 }),
        (drawnValues, size) => {
          // Times are whole milliseconds.
          const values = scale === CALENDAR ? drawnValues.map((value) => Math.round(value) + 0) : drawnValues;
          const ones = values.map(() => 1);
          const whole = new Bins(scale);
          whole.addAll(values, ones);
          const joined = new Bins(scale);
          for (let at = values.length; at > 0; at -= size) {
            const part = new Bins(scale);
            part.addAll(values.slice(Math.max(0, at - size), at), ones);
            joined.join(part.pack());
          }
          expect(joined.pack()).toEqual(whole.pack());
        },
      ),
    );
});

test("no text is missed that is common, however many there are", () => {
  const draw = drawn(3);
  const counted = new CountedTexts();
  const exact = new Map<string, number>();
  for (let part = 0; part < 20; part++) {
    const own = new Map<string, number>();
    for (let at = 0; at < 3000; at++) {
      const text = draw() < 0.1 ? `common ${Math.floor(draw() * 3)}` : `rare ${part} ${at}`;
      own.set(text, (own.get(text) ?? 0) + 1);
      exact.set(text, (exact.get(text) ?? 0) + 1);
    }
    const [texts, counts] = [[...own.keys()], [...own.values()]];
    const kept = keptOfPart(counts, counts.length);
    const of = (at: number): number => counts[at] ?? 0;
    counted.join(packCounts(kept, { text: (at) => texts[at] ?? "", count: of, row: of }));
  }
  expect(counted.isWhole).toBe(false);
  const found = counted.commonest(3);
  expect(found.map(({ text }) => text).toSorted()).toEqual(["common 0", "common 1", "common 2"]);
  for (const { text, count, most } of found) {
    expect(count).toBeLessThanOrEqual(exact.get(text) ?? 0);
    expect(most).toBeGreaterThanOrEqual(exact.get(text) ?? 0);
  }
});

test("correlations are Pearson's, of rows that have both", () => {
  assert(
    property(
      array(tuple(integer({ min: -99, max: 99 }), option(integer({ min: 5000, max: 5099 }))), {
        minLength: 3,
        maxLength: 40,
      }),
      integer({ min: 1, max: 40 }),
      (pairs, size) => {
        const rows = pairs.map(([a, b]) => ({ a: String(a), b: b === null ? "" : String(b) }));
        const both = pairs.flatMap(([a, b]) => (b === null ? [] : [[a, b] as const]));
        const [pair] = surveyed(rows, size).pairs;
        const expected = slowCorrelation(both);
        const found = pair === undefined ? undefined : correlationOf(pair);
        if (expected === undefined) expect(found).toBeUndefined();
        else expect(Math.abs((found ?? 9) - expected)).toBeLessThan(1e-9);
      },
    ),
    { numRuns: 100 },
  );
});

function mean(of: readonly number[]): number {
  return of.reduce((sum, one) => sum + one, 0) / of.length;
}

function slowCorrelation(pairs: readonly (readonly [number, number])[]): number | undefined {
  const [as, bs] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
  if (new Set(as).size < 2 || new Set(bs).size < 2) return undefined;
  const [meanA, meanB] = [mean(as), mean(bs)];
  const product = mean(pairs.map(([a, b]) => (a - meanA) * (b - meanB)));
  return product / Math.sqrt(mean(as.map((a) => (a - meanA) ** 2)) * mean(bs.map((b) => (b - meanB) ** 2)));
}

test("a key is told with the rows that have it twice", () => {
  const rows = Array.from({ length: 500 }, (_, at) => ({ id: String(at === 400 ? 7 : at), city: "Oslo", day: "1" }));
  const [key, ...others] = surveyed(rows, 90).keys();
  expect(others).toEqual([]);
  expect(key).toMatchObject({ name: "id", count: 500, distinct: 499, again: [{ rows: [7, 400] }] });
  const asked = surveyed(rows, 90, ["city", "id"]).keys()[0];
  expect(asked).toMatchObject({ name: "city, id", isAsked: true, count: 500, distinct: 499 });
});

test("what is odd: numbers far off, texts among numbers, other patterns", () => {
  const rows = Array.from({ length: 300 }, (_, at) => ({
    a: at === 50 ? "99999" : at === 60 ? "oops" : String(at % 10),
    b: at === 70 ? "??" : `AB-${at}`,
  }));
  const survey = surveyed(rows, 100);
  const odd = [...survey.columns.values()].flatMap((column) => oddValues(column, numberFigures(column, 30)));
  expect(odd.map(({ row, column }) => [row, column] as const)).toEqual([
    [50, "a"],
    [60, "a"],
    [70, "b"],
  ]);
});

test("times are read, and counted by what the calendar has", () => {
  expect(timeOf("2024-02-30")).toBeUndefined();
  expect(timeOf("2024-05-01 10:00")).toBe(Date.parse("2024-05-01T10:00Z"));
  expect(timeOf("2024-05-01T10:00:00.5+0200")).toBe(Date.parse("2024-05-01T08:00:00.500Z"));
  const days = Array.from({ length: 900 }, (_, day) => new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10));
  const column = columnOf(
    surveyed(
      days.map((a) => ({ a })),
      100,
    ),
    "a",
  );
  const times = timeFigures(column, 48);
  expect(times).toMatchObject({ unit: "month", count: 900 });
  expect(times?.bars.slice(0, 3).map(({ count }) => count)).toEqual([31, 29, 31]);
});

test("patterns tell letters from digits", () => {
  expect(["Ada Lovelace", "2024-05-01", "a1b22@Ex.org", "Zoë", "日本", "--"].map(patternOf)).toEqual([
    "Aa Aa",
    "9-9-9",
    "a9a9@Aa.a",
    "Aa",
    "a",
    "--",
  ]);
});
