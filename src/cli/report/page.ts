/** The page of `rowmill report`: one file of HTML, with nothing to load and no script. */
import { isConverted } from "../../pipeline/told-format.ts";
import type { FoundRow, SurveyedRows } from "../../pipeline/survey-rows.ts";
import { type NumberFigures, numberFigures, oddValues } from "../../stages/survey/column-figures.ts";
import type { FoundKey } from "../../stages/survey/key-hashes.ts";
import { correlationOf } from "../../stages/survey/pair-sums.ts";
import { MAX_SURVEYED, type Mark } from "../../stages/survey/survey.ts";
import type { SurveyedColumn } from "../../stages/survey/total-survey.ts";
import type { PlaceCode } from "../../stages/profile/zod-code.ts";
import { cellText } from "../../formats/values/cell.ts";
import { stringifyJson } from "../../formats/values/json.ts";
import { count as shownCount } from "../../pages/figures.ts";
import { shareBar } from "../../pages/charts.ts";
import { plural, shownNumber, shownShare } from "../../pages/shown.ts";
import { type Detail, columnCard, commonestValues, shownTime } from "./column-card.ts";
import { table, text, value } from "../../pages/html.ts";
import { type Section, htmlPage } from "../../pages/page.ts";

/** What the page says beside the figures. */
export interface ReportOf {
  /** The inputs, as they are called. */
  names: string;
  /** Bytes of files, in words. */
  bytes: string | undefined;
  /** What the input is, in words. */
  format: string;
  found: SurveyedRows;
  types: readonly PlaceCode[];
  /** How many rows could not be read, and why the first of them. */
  failed: string;
  /** Rows that look odd, by their numbers, where they could be read once more. */
  oddRows: ReadonlyMap<number, FoundRow>;
}

/** The numbers of the rows that look odd. */
export function oddRowNumbers({ survey }: SurveyedRows): number[] {
  const columns = [...survey.columns.values()].map((column) => ({ column, figures: numberFigures(column, 1) }));
  return oddRows(columns).map(({ row }) => row);
}

/** A page takes no more than these bytes, as long as less can be said of each column. */
const MAX_BYTES = 950_000;
const DETAILS: readonly Detail[] = [
  { bars: 40, times: 120, values: 10, patterns: 8, hasFigures: true },
  { bars: 24, times: 48, values: 6, patterns: 4, hasFigures: true },
  { bars: 16, times: 24, values: 4, patterns: 3, hasFigures: false },
  { bars: 8, times: 12, values: 2, patterns: 1, hasFigures: false },
];
const MAX_ODD_ROWS = 50;
const MAX_PAIRS = 30;
const HEAD_ROWS = 5;
const HEAD_COLUMNS = 20;
/** More columns beside each other are too narrow to read on paper, so that rows stand beside each other instead. */
const MOST_ACROSS = 8;
const MAX_NOTES = 30;
const MAX_NAME = 80;

/** Makes it. */
export function reportPage(of: ReportOf): string {
  let page = "";
  const allKeys = of.found.survey.keys();
  for (const detail of DETAILS) {
    page = pageWith(of, { detail, allKeys });
    if (Buffer.byteLength(page) <= MAX_BYTES) break;
  }
  return page;
}

/** A column, and what is said of it. */
interface Column {
  column: SurveyedColumn;
  place: PlaceCode | undefined;
  figures: NumberFigures | undefined;
  /** How many different values it has, in words. */
  different: string;
}

function pageWith(of: ReportOf, { detail, allKeys }: { detail: Detail; allKeys: readonly FoundKey[] }): string {
  const { found, names, types } = of;
  const { survey, seen } = found;
  const placeOf = new Map(types.map((place) => [place.name, place]));
  const compared = new Map(allKeys.filter(({ isGivenUp }) => !isGivenUp).map(({ name, distinct }) => [name, distinct]));
  const columns = [...survey.columns.values()].map((column) => ({
    column,
    place: placeOf.get(column.name),
    figures: numberFigures(column, detail.bars),
    different: shownDifferent(column, compared.get(column.name)),
  }));
  const rows = seen.rows.count;
  const keys = allKeys.filter((key) => key.isAsked || key.isGivenUp || key.distinct >= key.count * ALMOST);
  const odd = oddRows(columns);
  const sections: Section[] = [
    ["notes", "What stands out", notesOf(of, { columns, keys, odd: odd.length })],
    ...(columns.length === 0
      ? []
      : ([
          ["overview", "Overview", overview(columns, rows)],
          ["columns", "Columns", rows === 0 ? "" : cards(columns, { rows, detail, found })],
        ] as const)),
    ["correlations", "Correlations", correlations(found)],
    ["keys", "Keys", keyTable(keys, rows)],
    ["odd", "Rows that look odd", oddTable(odd, of.oddRows)],
    ["first", "First rows", headTable(found)],
  ];
  return htmlPage({
    title: `Report of ${text(names, 200)}`,
    facts: [
      ["Rows", shownCount(rows)],
      [
        "Columns",
        `${shownCount(types.length)}${survey.hasMore ? `, of which the first ${MAX_SURVEYED} are shown` : ""}`,
      ],
      of.bytes === undefined ? undefined : ["Size", of.bytes],
      ["Format", text(of.format)],
      isConverted(seen.input.format)
        ? undefined
        : ["Encoding", text(seen.encoding ?? "unknown: there is nothing in it")],
    ],
    sections,
  });
}

/** @param compared How many, where all values were compared. */
function shownDifferent({ values, distinct }: SurveyedColumn, compared: number | undefined): string {
  if (values.isWhole) return shownCount(distinct);
  return compared === undefined ? `about ${shownCount(distinct)}` : shownCount(compared);
}

/** So many of the values of a column that tells rows apart are different. */
const ALMOST = 0.95;

const MARK_TEXTS: Record<Mark, string> = {
  spaces: "begin or end with a space",
  broken: "have a sign that stands for bytes which are no text: is the encoding right?",
  controls: "have control characters in them",
};

function notesOf(
  { failed, found }: ReportOf,
  { columns, keys, odd }: { columns: readonly Column[]; keys: readonly FoundKey[]; odd: number },
): string {
  const rows = found.seen.rows.count;
  const notes: string[] = [];
  if (failed !== "") notes.push(`<span class=warn>${text(failed, 600)}</span>`);
  if (rows === 0) notes.push("There is no row.");
  for (const key of keys) {
    const again = key.count - key.distinct;
    if (key.isGivenUp)
      notes.push(`${bold(key.name)} was not checked for values that come twice: there are too many rows.`);
    else if (again > 0 && (key.isAsked || rows > 2))
      notes.push(
        `<span class=warn>${bold(key.name)} has ${plural(again, "value")} that came before</span>: see <a href="#keys">Keys</a>.`,
      );
  }
  for (const { column, place, figures } of columns) {
    if (rows === 0) break;
    const { count, values, marks, numbers } = column;
    if (count === 0) notes.push(`${bold(column.name)} is always empty.`);
    else if (values.isWhole && values.size === 1 && count === rows && rows > 1)
      notes.push(`${bold(column.name)} is always ${value(values.commonest(1)[0]?.text ?? "", 60)}.`);
    if (count > 0 && count < rows / 2)
      notes.push(`${bold(column.name)} is empty in ${shownShare((rows - count) / rows)} of the rows.`);
    const others = count - (numbers?.count ?? 0);
    if (figures !== undefined && others > 0 && others < count / 2)
      notes.push(
        `${bold(column.name)} holds numbers, but for ${plural(others, "value")} (${text(place?.type ?? "")}): ${value(column.unlike[0]?.value ?? "", 40)} in row ${shownCount((column.unlike[0]?.row ?? 0) + 1)}.`,
      );
    for (const mark of Object.keys(marks) as Mark[]) {
      const marked = marks[mark];
      if (marked !== undefined)
        notes.push(
          `${shownCount(marked.count)} of the values of ${bold(column.name)} ${MARK_TEXTS[mark]}: first in row ${shownCount(marked.row + 1)}.`,
        );
    }
  }
  if (odd > 0)
    notes.push(
      `${odd < MAX_ODD_ROWS ? plural(odd, "row") : `At least ${odd} rows`} ${odd === 1 ? "looks" : "look"} odd: see <a href="#odd">Rows that look odd</a>.`,
    );
  if (notes.length === 0) return "<p>Nothing: no column is empty, or always the same, and no value is far off.</p>";
  const more = notes.length - MAX_NOTES;
  return `<ul class=notes>${notes
    .slice(0, MAX_NOTES)
    .map((note) => `<li>${note}`)
    .join("\n")}${more > 0 ? `<li>… and ${more} more` : ""}</ul>`;
}

function bold(column: string): string {
  return `<b>${value(column, MAX_NAME)}</b>`;
}

function overview(columns: readonly Column[], rows: number): string {
  return `<div class=over>${table({
    caption: "A line for each column",
    heads: ["Column", "Type", "Empty", "Different", "From", "To", "Commonest"],
    figures: [2, 3, 4, 5],
    rows: columns.map(({ column, place, figures, different }, at) => {
      const { count, times } = column;
      const [commonest] = commonestValues(column, 1);
      const [from, to] =
        figures === undefined || figures.count < count / 2
          ? times === undefined
            ? ["", ""]
            : [times.least[0], times.greatest[0]].map((time) => shownTime(time?.number ?? 0))
          : [figures.min, figures.max].map((number) => shownNumber(number));
      return [
        rows === 0 ? value(column.name, MAX_NAME) : `<a href="#c${at}">${value(column.name, MAX_NAME)}</a>`,
        text(place?.type ?? ""),
        rows === 0 ? "" : shownShare((rows - count) / rows),
        different,
        from ?? "",
        to ?? "",
        commonest !== undefined
          ? `${value(commonest.text, 40)} <span class=dim>${shownShare(commonest.count / count)}</span>`
          : "",
      ];
    }),
  })}</div>`;
}

function cards(
  columns: readonly Column[],
  { rows, detail, found }: { rows: number; detail: Detail; found: SurveyedRows },
): string {
  const all = columns.map(({ column, place, figures, different }, at) => {
    const { profile } = found.seen.rows.keys.get(column.name) ?? {};
    const empty = (profile?.texts?.empty ?? 0) + (profile?.nulls ?? 0);
    const of = { rows, empty, missing: rows - (profile?.count ?? 0), type: place?.type ?? "", id: `c${at}` };
    return columnCard(column, { ...of, different, figures, detail });
  });
  return `<div class=cards>${all.join("\n")}</div>`;
}

function correlations({ survey }: SurveyedRows): string {
  const found = survey.pairs
    .filter(({ a, b }) => [a, b].every((name) => isAllNumbers(survey.columns.get(name))))
    .flatMap((pair) => {
      const by = correlationOf(pair);
      return by === undefined || pair.count < 3 ? [] : [{ ...pair, by }];
    })
    .toSorted((x, y) => Math.abs(y.by) - Math.abs(x.by));
  if (found.length === 0) return "";
  const kept = found.slice(0, MAX_PAIRS);
  return `<p>Pearson's coefficient of columns of numbers: 1 or −1 where one follows the other in a straight line, 0 where it does not.</p>
${table({
  caption:
    kept.length < found.length
      ? `The ${kept.length} strongest of ${found.length} pairs`
      : "All pairs, the strongest first",
  heads: ["Column", "Column", "Coefficient", "Rows"],
  figures: [2, 3],
  rows: kept.map(({ a, b, by, count }) => [
    value(a, MAX_NAME),
    value(b, MAX_NAME),
    `${shownCoefficient(by)}${shareBar(Math.abs(by))}`,
    shownCount(count),
  ]),
})}`;
}

/** Nothing is below nothing. */
function shownCoefficient(by: number): string {
  const shown = by.toFixed(3);
  return Number(shown) === 0 ? "0.000" : shown.replace("-", "−");
}

function isAllNumbers(column: SurveyedColumn | undefined): boolean {
  return column?.numbers !== undefined && column.numbers.count === column.count;
}

function keyTable(keys: readonly FoundKey[], rows: number): string {
  const checked = keys.filter(({ isGivenUp, count }) => !isGivenUp && count > 0);
  if (rows === 0 || checked.length === 0) return "";
  return `<p>Columns whose values tell rows apart, or nearly do. Every value was compared.</p>
${table({
  caption: "Keys, and rows that have the same",
  heads: ["Key", "Values", "Came before", "Without one", "Rows with the same"],
  figures: [1, 2, 3],
  rows: checked.map(({ name, count, distinct, again }) => [
    value(name, MAX_NAME),
    shownCount(count),
    shownCount(count - distinct),
    shownCount(rows - count),
    again.length === 0
      ? "none"
      : again.map(({ rows: same }) => same.map((row) => shownCount(row + 1)).join(" = ")).join("; ") +
        (count - distinct > again.length ? "; …" : ""),
  ]),
})}`;
}

interface OddRow {
  row: number;
  said: { column: string; value: string; why: string }[];
}

/** Those with most that is odd first. */
function oddRows(columns: readonly Pick<Column, "column" | "figures">[]): OddRow[] {
  const byRow = Map.groupBy(
    columns.flatMap(({ column, figures }) => oddValues(column, figures)),
    ({ row }) => row,
  );
  return [...byRow]
    .map(([row, said]) => ({ row, said }))
    .toSorted((a, b) => b.said.length - a.said.length || a.row - b.row)
    .slice(0, MAX_ODD_ROWS);
}

/** Of a row so much is shown. */
const MAX_ROW_CHARS = 240;

function oddTable(odd: readonly OddRow[], found: ReadonlyMap<number, FoundRow>): string {
  if (odd.length === 0) return "";
  const hasLines = found.size > 0;
  return `<p>Row 1 is the first of the data. Of each column a few are shown.</p>
${table({
  caption: "Rows that have something which others have not",
  heads: hasLines ? ["Row", "Line", "What", "The row"] : ["Row", "What"],
  figures: hasLines ? [0, 1] : [0],
  rows: odd.map(({ row, said }) => {
    const what = said
      .map(({ column, value: seen, why }) => `<b>${value(column, MAX_NAME)}</b> ${value(seen, 60)}: ${text(why, 200)}`)
      .join("<br>");
    if (!hasLines) return [shownCount(row + 1), what];
    const own = found.get(row);
    const cells = own === undefined ? [] : Object.values(own.row).map(shownCell);
    return [
      shownCount(row + 1),
      own === undefined ? "" : shownCount(own.line),
      what,
      own === undefined ? "" : `<span class=dim>${value(cells.join(", "), MAX_ROW_CHARS)}</span>`,
    ];
  }),
})}`;
}

function headTable({ seen, survey }: SurveyedRows): string {
  const names = [...survey.columns.keys()].slice(0, HEAD_COLUMNS);
  const rows = seen.head.slice(0, HEAD_ROWS);
  if (rows.length === 0 || names.length === 0) return "";
  const more = survey.columns.size - names.length;
  const caption = `The first ${rows.length === 1 ? "row" : `${rows.length} rows`}${more > 0 ? `, in the first ${names.length} columns` : ""}`;
  const numbers = rows.map((_, at) => String(at + 1));
  const heads = names.map((column) => value(column, 40));
  return `<div class=wide>${table(
    names.length > MOST_ACROSS
      ? {
          caption,
          heads: ["Column", ...numbers.map((number) => `Row ${number}`)],
          rows: names.map((column, at) => [heads[at] ?? ""].concat(rows.map((row) => headCell(row, column)))),
        }
      : {
          caption,
          heads: ["Row", ...heads],
          rows: rows.map((row, at) => [numbers[at] ?? ""].concat(names.map((column) => headCell(row, column)))),
        },
  )}</div>`;
}

function headCell(row: Readonly<Record<string, unknown>>, column: string): string {
  return Object.hasOwn(row, column) ? value(shownCell(row[column]), 80) : "";
}

function shownCell(cell: unknown): string {
  return typeof cell === "object" && cell !== null && !(cell instanceof Date)
    ? stringifyJson(cell)
    : cellText(cell, "");
}
