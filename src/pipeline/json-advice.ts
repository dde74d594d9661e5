/**
 * What to do about a line that is no JSON, by the start of its file: other JSON than lines, or a table. An option is named
 * only if it reads that. Loaded for runs that have failed.
 */
import { type RowmillError, withDetails } from "../errors.ts";
import { readJsonValue } from "../formats/values/json-fault.ts";
import { groupingOf } from "../stages/grouping/grouping.ts";
import { unseenHint } from "../stages/unseen-column.ts";
import type { RunOptions } from "../options/run-options.ts";
import { stepsOf } from "./options.ts";
import { fileWord } from "./shell.ts";

/** The start of a file of lines. */
export interface LinesStart {
  file: string;
  text: string;
  /** Nothing follows. */
  isWhole: boolean;
  /** It is read as the inputs before it are. */
  isLater: boolean;
}

/** The error of a line, with a hint that works. */
export function advisedLine(error: RowmillError, start: LinesStart): RowmillError {
  // Of a line that is JSON, and no row, it is said what it is.
  if (!error.message.startsWith("the line is not JSON")) return error;
  const hint = otherJson(start) ?? commasHint(start) ?? tableHint(start);
  return hint === undefined ? error : withDetails(error, { hint });
}

/** The error of groups by a key that no line has: the keys of the first one are in the file. */
export function advisedKey(error: RowmillError, options: RunOptions, start: LinesStart): RowmillError {
  const end = readJsonValue(start.text, 0);
  if (typeof end !== "number") return error;
  const first: unknown = JSON.parse(start.text.slice(0, end));
  const keys = Object.keys(Object(first));
  const { by = [], figures = [] } = groupingOf(options) ?? {};
  const asked = [...by, ...stepsOf(options).flatMap(({ columns }) => columns)];
  const named = [...asked, ...figures.flatMap((figure) => (figure.kind === "count" ? [] : [figure.column]))];
  const column = named.find((name) => !keys.includes(name));
  if (column === undefined || keys.length === 0) return error;
  return withDetails(error, { hint: unseenHint(column, keys) });
}

/** Objects that go over lines, or stand several on one. */
function otherJson({ text, isWhole }: LinesStart): string | undefined {
  let [values, at] = [0, 0];
  for (;;) {
    at += /^[ \t\r\n]*/.exec(text.slice(at))?.[0].length ?? 0;
    if (at === text.length) break;
    const end = readJsonValue(text, at);
    if (typeof end !== "number") {
      if (end === "too deep" || !end.isCut || isWhole) return undefined;
      break;
    }
    if (text[at] !== "{" && text[at] !== "[") return undefined;
    values++;
    at = end;
  }
  return values === 0 ? undefined : "--from json reads objects that go over several lines, or stand several on one";
}

const LAST_COMMA = /,[ \t\r]*$/;

/** Lines that each end with a comma, as between the brackets of an array. */
function commasHint({ file, text }: LinesStart): string | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const whole = lines.slice(0, -1);
  if (whole.length === 0 || !whole.some((line) => LAST_COMMA.test(line)) || !whole.every(isObject)) return undefined;
  const from = file === "-" ? "" : ` ${fileWord(file)}`;
  return `take the commas at the ends of lines out: sed 's/,[[:space:]]*$//'${from} | rowmill --from jsonl …`;
}

function isObject(line: string): boolean {
  const bare = line.replace(LAST_COMMA, "");
  return bare.trimStart().startsWith("{") && readJsonValue(bare, 0) === bare.trimEnd().length;
}

function tableHint({ text, isLater }: LinesStart): string | undefined {
  const isTable = !/^[ \t\r\n]*[[{"]/.test(text) && /^[^\n]*[,;\t|]/.test(text);
  if (!isTable) return undefined;
  return isLater
    ? "it looks like a table, and inputs that are read together have one format: write it as JSON first: rowmill --from csv -e row FILE --to jsonl"
    : "it looks like a table: --from csv";
}
