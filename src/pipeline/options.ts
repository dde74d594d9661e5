/** What the options of a run come to: how its inputs are read, how results are written, and how the work is spread. */
import { extname } from "node:path";
import { UsageError } from "../errors.ts";
import { namesWord, shellWord } from "../formats/command-words.ts";
import { mostWorkers } from "../thread-room.ts";
import type { OutputDialect } from "../formats/text/output-dialect.ts";
import { TYPED_CSV } from "../formats/text/typed-field.ts";
import type { Reader, Settings } from "../formats/format.ts";
import {
  hasColumns,
  type InputFormat,
  type OutputFormat,
  FORMATS,
  USUAL_FORMAT,
  isInput,
  readerOf,
  writerOf,
} from "../formats/registry.ts";
import { isPattern, isToBeFound } from "../formats/text/cut.ts";
import { CSV, type Dialect, type ExtraFields, REST_COLUMN, type RowForm, type Trim } from "../formats/text/dialect.ts";
import { ESCAPED_NULL } from "../formats/text/field-escapes.ts";
import { type OutputCompression, outputCompression, uncompressedName } from "../io/compression.ts";
import { STDIN, fileOf } from "../io/files.ts";
import { isArchiveName } from "../io/zip/zip-name.ts";
import { descriptorOf } from "../io/descriptor-path.ts";
import { STDOUT, STDOUT_FD } from "../io/sink.ts";
import { once } from "../once.ts";
import { formatOfOptions } from "../options/check-values.ts";
import { encodingOf } from "../options/encoding.ts";
import { namedParts } from "./source-name.ts";
import { contentOf, formatByName, outputFormatByName } from "./told-format.ts";
import { type RowLimit, byteSize, durationMs, rowLimit } from "../options/quantities.ts";
import { type Option, OTHER_COLUMNS } from "../options/option.ts";
import type { RunOptions, ValueOf } from "../options/run-options.ts";
import { OPTION_ENTRIES, OPTIONS, type OptionName } from "../options/table.ts";
import type { InputShape, KeptHead } from "./detect.ts";
import type { ToldWindow } from "../code/window.ts";
import type { AskedStep } from "../stages/registry.ts";
import { CODE_WINDOW, UNPIVOT_NAMES, askedColumns, isWindow, makesOpenColumns } from "../stages/rewriting/asked.ts";
import { sortKey } from "../stages/sort/sort-keys.ts";
import type { FieldType } from "../fields/typed-fields.ts";
import type { SplitTemplate, TableTemplate } from "../options/split-template.ts";

/** Rows that a function gets that takes many at once. */
const BATCH_ROWS = 1000;

/** The inputs to read: standard input when none is named. */
export function inputsOf(options: RunOptions): string[] {
  return options.inputs === undefined || options.inputs.length === 0 ? [STDIN] : options.inputs;
}

/**
 * What is known of the format: all; that it is one of several, of which its first bytes tell (`kin`); nothing: the server
 * of the input may tell, or its first bytes (`open`); nothing, and the options are those of tables.
 */
type FormatKnowledge = "known" | "kin" | "open" | "table";

/** How the inputs are to be read, as far as the options tell. */
export interface InputPlan extends RowForm {
  format: InputFormat;
  /** The options that are its own. */
  settings: Settings;
  /** They were guessed by the first bytes. */
  isGuessed: boolean;
  /** What was said of what depends on the format. */
  said: Record<"quote", string | undefined> &
    Record<"noHeaders" | "keepHead" | "inPlace" | "objects", boolean | undefined> &
    Record<"extraFields", ExtraFields | undefined> &
    Record<"comment", string | string[] | undefined>;
  /** How far the format is known before the first input is open. */
  formatIs: FormatKnowledge;
  /** The options say how the rows of a table are to be read: whatever it looks like, it is one. */
  isSaid: boolean;
  /** The delimiter is to be found out from the first bytes. */
  detectsDelimiter: boolean;
  /** As `TextDecoder` calls it, or `auto`. */
  encoding: string;
  encodingErrors: ValueOf<"encodingErrors">;
  skipLines: number;
  hasHeader: boolean;
  /** Lines before the table are kept: they go to the output. */
  keepsHead: boolean;
  /** Comments between rows are kept where they are. */
  keepsComments: boolean;
  /** Types of columns are found out from the first rows. */
  typesByData: boolean;
  columns: string[] | undefined;
  dedupsColumns: boolean;
  maxRowBytes: number;
}

/** The input side of the options, defaults filled in. */
export function inputPlan(options: RunOptions): InputPlan {
  const [first = STDIN] = options.inputs ?? [];
  const from = options.from ?? formatOfOptions(options);
  const known = from ?? formatByName(first);
  const format = known ?? USUAL_FORMAT;
  const reader = readerOf(format);
  const usual = { ...CSV, ...reader.dialect };
  const given = options.delimiter === "auto" ? undefined : options.delimiter;
  const settings = settingsOf(options, format);
  const { noHeaders, extraFields, keepHead, inPlace, objects, comment } = options;
  const said = { quote: options.quote, noHeaders, extraFields, keepHead, inPlace, objects, comment };
  const cut = given !== undefined && isPattern(given) ? given : reader.cut?.(settings);
  const quote = options.quote ?? (cut === undefined ? usual.quote : "");
  return {
    format,
    settings,
    isGuessed: false,
    said,
    formatIs: from === undefined ? knowledgeOf(known, options) : "known",
    isSaid:
      (options.skipLines ?? OPTIONS.skipLines.default) > 0 || saysAny({ ...options, delimiter: given }, ROW_OPTIONS),
    dialect: {
      delimiter: cut === undefined ? (given ?? usual.delimiter) : usual.delimiter,
      cut,
      quote,
      escape: options.escape ?? quote,
      comments: [options.comment ?? []].flat(),
      lazyQuotes: options.lazyQuotes ?? false,
      trim: trimOf(options),
      hasEscapes: usual.hasEscapes,
      ...(usual.emptyIsNull === true && { emptyIsNull: true }),
    },
    isRagged: options.ragged ?? false,
    ...habitual(reader, said),
    nullTexts: options.null === undefined ? undefined : [options.null].flat(),
    detectsDelimiter: (reader.detectsDelimiter === true && given === undefined) || isToBeFound(cut),
    encoding: encodingOf(options.encoding ?? OPTIONS.encoding.default),
    encodingErrors: options.encodingErrors ?? OPTIONS.encodingErrors.default,
    skipLines: options.skipLines ?? OPTIONS.skipLines.default,
    typesByData: wantsDataTypes(options),
    columns: options.columns,
    dedupsColumns: options.dedupColumns ?? false,
    maxRowBytes: options.maxRowBytes ?? OPTIONS.maxRowBytes.default,
  };
}

/** What a format has a habit of, where nobody says otherwise. */
function habitual(
  { habits }: Reader,
  { noHeaders, extraFields, keepHead, inPlace, comment }: InputPlan["said"],
): Pick<InputPlan, "extraFields" | "hasHeader" | "keepsHead" | "keepsComments"> {
  return {
    extraFields: extraFields ?? habits?.extraFields ?? OPTIONS.extraFields.default,
    hasHeader: noHeaders !== true && (habits === undefined || habits.header !== undefined),
    keepsHead: inPlace === true || keepHead === true || habits !== undefined,
    keepsComments: (inPlace === true && comment !== undefined) || (habits?.comments.between.length ?? 0) > 0,
  };
}

/** Options that say something of tables of text, and of nothing else. */
const TABLE_OPTIONS = new Set<string>(
  OPTION_ENTRIES.flatMap(([name, { tells }]) => (tells === undefined ? [] : [name])),
);

/** Those of them by which rows are cut, or columns named. */
const ROW_OPTIONS = new Set<string>(OPTION_ENTRIES.flatMap(([name, { tells }]) => (tells === "rows" ? [name] : [])));

function saysAny(options: object, names: ReadonlySet<string>): boolean {
  return Object.entries(options).some(([name, value]) => names.has(name) && value !== undefined);
}

function settingsOf(options: RunOptions, format: InputFormat): Settings {
  const { settings = [] } = readerOf(format);
  return Object.fromEntries(Object.entries(options).filter(([name]) => settings.includes(name)));
}

function knowledgeOf(format: InputFormat | undefined, options: RunOptions): FormatKnowledge {
  if (format !== undefined) return contentOf(format) === undefined ? "known" : "kin";
  return saysAny(options, TABLE_OPTIONS) ? "table" : "open";
}

function trimOf({ trim }: RunOptions): Trim {
  if (trim === true) return "both";
  return trim === undefined || trim === false ? "none" : trim;
}

/** The plan with the format that the input's server tells, where it was not known. */
export function withFormat(plan: InputPlan, format: InputFormat | undefined): InputPlan {
  if (plan.formatIs === "known" || plan.formatIs === "kin" || format === undefined) return plan;
  const { detectsDelimiter = false } = readerOf(format);
  const formatIs = contentOf(format) === undefined ? "known" : "kin";
  return { ...asFormat(plan, format), formatIs, detectsDelimiter: plan.detectsDelimiter && detectsDelimiter };
}

/** The plan for an input that has turned out to be of a format. */
export function asFormat(plan: InputPlan, format: InputFormat): InputPlan {
  const reader = readerOf(format);
  const usual = { ...CSV, ...reader.dialect };
  const { objects } = plan.said;
  const quote = plan.said.quote ?? (plan.dialect.cut === undefined ? usual.quote : "");
  return {
    ...plan,
    ...habitual(reader, plan.said),
    format,
    ...(objects === true && reader.settings?.includes("objects") === true && { settings: { objects } }),
    dialect: {
      ...plan.dialect,
      delimiter: plan.detectsDelimiter ? usual.delimiter : plan.dialect.delimiter,
      quote,
      escape: plan.dialect.escape === plan.dialect.quote ? quote : plan.dialect.escape,
    },
  };
}

/** The plan for the text that is made of an input of this format. */
export function convertedPlan(plan: InputPlan, format: InputFormat): InputPlan {
  return {
    ...plan,
    format,
    formatIs: "known",
    detectsDelimiter: false,
    dialect: { ...CSV, ...readerOf(format).dialect },
    // What options say of text is not said of this one.
    isRagged: false,
    skipLines: 0,
    hasHeader: true,
    keepsHead: false,
    keepsComments: false,
  };
}

/** How results are to be written. */
export interface OutputPlan {
  format: OutputFormat;
  dialect: OutputDialect;
  hasHeader: boolean;
  hasBom: boolean;
  /** A line before the header that says the delimiter, as the input had it. */
  sepLine: string | undefined;
  /** Lines before the header that come from the input. */
  head: KeptHead | undefined;
  /** As `TextDecoder` calls it, where it is not UTF-8. */
  encoding: string | undefined;
  compression: OutputCompression | undefined;
  /** It goes to standard output. */
  isStdout: boolean;
  /** The table in the file that rows go to; undefined where nobody says it. */
  table: string | undefined;
}

/** How the first input is written. */
export interface FoundShape extends InputShape {
  head: KeptHead;
  /** As `TextDecoder` calls it. */
  encoding: string;
  /** That of its rows: a rejects file holds rows of another format. */
  format: OutputFormat;
  inputFormat: InputFormat;
  /** Its rows come out with the columns that they have, if they come out. */
  isPassedOn: boolean;
  /** Its rows were written as those of a file are, wherever they go now. */
  isOfFile?: boolean;
  dialect: Dialect;
  extraFields: ExtraFields;
}

/** Why a run cannot go on behind what it has written, where that is the fault of its output's format. */
export function notResumable({ to, output }: RunOptions): string | undefined {
  const format = to ?? outputFormatByName(output ?? "");
  return format === undefined ? undefined : writerOf(format).traits.notResumable;
}

/**
 * The output side of the options, defaults filled in.
 *
 * @throws {UsageError} If delimiter and quote come to be the same.
 */
export function outputPlan(options: RunOptions, found: FoundShape): OutputPlan {
  // What is rewritten in place stays as it was.
  const kept = options.inPlace === true ? found : undefined;
  const isNamed = kept === undefined && options.output !== undefined;
  const byName = isNamed ? outputFormatByName(options.output ?? "") : undefined;
  // A name says no more than that it is TSV, say: of the two kinds it is that of the input.
  const isVariant = byName !== undefined && FORMATS[found.format].told.variantOf === byName;
  const format = options.to ?? (isVariant ? found.format : (byName ?? found.format));
  const hasEscapes = writerOf(format).dialect?.hasEscapes === true;
  const isTyped = writerOf(format).traits.copies === "typed";
  const dialect = outputDialect(options, format, found);
  const head = keptHead(options, format, found);
  return {
    format,
    dialect: isTyped
      ? TYPED_CSV
      : {
          ...dialect,
          newline: (options.crlf ?? (keepsLines(format, found) ? found : kept)?.hasCrlf) === true ? "\r\n" : "\n",
          quoteAll: options.quoteAll ?? false,
          nullText: [options.null ?? []].flat()[0] ?? (hasEscapes ? ESCAPED_NULL : usualNull(format, found)),
          escapeFormulas: options.escapeFormulas ?? false,
          hasEscapes,
          isTyped: false,
          rest: found.extraFields === "keep" ? REST_COLUMN : undefined,
        },
    // Without a header in, there is none out, unless names were given.
    hasHeader:
      options.noHeaderOut !== true &&
      writerOf(format).hasHeader !== false &&
      (options.noHeaders !== true || namesColumns(options, format, found)),
    hasBom: (hasColumns(format) ? options.bom : undefined) ?? kept?.hasBom ?? false,
    sepLine: head === undefined ? undefined : found.sepLine?.replace(/(?<=sep=)./i, dialect.delimiter),
    head,
    encoding: kept === undefined || kept.encoding === "utf-8" ? undefined : kept.encoding,
    compression:
      kept === undefined ? outputCompression(options.output ?? "", options.bgzf) : keptCompression(options, kept),
    isStdout: goesToStdout(options),
    table: options.splitBy === undefined ? options.outputTable : undefined,
  };
}

/** A file that is rewritten in place stays compressed as it is, or becomes BGZF. */
function keptCompression({ bgzf }: RunOptions, { compression }: FoundShape): OutputCompression | undefined {
  return bgzf === true && compression === "gzip" ? "bgzf" : compression;
}

/** Whether an output has a header whose input has none: a file that is rewritten in place stays without. */
function namesColumns(options: RunOptions, format: OutputFormat, found: FoundShape): boolean {
  return format !== found.format || (options.columns !== undefined && options.inPlace !== true);
}

/** The lines before the table, where they stand before the output's. */
function keptHead(options: RunOptions, format: OutputFormat, found: FoundShape): KeptHead | undefined {
  const isHabit = keepsLines(format, found);
  if (options.inPlace !== true && options.keepHead !== true && !isHabit) return undefined;
  const hasPlace = options.inPlace === true ? format === found.format : writerOf(format).traits.takesHead;
  if (hasPlace) return found.head;
  const lines =
    options.comment !== undefined ||
    (options.skipLines ?? OPTIONS.skipLines.default) > 0 ||
    found.sepLine !== undefined;
  if (!lines && options.keepHead !== true) return undefined;
  throw new UsageError(
    `lines that are no rows are to be kept, and ${format} has no place for them`,
    options.inPlace === true ? "write to another file: -o FILE" : "--keep-head is for CSV and TSV",
  );
}

/** Whether lines of the input that are no rows go to an output of this format: they are as they were. */
function keepsLines(format: OutputFormat, { inputFormat }: FoundShape): boolean {
  return format === inputFormat && hasHabits(format);
}

/** Rows that go on as they are hold no null of their own. */
function usualNull(format: OutputFormat, { inputFormat, isPassedOn }: FoundShape): string {
  return isPassedOn && inputFormat === format ? "" : (writerOf(format).nullText ?? "");
}

/** Whether what is read in a format, and written in it, keeps the lines that are no rows. */
export function hasHabits(format: string): boolean {
  return isInput(format) && readerOf(format).habits !== undefined;
}

function goesToStdout({ output }: RunOptions): boolean {
  return output === undefined || output === STDOUT;
}

/** What stands between fields and around them. A file in the format of the input has them as the input has. */
function outputDialect(
  options: RunOptions,
  format: OutputFormat,
  found: FoundShape,
): Pick<OutputDialect, "delimiter" | "quote" | "escape" | "comments" | "keepsSpace" | "hasBlankRows"> {
  const isSame = format === found.format;
  const kept = isSame && (found.isOfFile === true || !goesToStdout(options)) ? found.dialect : undefined;
  const { delimiter: usual = CSV.delimiter } = writerOf(format).dialect ?? {};
  const delimiter = options.outDelimiter ?? kept?.delimiter ?? usual;
  const quote =
    options.outQuote ?? (options.quoteAll === true ? CSV.quote : (kept?.quote ?? usualQuote(format, found)));
  if (quote !== "" && delimiter.includes(quote)) {
    throw new UsageError(
      "output fields have the same character between them and around them",
      "--out-quote names another",
    );
  }
  return {
    delimiter,
    quote,
    escape: quote === kept?.quote ? kept.escape : quote,
    comments: kept?.comments ?? [],
    hasBlankRows: options.inPlace === true && kept?.keepsBlankLines === true,
    keepsSpace: quote !== "" && (kept?.trim ?? "none") !== "none",
  };
}

/** What is around fields where nobody says it: TSV has no quotes, but where it was read with some. */
function usualQuote(format: OutputFormat, found: FoundShape): string {
  const usual = format === found.format ? found.dialect : writerOf(format).dialect;
  return usual?.quote === "" ? "" : CSV.quote;
}

/** The types that are given, by column. */
export function typesOf({ types }: RunOptions): Record<string, FieldType> {
  if (types === undefined || typeof types === "string") return {};
  const given = Object.entries(types).flatMap(([name, type]): [string, FieldType][] =>
    name === OTHER_COLUMNS || type === "auto" ? [] : [[name, type === "text" ? "string" : type]],
  );
  return Object.fromEntries(given);
}

/** What fields are of which nothing is said. */
const DEFAULT_TYPES = OPTIONS.types.default;

/** Whether a column is what its data say. */
export function isTypedByData(name: string, { types = DEFAULT_TYPES }: RunOptions): boolean {
  if (typeof types === "string") return types === "auto";
  return (Object.hasOwn(types, name) ? types[name] : (types[OTHER_COLUMNS] ?? DEFAULT_TYPES)) === "auto";
}

function wantsDataTypes({ types = DEFAULT_TYPES }: RunOptions): boolean {
  if (typeof types === "string") return types === "auto";
  return (types[OTHER_COLUMNS] ?? DEFAULT_TYPES) === "auto" || Object.values(types).includes("auto");
}

/** How many rows may fail, where that is limited. */
export function limitOf({ maxErrors }: RunOptions): RowLimit | undefined {
  return maxErrors === undefined ? undefined : rowLimit("--max-errors", maxErrors);
}

/** How long a row may take, where that is limited. */
export function timeoutMsOf({ timeout }: RunOptions): number | undefined {
  return timeout === undefined ? undefined : durationMs("--timeout", timeout);
}

/**
 * The options with the output as it is meant: the input, where that is rewritten in place, or standard output, whatever
 * path it was called by.
 *
 * @throws {UsageError} If there is not one input alone, or another output.
 */
export function withOutput(options: RunOptions): RunOptions {
  const { output } = options;
  if (options.inPlace !== true) {
    const isStdout = output !== undefined && output !== STDOUT && descriptorOf(output) === STDOUT_FD;
    return isStdout ? { ...options, output: STDOUT } : withTable(options);
  }
  const [input, ...others] = options.inputs ?? [];
  if (input === undefined || fileOf(input) !== input || isArchiveName(input) || others.length > 0) {
    throw new UsageError("--in-place needs one input file", "rowmill -i -e EXPRESSION FILE");
  }
  if (output !== undefined) throw new UsageError("there is --in-place and -o", "give one of them");
  return { ...options, output: input };
}

/**
 * The options with the name of the output in its parts: the file, and the table in it.
 *
 * @throws {UsageError} When there can be no such file, or no such table.
 */
function withTable(options: RunOptions): RunOptions {
  const { output = STDOUT, outputTable, to, splitBy } = options;
  const format = output === STDOUT ? to : (to ?? outputFormatByName(output));
  if (format === undefined) return options;
  const { tables, extensions } = writerOf(format);
  if (tables === undefined || output === STDOUT) return options;
  const { path: file, member = outputTable } = outputTable === undefined ? namedParts(output) : { path: output };
  const extension = extname(uncompressedName(file)).toLowerCase();
  if (to === undefined && extensions?.includes(extension) === false)
    throw new UsageError(
      `${extension} files are read, and not written: -o ${shellWord(output)}`,
      `such as -o ${shellWord(file.replace(/\.\w+$/, extensions[0] ?? ""))}`,
    );
  if (member === undefined) return options;
  if (splitBy === undefined) {
    const [, column] = /\{([^{}]+)\}/.exec(member) ?? [];
    if (column !== undefined)
      throw new UsageError(`-o ${shellWord(output)} names {${column}}`, `add --split-by ${namesWord([column])}`);
    const fault = tables.fault(member);
    if (fault !== undefined)
      throw new UsageError(`no sheet can be called ${JSON.stringify(member)}: ${fault}`, "give it another name");
  }
  return { ...options, output: file, outputTable: member };
}

/**
 * Where rows go that are split: to files, or to tables of one.
 *
 * @throws {UsageError} When the output does not say it.
 */
export async function splitTemplateOf({
  splitBy,
  output = STDOUT,
  outputTable,
}: RunOptions): Promise<{ files?: SplitTemplate; tables?: TableTemplate }> {
  if (splitBy === undefined) return {};
  if (outputTable !== undefined) {
    const { tableTemplate } = await import("../options/split-template.ts");
    return { tables: tableTemplate(outputTable, splitBy, `${output}#${outputTable}`) };
  }
  const { splitTemplate } = await import("../options/split-template.ts");
  return { files: splitTemplate(output, splitBy) };
}

/** The files for emitted rows that are asked for. */
export function emitFilesOf({
  emit = {},
}: RunOptions): { name: string; file: string; columns: string[] | undefined }[] {
  return Object.entries(emit).map(([name, to]) => {
    const { file, columns } = typeof to === "string" ? { file: to, columns: undefined } : to;
    return { name, file, columns };
  });
}

/**
 * The steps that are asked for that pick or arrange rows, in the order in which the options stand.
 *
 * @param areKnown All columns are there for certain.
 */
export function stepsOf(options: RunOptions, areKnown = false): AskedStep[] {
  const steps = askedSteps(options);
  const firstOpen = steps.findIndex(makesOpenColumns);
  // Behind a step whose rows tell which columns there are, nothing is certain.
  // Those whose rows wait share the room for these.
  const sharing = Math.max(1, steps.filter(({ isLate }) => isLate).length);
  return steps.map((step, at) =>
    Object.assign(step, {
      areKnown: areKnown && (firstOpen < 0 || at <= firstOpen),
      memoryBytes: Math.floor(step.memoryBytes / sharing),
    }),
  );
}

type StepAsked = Omit<AskedStep, "areKnown">;

function askedSteps(options: RunOptions): StepAsked[] {
  return Object.entries(options).flatMap(([name, said]: [string, unknown]) => {
    const { stage, stageKeys, kind, isLate }: Partial<Option> = isOption(name) ? OPTIONS[name] : {};
    if (stage === undefined || said === undefined || said === false) return [];
    const facts = factsOf(options);
    if (kind === "window") return windowSteps(said as ToldWindow, facts);
    const named: unknown = stageKeys === undefined ? said : Reflect.get(options, stageKeys);
    const asked = askedOf(named);
    const isSorted = kind === "keys" || stageKeys !== undefined;
    const per = isWindow(stage) ? (options.per ?? []) : [];
    const columns = [...(isSorted ? columnsOfKeys(asked) : askedColumns(stage, asked)), ...per];
    const isOfWholeRows = kind === "some columns" && columns.length === 0;
    const names = stage === "unpivot" ? (options.unpivotNames ?? [...UNPIVOT_NAMES]) : [];
    const several = stage === "pivot" ? options.pivotWith : undefined;
    const { most, percent } = sizeOf(kind, stage, said);
    const step = { stage, namedBy: stageKeys ?? stage, asked, columns, isOfWholeRows, isSorted, per, names, several };
    // A share of the rows can be told as they come.
    return [{ ...facts, ...step, most, percent, isLate: isLate === true && percent === undefined }];
  });
}

/** What all steps of a run are told. */
function factsOf(
  options: RunOptions,
): Pick<
  StepAsked,
  | "seed"
  | "areTexts"
  | "emptyIsNothing"
  | "locale"
  | "secret"
  | "memoryBytes"
  | "mostBytes"
  | "tempDir"
  | "most"
  | "percent"
  | "several"
> {
  return {
    seed: options.seed ?? OPTIONS.seed.default,
    areTexts: false,
    emptyIsNothing: false,
    locale: options.locale ?? OPTIONS.locale.default,
    secret: secret(),
    memoryBytes: roomForRows(options),
    mostBytes: mostKept(options),
    tempDir: options.tempDir,
    most: undefined,
    percent: undefined,
    several: undefined,
  };
}

/** The steps of a window in code: it may put rows into an order first. */
function windowSteps(
  { columns, orderBy, words, isLate, names }: ToldWindow,
  facts: ReturnType<typeof factsOf>,
): StepAsked[] {
  const usual = { ...facts, isOfWholeRows: false, per: [], names: [] };
  const sorted = {
    ...usual,
    stage: "sort-by",
    namedBy: "sort-by",
    asked: orderBy,
    columns: columnsOfKeys(orderBy),
    isSorted: true,
    isLate: true,
  };
  const window = {
    ...usual,
    stage: CODE_WINDOW,
    namedBy: CODE_WINDOW,
    asked: [words],
    columns,
    isSorted: false,
    isLate,
    names,
  };
  return orderBy.length === 0 ? [window] : [sorted, window];
}

function columnsOfKeys(keys: readonly string[]): string[] {
  return keys.map((key) => sortKey(key).column);
}

const SECRET_BYTES = 16;
/** Of this process: digests are compared within a run. */
const secret = once(() => crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));

/** What the run itself takes, beside rows that wait. */
const OWN_BYTES = 192 * 1024 * 1024;
/** Beside rows that wait, as much again is on its way, or waits to be collected. */
const SHARE = 1 / 2;
/** Rows have this share of what was said at least. */
const LEAST_SHARE = 1 / 8;

/** Bytes of rows that wait in memory for others. */
function roomForRows({ memory }: RunOptions): number {
  const all = memory === undefined ? process.constrainedMemory() / 4 : byteSize("--memory", memory);
  return Math.floor(Math.max(all * LEAST_SHARE, (all - OWN_BYTES) * SHARE));
}

/** However little memory there is, so much may be kept of what does not go to a file. */
const LEAST_KEPT = 16 * 1024 * 1024;

/** Bytes of what does not go to a file: groups, cells, tables to look things up in. */
export function mostKept({ memory }: RunOptions): number {
  if (memory === undefined) return Math.floor(process.constrainedMemory() / 2);
  return Math.max(LEAST_KEPT, byteSize("--memory", memory) - OWN_BYTES);
}

/** Bytes of tables in memory. */
export function roomForTables(options: RunOptions): number {
  return options.memory === undefined ? Math.floor(process.constrainedMemory() / 4) : roomForRows(options);
}

/** What is asked of a step: a list, or of a pair both sides. */
function askedOf(said: unknown): string[] {
  if (Array.isArray(said)) return said.map(String);
  return typeof said === "object" && said !== null ? Object.entries(said).flat().map(String) : [];
}

function isOption(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

/** How many rows a step is to give: so many, such a share, or as many as come. */
function sizeOf(kind: Option["kind"] | undefined, stage: string, said: unknown): { most?: number; percent?: number } {
  if (kind !== "share") return typeof said === "number" ? { most: said } : {};
  const size = rowLimit(`--${stage}`, said as string | number);
  return "percent" in size ? size : { most: size.rows };
}

/** Rows in a batch, where their number is fixed. */
export function batchRowsOf({ batch }: RunOptions, hasBatch: boolean): number | undefined {
  return batch ?? (hasBatch ? BATCH_ROWS : undefined);
}

/** The workers to use: what was said, else the cores that this process may use; fewer where threads are limited. */
export function jobsOf(options: RunOptions): number {
  return Math.min(wantedJobs(options), roomForJobs()?.workers ?? Infinity);
}

/** What to say of workers that were asked for and may not be started. */
export function jobsNotice(options: RunOptions): string | undefined {
  const room = roomForJobs();
  const wanted = wantedJobs(options);
  if (options.jobs === undefined || room === undefined || room.workers >= wanted) return undefined;
  return `-j ${wanted} is too many: ${room.limit} has room for ${room.workers}, and so many were started`;
}

/** Threads that compress the output beside the workers. */
export function compressionThreads(options: RunOptions): number {
  const left = (roomForJobs()?.workers ?? Infinity) - jobsOf(options);
  return Math.max(1, Math.min(jobsOf(options), left));
}

function wantedJobs({ jobs }: RunOptions): number {
  return jobs ?? coresOf();
}

/** The cores that this process may use. */
export function coresOf(): number {
  return Math.max(1, navigator.hardwareConcurrency);
}

/** Asked once: what is left becomes less with each worker that starts. */
const roomForJobs = once(mostWorkers);

export function concurrencyOf(options: RunOptions): number {
  return options.concurrency ?? OPTIONS.concurrency.default;
}
