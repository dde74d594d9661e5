/** The one table of the flags of a run: parsing, help and defaults come from here. */
import { UsageError } from "../errors.ts";
import { FORMAT_ALIASES, INPUT_FORMATS, OUTPUT_FORMATS } from "../formats/format.ts";
import { EXTRA_FIELDS } from "../formats/csv/dialect.ts";
import { USUAL_ROW_BYTES } from "../formats/long-rows.ts";
import { ENCODING_ERRORS } from "../pipeline/encoding.ts";
import { ERROR_POLICIES, OTHER_COLUMNS, type RunOptions } from "../pipeline/options.ts";
import { type Figure, NUMBER_FIGURES, type NumberFigure } from "../transform/grouping/grouping.ts";
import { FIELD_TYPES, type FieldType, TYPE_ALIASES } from "../transform/typed-fields.ts";
import { PROGRESS_MODES, type ProgressMode } from "./progress.ts";
import { characters } from "./characters.ts";
import { nameList, pairList } from "./name-list.ts";
import { type Flag, count, fileName, on, oneOf, to } from "./flag.ts";

type FlagGroup = "Input" | "Output" | "Rows" | "Failed rows" | "Work";

/** What the command line knows beside the options of a run. */
interface CliOptions {
  /** A list of inputs. */
  filesFrom?: string;
  quiet?: boolean;
  dryRun?: boolean;
  progress?: ProgressMode;
}

/** All that a command line may say. */
export type CliRunOptions = RunOptions & CliOptions;

const FIGURE_HELP: Readonly<Record<NumberFigure, string>> = {
  sum: "the sums of these columns, exact to the last digit",
  mean: "their means",
  min: "their least numbers",
  max: "their greatest numbers",
};

function flag(group: FlagGroup, flags: string, help: string, apply: Flag<CliRunOptions>["apply"]): Flag<CliRunOptions> {
  return { group, flags, help, apply };
}

/** Every flag of `run` and `eval`, in the order in which help shows them. */
export const FLAGS: readonly Flag<CliRunOptions>[] = [
  flag(
    "Input",
    "--from <format>",
    "input format: csv, tsv, tsv-escaped, jsonl, json (default: by extension, or first bytes)",
    to("from", oneOf("--from", INPUT_FORMATS, FORMAT_ALIASES)),
  ),
  flag(
    "Input",
    "--files-from <file>",
    "read names of inputs from there, one a line, or between NULs; - is standard input",
    to("filesFrom", fileName("--files-from", "list.txt")),
  ),
  flag(
    "Input",
    "-d, --delimiter <c>",
    "between fields: a character, tab, '\\x01', …; auto decides among , ; tab | (default: auto)",
    to("delimiter", characters("--delimiter")),
  ),
  flag("Input", "--quote <c>", 'around fields; "" for none (default: ")', to("quote", characters("--quote"))),
  flag(
    "Input",
    "--escape <c>",
    "before a quote inside a quoted field (default: the quote doubled)",
    to("escape", characters("--escape")),
  ),
  flag("Input", "--comment <c>", "leave out lines that start with it; may be repeated", comment),
  flag(
    "Input",
    "--skip-lines <n>",
    "leave out the first lines of each input",
    to("skipLines", count("--skip-lines", 0)),
  ),
  flag("Input", "-n, --no-headers", "there is no header: columns are c1, c2, …", on("noHeaders")),
  flag(
    "Input",
    "--columns <a,b,…>",
    "names of the input columns, in place of the header's",
    to("columns", names("--columns")),
  ),
  flag(
    "Input",
    "--dedup-columns",
    "give names that the header has twice the number of their column: id, id_3",
    on("dedupColumns"),
  ),
  flag("Input", "--lazy-quotes", "take quotes as they come in fields that are not quoted", on("lazyQuotes")),
  flag("Input", "--ragged", "take rows with missing fields", on("ragged")),
  flag(
    "Input",
    "--extra-fields <what>",
    "fields behind the last column: error, drop, or keep, as the array _rest (default: error)",
    to("extraFields", oneOf("--extra-fields", EXTRA_FIELDS)),
  ),
  flag(
    "Input",
    "--trim[=left]",
    "drop white space around fields, outside their quotes; left: before them only",
    to("trim", trimmed()),
  ),
  flag(
    "Input",
    "--null <a,b,…>",
    "these texts stand for null; it is written as the first one; may be repeated",
    nullTexts,
  ),
  flag(
    "Input",
    "--encoding <label>",
    "of the input: auto, utf-8, utf-16le, windows-1252, cp850, shift_jis, … (default: auto)",
    to("encoding"),
  ),
  flag(
    "Input",
    "--encoding-errors <what>",
    "bytes that are no text: error or replace, by U+FFFD (default: error)",
    to("encodingErrors", oneOf("--encoding-errors", ENCODING_ERRORS)),
  ),
  flag(
    "Input",
    "--max-row-bytes <n>",
    "a longer row is bad (default: 16 MiB)",
    to("maxRowBytes", count("--max-row-bytes", 1, USUAL_ROW_BYTES)),
  ),
  flag("Input", "--types <a=int,…>", `${FIELD_TYPES.join(", ")}; or for all columns auto (by the data), text`, types),
  flag(
    "Output",
    "-o, --output <file>",
    "write there, complete or not at all (default: -, standard output)",
    to("output", fileName("-o")),
  ),
  flag(
    "Output",
    "--to <format>",
    "output format: csv, tsv, tsv-escaped, jsonl, json, table, md (default: by extension, or as input)",
    to("to", oneOf("--to", OUTPUT_FORMATS, FORMAT_ALIASES)),
  ),
  flag("Output", "-i, --in-place", "rewrite the input file, complete or not at all", on("inPlace")),
  flag("Output", "--resume", "go on where a run with the same options was cut off", on("resume")),
  flag("Output", "--restart", "drop what a run that was cut off has left, and start over", on("restart")),
  flag("Output", "--wait", "wait for another run that writes the same output, in place of an error", on("wait")),
  flag("Output", "--out-delimiter <c>", "between output fields", to("outDelimiter", characters("--out-delimiter"))),
  flag(
    "Output",
    "--out-quote <c>",
    "around output fields that need it; '' for none",
    to("outQuote", characters("--out-quote")),
  ),
  flag("Output", "--keep-head", "skipped lines and comments stay before the header", on("keepHead")),
  flag("Output", "--no-header-out", "write no header", on("noHeaderOut")),
  flag("Output", "--quote-all", "quote every field", on("quoteAll")),
  flag("Output", "--crlf", "end lines with CR LF", on("crlf")),
  flag("Output", "--bom", "start with a byte order mark", on("bom")),
  flag("Output", "--escape-formulas", "defuse fields that a spreadsheet would run", on("escapeFormulas")),
  flag("Rows", "-e, --expression <expr>", "an expression in place of a transform module", to("expression")),
  flag("Rows", "--filter <expr>", "only rows for which this is true; runs first", to("filter")),
  flag("Rows", "--group-by <a,b,…>", "one row for each group with the same values in these columns", groupBy),
  flag("Rows", "--count", "the number of rows, of each group or of all", figure("count")),
  ...NUMBER_FIGURES.map((kind) => flag("Rows", `--${kind} <a,b,…>`, FIGURE_HELP[kind], figure(kind))),
  flag("Rows", "--limit <n>", "write so many rows, and end with the last of them", to("limit", count("--limit", 0))),
  flag("Rows", "--first <n>", "take only the first rows of the input", to("first", count("--first", 0))),
  flag("Rows", "--arg <k=v>", "ctx.args.k of the transform, args.k of an expression; may be repeated", argument),
  flag(
    "Failed rows",
    "--on-error <policy>",
    "fail: the first one ends the run; skip: leave it out; reject: record it too (default: fail)",
    to("onError", oneOf("--on-error", ERROR_POLICIES)),
  ),
  flag(
    "Failed rows",
    "--rejects <file>",
    "record failed rows there, as JSON lines (default: OUTPUT.rejects.jsonl)",
    to("rejects", fileName("--rejects", "rejects.jsonl")),
  ),
  flag("Failed rows", "--max-errors <n|n%>", "so many may fail; one more ends the run", to("maxErrors")),
  flag("Failed rows", "--timeout <duration>", "a row may take so long: 500ms, 5s, 2m", to("timeout")),
  flag(
    "Failed rows",
    "--retries <n>",
    "call the function again for a row that threw or rejected",
    to("retries", count("--retries", 0)),
  ),
  flag("Work", "-j, --jobs <n>", "workers (default: the cores that may be used)", to("jobs", count("-j", 1))),
  flag("Work", "-b, --batch <rows>", "rows in a batch (default: adaptive)", to("batch", count("-b", 1))),
  flag(
    "Work",
    "--concurrency <n>",
    "rows under way in a worker, for async functions (default: 16)",
    to("concurrency", count("--concurrency", 1)),
  ),
  flag("Work", "--rate <n/s>", "calls a second over all workers: 10/s, 600/m", to("rate")),
  flag("Work", "--unordered", "write results as batches finish", on("unordered")),
  flag("Work", "-k, --keep-order", "keep the order of the input (the default)", () => {}),
  flag(
    "Work",
    "--progress <when>",
    "show how far it is: auto (on a terminal), always, never (default: auto)",
    to("progress", oneOf("--progress", PROGRESS_MODES)),
  ),
  flag(
    "Work",
    "--summary <file>",
    "write a log of the run there, as JSON",
    to("summary", fileName("--summary", "summary.json")),
  ),
  flag("Work", "--dry-run", "say what would be done, and do nothing", on("dryRun")),
  flag("Work", "-q, --quiet", "say nothing but errors", on("quiet")),
  ...INPUT_FORMATS.map((format) =>
    flag(
      "Input",
      `--i${format}`,
      `same as --from ${format}`,
      to("from", () => format),
    ),
  ),
  ...OUTPUT_FORMATS.map((format) =>
    flag(
      "Output",
      `--o${format}`,
      `same as --to ${format}`,
      to("to", () => format),
    ),
  ),
];

function names(name: string): (text: string) => string[] {
  return (text) => nameList(name, text);
}

function comment(options: RunOptions, text: string): void {
  options.comment = [options.comment ?? [], text].flat();
}

function nullTexts(options: RunOptions, text: string): void {
  // Blanks alone are meant.
  const texts = text !== "" && text.trim() === "" ? [text] : nameList("--null", text);
  options.null = [options.null ?? [], texts].flat();
}

/** What `--trim` takes: nothing, or a word behind an equals sign. */
function trimmed(): ReturnType<typeof oneOf> {
  const word = oneOf("--trim", ["both", "left"]);
  return Object.assign((text: string) => word(text === "" ? "both" : text), { words: word.words });
}

function groupBy(options: RunOptions, text: string): void {
  options.groupBy = [...(options.groupBy ?? []), ...columnList("--group-by", text)];
}

/** Figures stand in the output as they do on the command line. */
function figure(kind: Figure["kind"]): Flag<CliRunOptions>["apply"] {
  return (options, text) => {
    const figures: Figure[] =
      kind === "count" ? [{ kind }] : columnList(`--${kind}`, text).map((column) => ({ kind, column }));
    options.figures = [...(options.figures ?? []), ...figures];
  };
}

function columnList(name: string, text: string): string[] {
  const columns = nameList(name, text);
  if (!columns.includes("")) return columns;
  throw new UsageError(`${name} has an empty name`, `for example: ${name} born`);
}

/** `born=int,zip=text`; a word alone is for all other columns. */
function types(options: RunOptions, text: string): void {
  const given: Record<string, FieldType | "auto" | "text"> = typeof options.types === "object" ? options.types : {};
  for (const [column, value] of pairList(text)) {
    const word = value.toLowerCase();
    const type = word === "auto" ? word : (TYPE_ALIASES[word] ?? FIELD_TYPES.find((known) => known === word));
    const name = column ?? OTHER_COLUMNS;
    if (type === undefined || column === "" || (name === OTHER_COLUMNS && type !== "auto" && type !== "string")) {
      const entry = column === undefined ? value : `${column}=${value}`;
      throw new UsageError(
        `--types has ${JSON.stringify(entry)}, wanted COLUMN=TYPE, auto or text`,
        `types are ${FIELD_TYPES.join(", ")}: --types born=int`,
      );
    }
    Object.defineProperty(given, name, { value: type, enumerable: true, configurable: true, writable: true });
  }
  options.types = given;
}

function argument(options: RunOptions, text: string): void {
  const at = text.indexOf("=");
  if (at < 1)
    throw new UsageError(`--arg is ${JSON.stringify(text)}, wanted NAME=VALUE`, "for example: --arg year=2017");
  options.args = { ...options.args, [text.slice(0, at)]: text.slice(at + 1) };
}
