/**
 * What to do about a table beside the input that cannot be read. Options are those of the input: what a hint names for a file is
 * said by a run of its own, whose result is the table. Loaded for runs that have failed.
 */
import { RowmillError, withDetails } from "../errors.ts";
import { type ReadStart, advised, advisedColumn } from "./dialect-advice.ts";
import { advisedLine } from "./json-advice.ts";
import type { RowSource } from "./row-source.ts";
import { fileWord } from "./shell.ts";

/** The table that was asked for. */
interface AskedTable {
  /** The option that asks for it. */
  flag: string;
  file: string;
  source: RowSource;
}

/** The error of a table, with a hint that can be followed. A bad row is an error of the table: without it others would come out. */
export function advisedTable(error: unknown, asked: AskedTable): unknown {
  if (!(error instanceof RowmillError)) return error;
  const isRow = error.code.startsWith("row-");
  if (!isRow && error.code !== "input") return error;
  const { hint, place, message } = betterRead(error, asked);
  const own = hint === undefined ? undefined : asTable(hint, asked);
  const details = {
    ...(own !== undefined && { hint: own }),
    ...(place !== undefined && { place }),
    cause: error.cause,
  };
  // A column that it lacks is none of the input's.
  if (!isRow) return new RowmillError("input", message, details);
  return new RowmillError("input", `a row of the table cannot be read: ${message}`, {
    ...details,
    hint: own ?? "put it right first; rowmill -e row FILE --on-error skip leaves such rows out",
  });
}

/** The error with what reads the file better, as of an input. */
function betterRead(error: RowmillError, { file, source }: AskedTable): RowmillError {
  const name = error.place?.file ?? file;
  if (error.code === "row-json") {
    const lines = source.linesStart(name);
    return lines === undefined ? error : advisedLine(error, lines);
  }
  const start = source.startOf(name);
  if (start === undefined) return error;
  if (error.lacks !== undefined) return advisedColumn(error, start);
  const told = advised(withRow(error, start), start);
  return told instanceof RowmillError ? told : error;
}

/** The error with the line at which it is, where it does not have it. */
function withRow(error: RowmillError, { text, skippedLines }: ReadStart): RowmillError {
  const line = error.place === undefined ? undefined : text.split("\n")[error.place.line - 1 - skippedLines];
  if (error.row !== undefined || line === undefined || !error.code.startsWith("row-")) return error;
  return withDetails(error, { row: Buffer.from(line.replace(/\r$/, ""), "latin1").toString("utf8") });
}

/** Options that are heeded for a table, too. */
const HEEDED = /--(?:on=|on |unique|memory|temp-dir|http-header|join|lookup)/;

/** A command whose result is to be read. */
const PIPED = /: ([^:]+ \| rowmill[^…;]*?) ?…/;

/** An option, and its value, at the end of a hint, or before what it does. */
const OPTION =
  /(?:: |(?:by|with) (?:a further )?|; )(--?[a-z][a-z-]*(?: (?:'[^']*'|"[^"]*"|[^\s;]+))?(?: -n)?)(?:$| gives (?:them|the columns) names)/;

/** A hint that names an option, or a command for the input, with the command that makes a table. */
function asTable(hint: string, { flag, file }: AskedTable): string {
  const piped = PIPED.exec(hint)?.[1];
  const namesOption = /(?:^|[\s(])--?[a-z]/.test(hint) && !HEEDED.test(hint);
  if (piped === undefined && !namesOption) return hint;
  const option = OPTION.exec(hint)?.[1] ?? "OPTION";
  // What is read without quotes is written without, and would be read with them.
  const form = option === "--quote ''" ? " --to csv" : "";
  const name = file.startsWith("/dev/fd/") ? "FILE" : fileWord(file);
  const run = piped === undefined ? `rowmill -e row ${option} ${name}${form}` : `${piped} -e row`;
  return `${hint}; as a table: ${flag === "--lookup" ? `--lookup NAME=<(${run}):KEY` : `--join <(${run})`}`;
}
