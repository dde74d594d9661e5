/** The path of `--records`: which arrays of a JSON document hold its rows. */
import { UsageError } from "../../errors.ts";
import type { Settings } from "../format.ts";

/** Names of keys, or numbers of elements; undefined for each element, or each value, whatever its name. */
export type RecordsPath = readonly (string | undefined)[];

/** `["a.b"]`, `['a.b']`, `[0]`, `[]`, `[*]`, `.*`, `.name`; the dot before a first name may be missing. */
const STEP =
  /\.?\[(?:(?<quoted>"(?:[^"\\]|\\.)*")|'(?<single>[^']*)'|(?<number>\d+)|\*?)\]|(?:^|\.)(?:\*(?=$|[.[])|(?<name>[^.[\]]+))/y;
/** What a name looks like that needs no quotes. */
const BARE = /^(?![$*]|\d+$)[^.[\]]+$/;

/**
 * The path that is asked for; undefined where none is, or the document itself is meant: all that stands in it.
 *
 * @throws {UsageError} When it is none.
 */
export function recordsPath({ records }: Settings): RecordsPath | undefined {
  if (typeof records !== "string") return undefined;
  const text = records.trim().replace(/^\$(?=$|[.[])/, "");
  const path: (string | undefined)[] = [];
  for (let at = text === "." ? 1 : 0; at < text.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const groups = STEP.exec(text)?.groups;
    if (groups === undefined) throw noPath(records);
    const { quoted, single, number, name } = groups;
    path.push(quoted === undefined ? (single ?? number ?? name) : unquoted(quoted, records));
  }
  if (text === "") throw noPath(records);
  // To the array, or to each of its elements: these are the rows either way.
  const whole = path.at(-1) === undefined ? path.slice(0, -1) : path;
  return whole.length === 0 ? undefined : whole;
}

function unquoted(text: string, records: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    throw noPath(records);
  }
}

function noPath(records: string): UsageError {
  return new UsageError(
    `--records ${JSON.stringify(records)} is no path`,
    'such as data.items, ["a.b"].rows, pages[].items, [0].rows; . is the document itself',
  );
}

/** A path as it is said. */
export function shownPath(path: RecordsPath): string {
  const steps = path.map((name, at) => {
    if (name === undefined) return "[]";
    if (/^\d+$/.test(name)) return `[${name}]`;
    return BARE.test(name) ? `${at === 0 ? "" : "."}${name}` : `[${JSON.stringify(name)}]`;
  });
  return steps.join("");
}
