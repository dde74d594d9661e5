/** What `rowmill info INPUT` says: what the inputs are, what their columns hold, how many rows there are. */
import { cellText } from "../formats/values/cell.ts";
import { shownBytes } from "../pages/figures.ts";
import { isPattern } from "../formats/text/cut.ts";
import { stringifyJson } from "../formats/values/json.ts";
import { TableWriter } from "../formats/drawing/table.ts";
import { shownName } from "../io/files.ts";
import { countRows } from "../pipeline/count-rows.ts";
import { aborted } from "../pipeline/interrupted.ts";
import type { RunOptions } from "../options/run-options.ts";
import { inputsOf } from "../pipeline/options.ts";
import { expandInputs } from "../pipeline/expand-inputs.ts";
import { type SeenRows, profileRows } from "../pipeline/profile-rows.ts";
import { type PlaceCode, rowCode } from "../stages/profile/zod-code.ts";
import { fileBytes } from "./progress.ts";
import { describeFailedRows } from "./run-report.ts";
import { describeDelimiter, shownCut, shownSettings } from "./dry-run.ts";
import { hasDialect } from "../formats/registry.ts";
import { isConverted } from "../pipeline/told-format.ts";
import { showControls } from "./render-error.ts";
import { readAs } from "./schema-file.ts";

/** The most columns that are listed, and that the first rows are shown with. */
const MAX_COLUMNS = 200;
const MAX_HEAD_COLUMNS = 20;
/** How many of the first rows are shown. */
const HEAD_ROWS = 5;

/** What was found out. */
export interface InputInfo {
  inputs: string[];
  /** Undefined for streams. */
  bytes: number | undefined;
  seen: SeenRows;
  /** All rows, also those behind the sample. */
  rows: number;
  columns: PlaceCode[];
}

/**
 * Looks at the first rows of inputs, and counts all. A stream is read once: there all rows are looked at.
 *
 * @throws {RowmillError} If they cannot be read.
 */
export async function inputInfo(asked: RunOptions, sampleRows: number): Promise<InputInfo> {
  const inputs = await expandedInputs(asked);
  const options = { ...asked, inputs };
  const bytes = await inputBytes(inputs, asked.signal);
  const isFiles = bytes !== undefined;
  const seen = await profileRows({ ...options, onError: "skip", ...(isFiles && { first: sampleRows }) });
  return {
    inputs,
    bytes,
    seen,
    rows: seen.isWhole ? seen.summary.rowsIn : await countRows(options),
    columns: rowCode(seen.rows, readAs(seen, options)),
  };
}

/** The inputs, patterns by the files that they stand for. */
async function expandedInputs(options: RunOptions): Promise<string[]> {
  return await Promise.race([expandInputs(inputsOf(options)), aborted(options.signal)]);
}

/** Bytes of all inputs; undefined where one is a stream. */
export async function inputBytes(
  inputs: readonly string[],
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const sizes = await Promise.race([Promise.all(inputs.map(fileBytes)), aborted(signal)]);
  return sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
}

/** As JSON, in a line. */
export function inputInfoJson(info: InputInfo): string {
  const { seen, columns } = info;
  const { input, encoding, shape, summary, head, isWhole } = seen;
  const { firstFailure } = summary;
  const isText = seen.columns !== undefined && hasDialect(input.format);
  return `${stringifyJson({
    inputs: info.inputs,
    bytes: info.bytes,
    format: input.format,
    ...(isText && { ...betweenFields(input.dialect), hasHeader: input.hasHeader }),
    encoding,
    hasBom: shape.hasBom,
    hasCrlf: shape.hasCrlf,
    rows: info.rows,
    looked: { rows: summary.rowsIn, isAll: isWhole, failed: summary.rowsFailed },
    ...(firstFailure !== undefined && { firstFailure: { ...firstFailure.place, message: firstFailure.message } }),
    columns: columns.map(({ name, type, code, notes }) => ({ name, type, zod: code, seen: notes })),
    head: head.slice(0, HEAD_ROWS),
  })}\n`;
}

function betweenFields({ cut, delimiter, quote }: SeenRows["input"]["dialect"]): object {
  if (cut === undefined) return { delimiter, quote };
  return isPattern(cut) ? { delimiter: cut, quote } : { widths: cut.replace("~", "") };
}

/** In lines and tables for people. */
export function describeInput(info: InputInfo, terminalWidth: number | undefined): string {
  const { seen, columns } = info;
  const { summary, head } = seen;
  const looked = seen.isWhole ? "all rows" : `the first ${summary.rowsIn} rows`;
  const lines: [label: string, text: string][] = [
    [
      "input",
      `${info.inputs.map(shownName).join(", ")}${info.bytes === undefined ? "" : ` (${shownBytes(info.bytes)})`}`,
    ],
    ["format", shownFormat(seen)],
  ];
  // What is no text is in none.
  if (!isConverted(seen.input.format)) {
    const mark = seen.shape.hasBom ? ", byte order mark" : "";
    lines.push(["encoding", `${seen.encoding ?? "unknown: there is nothing in it"}${mark}`]);
  }
  lines.push(["rows", String(info.rows)], ["columns", `${columns.length}, by ${looked}`]);
  const multiline = columns.filter(({ name }) => (seen.rows.keys.get(name)?.profile.texts?.multiline ?? 0) > 0);
  if (multiline.length > 0) {
    const names = multiline.slice(0, MAX_HEAD_COLUMNS).map(({ name }) => name);
    lines.push(["newlines", `inside fields of ${names.join(", ")}${multiline.length > names.length ? ", …" : ""}`]);
  }
  const text = lines.map(([label, value]) => `${`${label}:`.padEnd(10)}${showControls(value)}\n`).join("");
  const failed = summary.rowsFailed > 0 ? describeFailedRows(summary) : "";
  if (columns.length === 0) return text + failed;
  return text + failed + columnTable(columns, terminalWidth) + headTable(head, columns, terminalWidth);
}

/** What the input is, in words. */
export function shownFormat({ input, columns, shape, foundDelimiter }: SeenRows): string {
  const lineEnds = shape.hasCrlf ? "lines end with CR LF" : "lines end with LF";
  if (columns === undefined || isConverted(input.format)) return [input.format, ...shownSettings(input)].join(", ");
  if (!hasDialect(input.format)) return [input.format, ...shownSettings(input), lineEnds].join(", ");
  const { delimiter, quote, cut } = input.dialect;
  if (cut !== undefined) return [input.format, shownCut(cut, input.detectsDelimiter), lineEnds].join(", ");
  const shown = delimiter === "\t" ? "tab" : delimiter;
  const parts = [
    input.format,
    `delimiter ${shown}${describeDelimiter(foundDelimiter)}`,
    quote === "" ? "no quotes" : `quote ${quote}`,
  ];
  if (!input.hasHeader) parts.push("no header");
  return [...parts, lineEnds].join(", ");
}

function columnTable(columns: readonly PlaceCode[], terminalWidth: number | undefined): string {
  const rows = columns.slice(0, MAX_COLUMNS).map(({ name, type, notes }) => [name, type, notes.join(", ")]);
  const more = columns.length - rows.length;
  return table(["column", "type", "seen"], rows, terminalWidth) + (more > 0 ? `… and ${more} more columns\n` : "");
}

function headTable(head: SeenRows["head"], columns: readonly PlaceCode[], terminalWidth: number | undefined): string {
  if (head.length === 0) return "";
  const names = columns.slice(0, MAX_HEAD_COLUMNS).map(({ name }) => name);
  const rows = head
    .slice(0, HEAD_ROWS)
    .map((row) => names.map((name) => (Object.hasOwn(row, name) ? shownCell(Reflect.get(row, name)) : "")));
  return table(names, rows, terminalWidth);
}

/** A cell of a table takes so much at most; a field may be of any length. */
const MAX_CELL_CHARS = 200;

function shownCell(value: unknown): string {
  const text =
    typeof value === "object" && value !== null && !(value instanceof Date)
      ? stringifyJson(value)
      : cellText(value, "");
  return text.slice(0, MAX_CELL_CHARS);
}

function table(names: string[], rows: string[][], terminalWidth: number | undefined): string {
  const writer = new TableWriter(terminalWidth);
  const lines = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const text = Buffer.concat([writer.rows(lines, names), writer.end(names)]).toString();
  return text + writer.notices.map((notice) => `${notice}\n`).join("");
}
