/** The plan of a run in words, for --dry-run. */
import { shownColumn } from "../formats/columns.ts";
import { isPattern } from "../formats/text/cut.ts";
import { isKernelDialect } from "../formats/text/dialect.ts";
import { hasDialect, readerOf } from "../formats/registry.ts";
import { shownName } from "../io/files.ts";
import type { FoundDelimiter } from "../pipeline/delimiter.ts";
import type { InputPlan } from "../pipeline/options.ts";
import type { RunPlan } from "../pipeline/plan.ts";
import { isConverted } from "../pipeline/told-format.ts";
import { WAY_NAMES } from "../transform/plan/ways.ts";
import { count } from "../pages/figures.ts";

/** The most column names that are listed. */
const MAX_COLUMNS = 50;
/** The most characters of a stage that are shown. */
const MAX_STAGE = 60;

export function describePlan(plan: RunPlan): string {
  const { input, output, columns, outputColumns } = plan;
  const lines: [label: string, text: string][] = [["inputs", plan.inputs.map(shownName).join(", ")]];
  if (plan.connections !== undefined) lines.push(["sent", shownConnections(plan.connections)]);
  if (columns === undefined || !hasDialect(input.format)) {
    lines.push(["format", [input.format, ...shownSettings(input)].join(", ")]);
  } else {
    const how = shownBetween(input, plan.foundDelimiter);
    const isKernel = isKernelDialect(input.dialect) && readerOf(input.format).traits.form === "file";
    const reader = isKernel ? "SIMD kernel" : "tokenizer";
    lines.push(["format", `${input.format}, ${how}, read by the ${reader}`]);
  }
  if (columns === undefined) {
    if (plan.reads !== undefined) lines.push(["reads", list(plan.reads) || "nothing"]);
  } else {
    lines.push(["columns", `${columns.length}: ${list(columns)}`]);
    const reads = plan.reads ?? columns;
    lines.push([
      "reads",
      `${reads.length} of ${columns.length} columns${reads.length < columns.length ? `: ${list(reads)}` : ""}`,
    ]);
  }
  if (plan.rowGroups !== undefined) lines.push(["row groups", shownGroups(plan)]);
  for (const [at, text] of typeLines(plan).entries()) lines.push([at === 0 ? "types" : "", text]);
  if (plan.encoding !== undefined && !isConverted(plan.input.format)) lines.push(["encoding", plan.encoding]);
  if (plan.folds) lines.push(["folds", "all rows, cell by cell of a fixed grid of the input"]);
  const packed = output.compression === undefined ? "" : `, compressed with ${output.compression}`;
  lines.push([
    "output",
    `${output.format}${packed}${outputColumns === undefined ? "" : `, columns ${list(outputColumns)}`}`,
  ]);
  if (plan.parquet !== undefined) lines.push(["parquet", shownParquet(plan.parquet)]);
  if (plan.table !== undefined) lines.push(["table", shownTable(plan.table)]);
  if (plan.split !== undefined)
    lines.push([plan.split.what, `one for each value in ${list(plan.split.by)}: ${plan.split.into}`]);
  for (const [label, text] of wayLines(plan)) lines.push([label, text]);
  lines.push(["jobs", String(plan.jobs)]);
  lines.push([
    "first batch",
    "rows" in plan.firstBatch ? `${plan.firstBatch.rows} rows` : `${plan.firstBatch.bytes} bytes`,
  ]);
  return `${lines.map(([label, text]) => `${(label === "" ? "" : `${label}:`).padEnd(13)}${text}`).join("\n")}\n`;
}

/** How Parquet is packed, and the types of its columns as far as they do not come from their values. */
function shownParquet({ codec, asked, stated }: NonNullable<RunPlan["parquet"]>): string {
  const packed = codec === "none" ? "not packed" : `packed with ${codec}`;
  const known = [
    ...(asked.length > 0 ? [`${listTypes(asked)} (by --parquet-types)`] : []),
    ...(stated.length > 0 ? [`${listTypes(stated)} where all values are such`] : []),
  ];
  return `${packed}; ${known.length === 0 ? "types by the values" : `${known.join("; ")}; others by their values`}`;
}

/** How many row groups are not read. */
function shownGroups({ rowGroups, inputs: [first = "", ...others] }: RunPlan): string {
  const { skipped = 0, all = 0 } = rowGroups ?? {};
  const which = `${count(skipped)} of ${count(all)}`;
  const where = others.length > 0 ? ` of ${shownName(first)}` : "";
  return `${which}${where} are skipped: by their statistics no row of them passes --filter`;
}

/** How a file comes from its server. */
function shownConnections({ atOnce, because }: NonNullable<RunPlan["connections"]>): string {
  return atOnce === 1 ? `over one connection: ${because}` : `by ranges, over ${atOnce} connections at once`;
}

function shownTable({ setup, found }: NonNullable<RunPlan["table"]>): string {
  const name = shownName(setup.name);
  if (found === undefined) return `${name}: is made, its columns typed by the first 1,000 rows`;
  const others = {
    fail: "rows are added",
    ignore: "rows are added whose key is not there",
    replace: "rows are added, or written over those with the same key",
  };
  const how = setup.replaces ? "its rows are replaced" : others[setup.onConflict];
  return `${name}: is there, with the columns ${list(found.columns)}; ${how}`;
}

/** What stands between fields, and around them. */
function shownBetween(
  { dialect: { delimiter, quote, cut }, detectsDelimiter }: Pick<InputPlan, "dialect" | "detectsDelimiter">,
  found: FoundDelimiter | undefined,
): string {
  if (cut === undefined)
    return `delimiter ${showCharacter(delimiter)}${describeDelimiter(found)}, quote ${showCharacter(quote)}`;
  return shownCut(cut, detectsDelimiter);
}

/** How lines are cut that are not cut at a delimiter. */
export function shownCut(cut: string, isFound: boolean): string {
  if (isPattern(cut)) return `delimiter ${cut}`;
  return `columns at ${cut.replace("~", "")}${isFound ? " (by the first rows)" : ""}`;
}

/** The options that are the format's own, in words. */
export function shownSettings({ settings, isGuessed }: Pick<InputPlan, "settings" | "isGuessed">): string[] {
  const how = isGuessed ? " (by its first bytes)" : "";
  return Object.entries(settings).flatMap(([name, value]) =>
    typeof value === "string" || value === true ? [`${value === true ? name : `${name} ${value}`}${how}`] : [],
  );
}

/** What rows go through, the way that they take, and why no quicker one. */
function wayLines({ explained }: RunPlan): [label: string, text: string][] {
  if (explained === undefined) return [];
  const { stages, kind, because, unfit } = explained;
  const chain = stages.map(({ name, what }) => (what === "" ? name : `${name} ${shortened(what)}`)).join(" → ");
  return [
    ["stages", chain],
    ["way", `${WAY_NAMES[kind]}: ${because}`],
    ...unfit.map((one): [string, string] => ["", `not ${WAY_NAMES[one.kind]}: ${one.because}`]),
  ];
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > MAX_STAGE ? `${line.slice(0, MAX_STAGE)}…` : line;
}

/** What the fields are to the code, and who says so. */
function typeLines({ record, types, sampledRows, ...plan }: RunPlan): string[] {
  const lines: string[] = [];
  const ofRecord = record !== undefined && "fields" in record ? record.fields : [];
  const isOfRecord = new Set(ofRecord.map(({ name }) => name));
  const given = types.filter(({ name, isGiven }) => isGiven && !isOfRecord.has(name));
  // The type of a column that is not read is not shown.
  const isRead = new Set(plan.reads ?? plan.columns);
  const byData = types.filter(({ name, isGiven }) => !isGiven && isRead.has(name));
  if (record !== undefined) {
    if ("why" in record) lines.push(unusedRecord(record));
    else lines.push(`${listTypes(ofRecord)} (by ${calledType(record)}, ${record.place})`);
  }
  if (given.length > 0) lines.push(`${listTypes(given)} (by --types)`);
  if (byData.length > 0) {
    const sample = sampledRows === 1 ? "the first row" : `the first ${count(sampledRows)} rows`;
    const by = isConverted(plan.input.format) ? "what the input says" : sample;
    lines.push(`${listTypes(byData)} (by ${by})`);
  }
  return lines;
}

function calledType({ name }: { name: string }): string {
  return name === "" ? "the type of the row" : `the type ${name}`;
}

/** That the type of the rows is not used, and why. */
export function unusedRecord(record: { name: string; place: string; why: string }): string {
  const place = record.place === "" ? "" : ` (${record.place})`;
  return `${calledType(record)}${place} is not used: it ${record.why}`;
}

/** How a delimiter was found, in brackets. */
export function describeDelimiter(found: FoundDelimiter | undefined): string {
  if (found === undefined) return "";
  if (found.doubt !== undefined) return ` (in doubt: ${found.doubt})`;
  return { "first line": " (its first line says so)", rows: " (by the first rows)", default: " (the default)" }[
    found.by
  ];
}

function showCharacter(text: string): string {
  if (text === "\t") return "tab";
  return text === "" ? "none" : text;
}

function listTypes(types: readonly { name: string; type: string }[]): string {
  const shown = types.slice(0, MAX_COLUMNS).map(({ name, type }) => `${shownColumn(name)}: ${type}`);
  return `${shown.join(", ")}${types.length > MAX_COLUMNS ? ", …" : ""}`;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, MAX_COLUMNS).map(shownColumn).join(", ");
  return names.length > MAX_COLUMNS ? `${shown}, …` : shown;
}
