/**
 * The start of an input, before anything is known of its columns: which encoding it is in, and whether it is text with
 * lines at all.
 */
import { RowmillError } from "../errors.ts";
import { blockBytes } from "../io/bgzf/blocks.ts";
import { type Compression, compressionByBytes } from "../io/compression.ts";
import { STDIN, shownName } from "../io/files.ts";
import type { OpenInput } from "../io/open-input.ts";
import {
  type InputShape,
  MARK_BYTES,
  SAMPLE_BYTES,
  byteOrderMark,
  type OddLineEnd,
  firstLineStart,
  inputShape,
  looksLikeUtf16,
  oddLineEnd,
} from "./detect.ts";
import { sepLine } from "./delimiter.ts";
import { refuseBinary, refuseOtherText, refuseUnknownBinary } from "./file-kinds.ts";
import { fileWord } from "./shell.ts";
import type { InputWindow } from "./input-window.ts";
import { type InputPlan, asFormat, withFormat } from "./options.ts";
import type { ReadAsTable } from "./read-as-table.ts";
import { FORMATS, hasDialect, isInput, readerOf } from "../formats/registry.ts";
import { contentOf, formatByContent, formatByMediaType } from "./told-format.ts";

/** What the start of an input tells. Its next byte is the first one that counts. */
export interface StartedInput {
  /** How it and all further inputs are to be read. */
  plan: InputPlan;
  /** As `TextDecoder` calls it. */
  encoding: string;
  shape: InputShape;
  /** The physical line of that byte. */
  line: number;
  /** The delimiter that its first line says. */
  sepDelimiter: string | undefined;
  /** The lines that `--skip-lines` passes over, where they are kept. */
  skipped: Buffer;
  /** What was guessed of it, for whoever started the run. */
  notice?: string;
}

/**
 * Reads the start of an input. A byte order mark wins over the encoding of the options, as it does in browsers.
 *
 * @throws {RowmillError} `input`, when it is no text that can be read, naming what it is.
 */
export async function startInput(
  window: InputWindow,
  input: OpenInput,
  { plan: given, isOnly }: { plan: InputPlan; isOnly: boolean },
): Promise<StartedInput> {
  await window.fill(MARK_BYTES, SAMPLE_BYTES);
  let plan = withFormat(given, formatByMediaType(input.mediaType));
  const compression = compressionByBytes(window.head(MARK_BYTES));
  const hasBlocks = compression === "gzip" && blockBytes(window.head(SAMPLE_BYTES)) !== undefined;
  if (compression !== undefined) {
    if (!hasBlocks || !window.readBlocks()) window.decompress(compression);
    await window.fill(MARK_BYTES, SAMPLE_BYTES);
  }
  const head = window.head(SAMPLE_BYTES);
  const named = { name: input.name, compression };
  refuseBinary(named, head);
  refuseWebPage(input, head);
  const mark = byteOrderMark(head);
  const encoding = mark?.encoding ?? (plan.encoding === "auto" ? "utf-8" : plan.encoding);
  if (encoding === "utf-8") {
    window.consume(window.start + (mark?.length ?? 0));
    if (plan.encoding === "auto") {
      refuseUtf16(input.name, head);
      refuseUnknownBinary(input.name, head, plan.dialect.delimiter);
    }
  } else if (encoding === "utf-32") {
    throw new RowmillError("input", `cannot read ${shownName(input.name)}: it is in UTF-32`, {
      hint: "convert it on the way: iconv -f utf-32 -t utf-8 FILE | rowmill …",
    });
  } else {
    window.transcode({ encoding, errors: plan.encodingErrors });
    await window.fill(1, SAMPLE_BYTES);
  }
  const shape = {
    ...inputShape(window.head(SAMPLE_BYTES), mark !== undefined),
    compression: hasBlocks ? ("bgzf" as const) : compression,
  };
  const text = { ...named, encoding };
  if (areLines(plan)) await refuseOddLineEnds(window, plan, text);
  // It counts where it is one of the lines that are left out, too.
  const skippedSep = plan.skipLines > 0 ? await seenSepLine(window, plan) : undefined;
  const skipped = await passLines(window, plan);
  await window.fill(1, SAMPLE_BYTES);
  if (areLines(plan) && plan.skipLines > 0) await refuseOddLineEnds(window, plan, text);
  let other: InputPlan["format"] | undefined;
  // What somebody has said how to read is that.
  if (isTable(plan) && !plan.isSaid) {
    const table = async (): Promise<ReadAsTable> => {
      const { readAsTable } = await import("./read-as-table.ts");
      return readAsTable(window.head(SAMPLE_BYTES), { plan, isWhole: window.isFinal && window.length <= SAMPLE_BYTES });
    };
    const isCalledTable = plan.formatIs === "known";
    const isOpen = plan.formatIs === "open";
    other = await refuseOtherText(named, window.head(SAMPLE_BYTES), { isCalledTable, isOpen, table });
    if (other !== undefined) plan = { ...asFormat(plan, other), formatIs: "known", detectsDelimiter: false };
  }
  const sep = await seenSepLine(window, plan);
  if (sep !== undefined) window.consume(window.start + Buffer.byteLength(sep.line));
  const told = await toldByContent(window, input, { plan, isOnly });
  const { hasBracket, hasCrlf } = inputShape(window.head(SAMPLE_BYTES), shape.hasBom);
  return {
    ...(other !== undefined && { notice: readAsNotice(input.name, other) }),
    ...told,
    encoding,
    skipped,
    // Of the line ends, those of the table count.
    shape: {
      ...shape,
      hasBracket,
      hasCrlf: window.lineFeed === undefined ? shape.hasCrlf : hasCrlf,
      sepLine: sep?.line,
    },
    sepDelimiter: (sep ?? skippedSep)?.delimiter,
    line: 1 + plan.skipLines + (sep === undefined ? 0 : 1),
  };
}

async function passLines(window: InputWindow, { skipLines, keepsHead }: InputPlan): Promise<Buffer> {
  const kept: Buffer[] = [];
  for (let passed = 0; passed < skipLines; passed++) {
    if (keepsHead) kept.push(await window.takeLine());
    else await window.passLine();
  }
  return Buffer.concat(kept);
}

function isTable({ format }: InputPlan): boolean {
  return readerOf(format).isExported === true;
}

/** Whether rows are lines. */
function areLines({ format }: InputPlan): boolean {
  return readerOf(format).traits.rows === "lines";
}

/** The line at which the input is, if it is the one by which Excel is told the delimiter: no row, whatever says that. */
async function seenSepLine(window: InputWindow, plan: InputPlan): Promise<ReturnType<typeof sepLine>> {
  if (!isTable(plan)) return undefined;
  await fillFirstLine(window);
  return sepLine(window.head(SAMPLE_BYTES), window.isFinal);
}

/** The plan with the format that the first bytes tell, as far as it is open. */
async function toldByContent(
  window: InputWindow,
  { name }: OpenInput,
  { plan, isOnly }: { plan: InputPlan; isOnly: boolean },
): Promise<Pick<StartedInput, "plan" | "notice">> {
  const { format, formatIs } = plan;
  const known = { ...plan, formatIs: "known" } as const;
  if (formatIs !== "open" && formatIs !== "kin")
    return isOnly && formatIs === "known" ? await withGuess(window, name, known) : { plan: known };
  await fillFirstLine(window);
  const isWhole = window.isFinal && window.length <= SAMPLE_BYTES;
  const head = window.head(SAMPLE_BYTES);
  const kin = formatIs === "kin" ? contentOf(format) : undefined;
  const guessed = kin !== undefined && isOnly ? await withGuess(window, name, known) : undefined;
  if (guessed?.plan.isGuessed === true) return guessed;
  const found = kin === undefined ? formatByContent(head, isWhole) : asInput(kin.among(format, head, isWhole));
  if (found === undefined) return { plan: known };
  // Further inputs may be of another kind.
  const read = isOnly || found === format ? found : (asInput(contentOf(found)?.widest) ?? found);
  const told = { ...asFormat(known, read), detectsDelimiter: false };
  if (kin !== undefined) return { plan: told };
  const own = isOnly ? await withGuess(window, name, told) : undefined;
  if (own?.plan.isGuessed === true) return own;
  return { plan: told, notice: readAsNotice(name, read, await otherwise(read, head, isWhole)) };
}

function readAsNotice(name: string, read: InputPlan["format"], further: readonly string[] = []): string {
  const hints = [`--from ${read} says so`, "--from csv reads a table", ...further];
  const what = FORMATS[read].told.called ?? read;
  return `${shownName(name)} is read as ${what}, by its first bytes (${hints.join(", ")})`;
}

/** What the widest of its kind would read of an input that was taken for another one. */
async function otherwise(read: InputPlan["format"], head: Buffer, isWhole: boolean): Promise<string[]> {
  const widest = asInput(contentOf(read)?.widest);
  if (!isWhole || widest === undefined || widest === read) return [];
  const { settings, flag, called } = (await readerOf(widest).guess?.(head, isWhole)) ?? {};
  return settings === undefined ? [] : [`${flag} reads ${called}`];
}

/** A stream that brings nothing for so long may bring anything yet. */
const GUESS_QUIET_MS = 1000;

/** The plan with what the first bytes say of its format's own options, where nobody has said any. */
async function withGuess(
  window: InputWindow,
  name: string,
  plan: InputPlan,
): Promise<Pick<StartedInput, "plan" | "notice">> {
  const reader = readerOf(plan.format);
  for (;;) {
    if (reader.guess === undefined || Object.keys(plan.settings).length > 0) return { plan };
    const isWhole = window.isFinal && window.length <= SAMPLE_BYTES;
    const { settings, called, flag, instead, needs } = await reader.guess(window.head(SAMPLE_BYTES), isWhole);
    if (needs === "nothing" || (needs === "more" && window.length >= SAMPLE_BYTES)) {
      if (settings === undefined) return { plan };
      const what = `${FORMATS[plan.format].told.called ?? plan.format}: ${called}`;
      const notice = `${shownName(name)} is read as ${what} (${flag} says so, ${instead})`;
      return { plan: { ...plan, settings, isGuessed: true }, notice };
    }
    const { length } = window;
    if (needs === "more") await window.fill(length + 1, SAMPLE_BYTES);
    else await window.fillOrQuiet(Math.min(length + 1, SAMPLE_BYTES), GUESS_QUIET_MS);
    if (window.length === length && !window.isFinal) return { plan };
  }
}

function asInput(name: string | undefined): InputPlan["format"] | undefined {
  return name !== undefined && isInput(name) ? name : undefined;
}

/** What many servers show people in place of a file. */
function refuseWebPage({ name, mediaType }: OpenInput, head: Buffer): void {
  if (mediaType !== "text/html" || !/^\s*</.test(head.toString("latin1"))) return;
  throw new RowmillError("input", `cannot read ${shownName(name)}: its server sends a web page`, {
    hint: "give the address of the file itself: that of the link by which it is downloaded",
  });
}

function refuseUtf16(name: string, head: Uint8Array): void {
  const encoding = looksLikeUtf16(head);
  if (encoding === undefined) return;
  throw new RowmillError(
    "input",
    `cannot read ${shownName(name)}: it seems to be in UTF-16, without a byte order mark`,
    {
      hint: `say so: --encoding ${encoding} (or --encoding utf-8 if the zeros are right)`,
    },
  );
}

/** Waits for the first line, which is needed in any case: nothing can be said of a part of it. */
async function refuseOddLineEnds(window: InputWindow, { dialect, format }: InputPlan, text: TextOf): Promise<void> {
  let found: OddLineEnd | "more" | undefined;
  // Other lines may hold any number of quotes.
  const quote = hasDialect(format) || contentOf(format) !== undefined ? dialect.quote : "";
  for (;;) {
    const head = window.head(window.length);
    const start = firstLineStart(head, dialect.comments);
    found = oddLineEnd(head.subarray(start), window.isFinal, quote);
    if (found !== "more" || window.length >= SAMPLE_BYTES) break;
    await window.fill(window.length + 1, SAMPLE_BYTES);
  }
  if (found === undefined || found === "more") return;
  // In JSON a CR is white space as well.
  if (contentOf(format) !== undefined && !/\}\r+[ \t]*\{/.test(window.head(SAMPLE_BYTES).toString("latin1"))) return;
  const what = found === "CR" ? "CR alone, as on old Macs" : found;
  throw new RowmillError("input", `cannot read ${shownName(text.name)}: its lines end with ${what}`, {
    hint: `make line feeds of them: ${piped(LINE_FEEDS[found], text)} | rowmill …`,
  });
}

const LINE_FEEDS: Record<OddLineEnd, string> = {
  // A line feed in quotes stays, and one at the end makes no blank line.
  CR: String.raw`awk '{ sub(/\r$/, ""); gsub(/\r/, "\n") } 1'`,
  "CR CR LF": String.raw`tr -d '\r'`,
};

/** An input, and what its bytes must go through to be text of one byte a character, or UTF-8. */
interface TextOf {
  name: string;
  compression: Compression | undefined;
  encoding: string;
}

/** A command that gets such a text. */
function piped(command: string, { name, compression, encoding }: TextOf): string {
  const commands = [
    ...(compression === undefined ? [] : [`${compression} -dc`]),
    ...(encoding.startsWith("utf-16") ? [`iconv -f ${encoding} -t utf-8`] : []),
    command,
  ];
  const from = name === STDIN ? "" : ` < ${fileWord(name)}`;
  return commands.map((word, at) => (at === 0 ? word + from : word)).join(" | ");
}

async function fillFirstLine(window: InputWindow): Promise<void> {
  while (window.lineFeed === undefined && !window.isFinal && window.length < SAMPLE_BYTES) {
    await window.fill(window.length + 1, SAMPLE_BYTES);
  }
}
