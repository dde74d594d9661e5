/** What the page says of one column. */
import type { Bar } from "../../stages/survey/column-figures.ts";
import { type NumberFigures, SHARES, lengthBars, timeFigures } from "../../stages/survey/column-figures.ts";
import type { SurveyedColumn } from "../../stages/survey/total-survey.ts";
import { count as shownCount } from "../../pages/figures.ts";
import { barChart, shareBar } from "../../pages/charts.ts";
import { facts, table, text, value } from "../../pages/html.ts";
import { plural, shownNumber, shownShare } from "../../pages/shown.ts";

/** How much is said of each column. */
export interface Detail {
  /** Bars of numbers and of times, at most. */
  bars: number;
  times: number;
  /** Commonest values and patterns. */
  values: number;
  patterns: number;
  /** Figures of the bars, as text. */
  hasFigures: boolean;
}

interface CardOf {
  id: string;
  /** What it is, in a word. */
  type: string;
  rows: number;
  /** Rows where it is empty, or null; where it is not there. */
  empty: number;
  missing: number;
  /** How many different values it has, in words. */
  different: string;
  figures: NumberFigures | undefined;
  detail: Detail;
}

/** Values that are so rarely the same are no commonest ones. */
const LEAST_COMMON = 2;
const MAX_NAME = 80;

/** A card with figures, bars and tables. */
export function columnCard(
  column: SurveyedColumn,
  { id, type, rows, empty, missing, different, figures, detail }: CardOf,
): string {
  const { count, values, texts, name } = column;
  const label = text(name, MAX_NAME);
  const times = timeFigures(column, detail.times);
  const lengths = texts === undefined ? undefined : lengthBars(texts.lengths, detail.bars);
  const parts = [
    facts([
      ["Values", shownCount(count)],
      empty > 0 ? ["Empty", `${shownCount(empty)} (${shownShare(empty / rows)})`] : undefined,
      missing > 0 && rows > 0 ? ["Missing", `${shownCount(missing)} (${shownShare(missing / rows)})`] : undefined,
      count > 0 ? ["Different", different] : undefined,
    ]),
  ];
  if (figures !== undefined) parts.push(numbersPart(figures, { label, count, detail }));
  if (times !== undefined) {
    const only = times.count < count ? `${plural(times.count, "time")}, ` : "";
    parts.push(
      facts([
        ["First", shownTime(times.min)],
        ["Last", shownTime(times.max)],
      ]),
      `<p class=dim>${only}by ${times.unit}</p>`,
      barsPart(times.bars, {
        label: `${label} over time`,
        isTime: true,
        detail,
        name: (at) => shownTime(at, times.unit),
      }),
    );
  }
  if (texts !== undefined && lengths !== undefined)
    parts.push(
      textsPart(texts, { bars: lengths, label, detail, hasChart: !values.isWhole || values.size > detail.values }),
    );
  parts.push(commonest(column, detail), patterns(column, detail));
  return `<article class=card aria-labelledby=${id}><h3 id=${id} tabindex=-1>${value(name, MAX_NAME)}<span class=type>${text(type)}</span></h3>${parts.join("")}</article>`;
}

function numbersPart(
  { min, max, mean, deviation, zeros, negative, quantiles, isExact, spread, count: numbers }: NumberFigures,
  { label, count, detail }: { label: string; count: number; detail: Detail },
): string {
  const off = [
    ...(spread.below > 0 ? [`${shownCount(spread.below)} far below`] : []),
    ...(spread.above > 0 ? [`${shownCount(spread.above)} far above`] : []),
  ];
  return [
    facts([
      numbers < count ? ["Numbers", shownCount(numbers)] : undefined,
      ["Least", shownNumber(min)],
      ["Greatest", shownNumber(max)],
      ["Mean", shownNumber(mean, 6)],
      deviation === undefined ? undefined : ["Deviation", shownNumber(deviation, 4)],
      zeros > 0 ? ["Zeros", shownCount(zeros)] : undefined,
      negative > 0 ? ["Negative", shownCount(negative)] : undefined,
    ]),
    barsPart(spread.bars, {
      label: `How the numbers of ${label} are spread`,
      detail,
      name: (at) => shownNumber(at, 12),
    }),
    off.length === 0 ? "" : `<p class=dim>Without a bar: ${off.join(", ")}.</p>`,
    `<p class=dim>Quantiles${isExact ? "" : ", to within 1 %"}</p>`,
    facts(
      SHARES.map((share, at) => [
        share === 0.5 ? "Median" : `${share * 100} %`,
        shownNumber(quantiles[at] ?? 0, isExact ? 6 : 4),
      ]),
    ),
  ].join("");
}

interface Bars {
  label: string;
  isTime?: boolean;
  detail: Detail;
  /** Where a bar begins or ends, in words. */
  name: (at: number) => string;
}

function barsPart(bars: readonly Bar[], { label, isTime = false, detail, name }: Bars): string {
  const filled = bars.filter(({ count }) => count > 0);
  const [most] = filled.toSorted((a, b) => b.count - a.count);
  const said = most === undefined ? "" : `: most from ${name(most.from)}, ${shownCount(most.count)}`;
  const chart = barChart(bars, { label: `${label}${said}`, isTime });
  if (!detail.hasFigures) return chart;
  const lines = filled.map(
    ({ from, to, count }) => `${name(from)}${isTime ? "" : ` to &lt; ${name(to)}`}: ${shownCount(count)}`,
  );
  // Lines of text: a table for each chart was half of a page's elements.
  return `${chart}<details><summary>Figures of the bars</summary><p class=lines>${lines.join("\n")}</details>`;
}

function textsPart(
  { count, characters }: { count: number; characters: number },
  { bars, label, detail, hasChart }: { bars: readonly Bar[]; label: string; detail: Detail; hasChart: boolean },
): string {
  const filled = bars.filter((bar) => bar.count > 0);
  const chart = barsPart(bars, { label: `Lengths of the texts of ${label}`, detail, name: (at) => shownNumber(at) });
  return (
    facts([
      ["Texts", shownCount(count)],
      ["Characters, mean", shownNumber(characters / count, 3)],
    ]) + (hasChart && filled.length > 1 ? `<p class=dim>Lengths, in characters</p>${chart}` : "")
  );
}

/** Of so few different texts or numbers the commonest are worth a look, however rare; of others, if they stand out. */
const FEW_TEXTS = 200;
const FEW_NUMBERS = 20;
const STANDS_OUT = 3;

/** The commonest values, where they say something. */
export function commonestValues(
  column: SurveyedColumn,
  most: number,
): ReturnType<SurveyedColumn["values"]["commonest"]> {
  const { values, count, distinct, numbers } = column;
  const isFew = values.isWhole && distinct <= (numbers === undefined ? FEW_TEXTS : FEW_NUMBERS);
  const least = isFew ? LEAST_COMMON : Math.max(LEAST_COMMON, (STANDS_OUT * count) / distinct);
  // What may as well be chance is not shown: of one that was given up, nobody knows how often it came.
  return values.commonest(most).filter((one) => one.count >= least && one.count > (one.most - one.count) * 2);
}

function commonest(column: SurveyedColumn, { values: most }: Detail): string {
  const { count } = column;
  const sure = commonestValues(column, most);
  const [first] = sure;
  if (first === undefined) return "";
  const isAbout = sure.some((one) => one.most > one.count);
  return table({
    caption: `Commonest values${isAbout ? ", at least so often" : ""}`,
    heads: ["Value", "Rows", "Share"],
    figures: [1, 2],
    rows: sure.map((one) => [
      `${value(one.text, 60)}${shareBar(one.count / first.count)}`,
      shownCount(one.count),
      shownShare(one.count / count),
    ]),
  });
}

function patterns({ patterns: all, count, texts, times }: SurveyedColumn, { patterns: most }: Detail): string {
  const looked = (texts?.count ?? 0) + (times?.count ?? 0);
  const found = all.commonest(most);
  if (looked === 0 || found.length === 0) return "";
  const more = all.size - found.length;
  const rows = found.map(({ text: pattern, count: times_ }) => [
    `<code>${value(pattern, 50)}</code>`,
    shownCount(times_),
    shownShare(times_ / count),
  ]);
  return table({
    caption: `Patterns: A and a for letters, 9 for digits${more > 0 ? `; ${all.isWhole ? more : "many"} more` : ""}`,
    heads: ["Pattern", "Rows", "Share"],
    figures: [1, 2],
    rows,
  });
}

const DAY_CHARS = 10;
const UNIT_CHARS: Readonly<Record<string, number>> = { year: 4, month: 7, day: DAY_CHARS };

/** A time of UTC, without what is nothing of it. @param unit What it is a start of. */
export function shownTime(at: number, unit?: string): string {
  const iso = new Date(at).toISOString();
  const chars = unit === undefined ? undefined : UNIT_CHARS[unit];
  if (chars !== undefined) return iso.slice(0, chars);
  return iso.endsWith("T00:00:00.000Z") && unit === undefined
    ? iso.slice(0, DAY_CHARS)
    : iso.slice(0, "2000-01-01T00:00:00".length).replace("T", " ");
}
