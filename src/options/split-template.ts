/**
 * `-o 'out/{city}.csv'`: which file the rows of some values go to. A value becomes a part of a name by an escape that can
 * be read back, so that two values never share a file, and none leaves its folder.
 */
import { UsageError } from "../errors.ts";
import { shownColumn } from "../formats/columns.ts";
import { didYouMean, nearest } from "../nearest.ts";

/** A text that stands there, or the number of a value. */
type Piece = string | number;

/** Where the rows of a run go that are split. */
export interface SplitTemplate {
  /** As it was given. */
  text: string;
  /** The columns whose values tell the file. */
  by: readonly string[];
  /** The folder in which all files are, or folders of them. */
  folder: string;
  /** A name in it that stands for all of them: no file has it. */
  name: string;
  /** The file of these values, one for each column. */
  pathOf(values: readonly string[]): string;
}

/** Which table of a file the rows go to that are split. */
export interface TableTemplate {
  /** The columns whose values tell the table. */
  by: readonly string[];
  /** The table of these values, one for each column. */
  nameOf(values: readonly string[]): string;
}

/**
 * Reads a template for the name of a table: `{city}`.
 *
 * @param text All of the output, as it was given.
 * @throws {UsageError} When its columns are not those that rows are split by.
 */
export function tableTemplate(table: string, by: readonly string[], text: string): TableTemplate {
  const pieces = piecesOf(table, by, text);
  const lacking = by.find((_, at) => !pieces.includes(at));
  if (lacking !== undefined) throw notNamed(lacking, text, "put it into the name of the sheet");
  return {
    by,
    nameOf: (values) => pieces.map((piece) => (typeof piece === "string" ? piece : values[piece] || EMPTY)).join(""),
  };
}

function notNamed(column: string, text: string, hint: string): UsageError {
  return new UsageError(`--split-by names ${shownColumn(column)}, and -o ${text} has no {${column}}`, hint);
}

/** What file systems take, less what is put behind a name while the file is on its way. */
const MAX_NAME_BYTES = 240;
/** A value that is cut keeps so much, at least. */
const LEAST_VALUE_BYTES = 16;
/** Hexadecimal digits of the hash that stands for the rest of a value that is cut. */
const HASH_DIGITS = 16;
const CUT_MARK = "%~";

/** What stands for a value that is empty or missing. */
const EMPTY = "_empty";
/** The same in folders such as `city=…`, as Hive, Spark and DuckDB have it. */
const HIVE_EMPTY = "__HIVE_DEFAULT_PARTITION__";

/**
 * Reads a template.
 *
 * @throws {UsageError} When its columns are not those that rows are split by.
 */
export function splitTemplate(text: string, by: readonly string[]): SplitTemplate {
  const components = text.split("/").map((component) => piecesOf(component, by, text));
  const named = new Set(components.flat().filter((piece) => typeof piece === "number"));
  const lacking = by.find((_, at) => !named.has(at));
  if (lacking !== undefined) {
    throw new UsageError(
      `--split-by names ${shownColumn(lacking)}, and -o has no {${lacking}}`,
      named.size === 0
        ? `say where its values go: -o '${exampleOf(text, by)}'`
        : "leave it out, or put it into the path",
    );
  }
  if (text.endsWith("/"))
    throw new UsageError(
      `-o ${text} is a folder`,
      `name the files in it: -o '${text}${by.map((name) => `{${name}}`).join("-")}.csv'`,
    );
  const first = components.findIndex((pieces) => pieces.some((piece) => typeof piece === "number"));
  const path = text.split("/");
  const folder = first === 0 ? "." : path.slice(0, first).join("/") || "/";
  return {
    text,
    by,
    folder,
    name: path.slice(first).join("%2F"),
    pathOf: (values) =>
      components
        .map((pieces, at) => nameOf(pieces, values, at === components.length - 1 ? "file" : "folder"))
        .join("/"),
  };
}

/** Names in braces that a path has, where it is no template. */
function bracedNames(path: string): string[] {
  return [...path.matchAll(/\{([^{}/]+)\}/g)].map(([, name = ""]) => name);
}

function exampleOf(text: string, by: readonly string[]): string {
  const braces = by.map((name) => `{${name}}`).join("-");
  const at = /\.[^./]+(?:\.(?:gz|zst))?$/.exec(text)?.index ?? text.length;
  return `${text.slice(0, at)}-${braces}${text.slice(at)}`;
}

/** @throws {UsageError} When it names another column. */
function piecesOf(component: string, by: readonly string[], text: string): Piece[] {
  const pieces: Piece[] = [];
  let rest = component;
  while (rest !== "") {
    const [at, name] = firstOf(rest, by);
    if (name === undefined) {
      const [other] = bracedNames(rest);
      if (other !== undefined) {
        const near = nearest(other, by);
        const list = by.map((known) => `{${known}}`).join(", ");
        throw new UsageError(
          `-o ${text} names {${other}}, and --split-by does not`,
          near === undefined
            ? `its columns are ${list}; to split by this one as well, name it there`
            : didYouMean(`{${near}}`),
        );
      }
      pieces.push(rest);
      break;
    }
    if (at > 0) pieces.push(rest.slice(0, at));
    if (at === 0 && pieces.length > 0) {
      throw new UsageError(
        `-o ${text} has {${name}} right behind another column`,
        `put something between them: -o '${text.replace(`}{${name}}`, `}-{${name}}`)}'`,
      );
    }
    // An escape has such characters: values would run into each other.
    if (pieces.length > 1 && /^[%\dA-F]/.test(String(pieces.at(-1)))) {
      throw new UsageError(
        `-o ${text} has ${JSON.stringify(String(pieces.at(-1)).slice(0, 1))} behind a column that another one follows`,
        "an escape may have this character: put another one behind the column, such as - or _",
      );
    }
    pieces.push(by.indexOf(name));
    rest = rest.slice(at + name.length + 2);
  }
  return pieces;
}

/** The first column that a text names in braces, and where. */
function firstOf(text: string, by: readonly string[]): [at: number, name: string | undefined] {
  let found: [number, string | undefined] = [text.length, undefined];
  for (const name of by) {
    const at = text.indexOf(`{${name}}`);
    if (at >= 0 && at < found[0]) found = [at, name];
  }
  return found;
}

function nameOf(pieces: readonly Piece[], values: readonly string[], kind: "file" | "folder"): string {
  const [first, second] = pieces;
  const isHive = pieces.length === 2 && typeof first === "string" && first.endsWith("=") && typeof second === "number";
  const fixed = pieces.filter((piece) => typeof piece === "string").join("");
  const count = pieces.length - pieces.filter((piece) => typeof piece === "string").length;
  if (count === 0) return fixed;
  const most = Math.max(LEAST_VALUE_BYTES, Math.floor((MAX_NAME_BYTES - Buffer.byteLength(fixed)) / count));
  const empty = isHive ? HIVE_EMPTY : EMPTY;
  const name = pieces
    .map((piece, at) => {
      if (typeof piece === "string") return piece;
      // What stands behind it ends it: it must not stand in it.
      const behind = at + 1 < pieces.length && count > 1 ? String(pieces[at + 1]).slice(0, 1) : "";
      return escapedValue(values[piece] ?? "", { empty, most, behind });
    })
    .join("");
  // What lies beside a file on its way has such a name.
  const beside = kind === "file" ? /\.(?=(?:part|journal)(?:\.new|\.rows)?$)/.exec(name) : null;
  const safe = beside === null ? name : `${name.slice(0, beside.index)}%2E${name.slice(beside.index + 1)}`;
  return safe.replace(/^(?=(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))./i, byteEscapes);
}

/** What no name may hold somewhere, what does not show, and the sign of an escape. */
const SPECIAL = /[%/\\:*?"<>|\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const AT_THE_ENDS = /^[. ]|[. ]$/gu;

/** A value as a part of a name. */
function escapedValue(value: string, { empty, most, behind }: { empty: string; most: number; behind: string }): string {
  if (value === "") return empty;
  const whole = escaped(value, empty, behind);
  if (Buffer.byteLength(whole) <= most) return whole;
  const hash = new Bun.CryptoHasher("sha256").update(value.toWellFormed()).update(JSON.stringify(value)).digest("hex");
  const end = `${CUT_MARK}${hash.slice(0, HASH_DIGITS)}`;
  let kept = "";
  let bytes = end.length;
  for (const character of value) {
    const next = character === behind ? byteEscapes(character) : character.replaceAll(SPECIAL, byteEscapes);
    bytes += Buffer.byteLength(next);
    if (bytes > most) break;
    kept += next;
  }
  return kept.replace(/^[. ]/, byteEscapes) + end;
}

function escaped(value: string, empty: string, behind: string): string {
  const ends = value.replaceAll(SPECIAL, byteEscapes).replaceAll(AT_THE_ENDS, byteEscapes);
  const safe = behind === "" ? ends : ends.replaceAll(behind, byteEscapes);
  return safe === empty ? safe.replace("_", byteEscapes) : safe;
}

/** The bytes of a character, `%2F`. Half a pair of characters has those that it would have by itself. */
function byteEscapes(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const isHalf = code >= 0xd800 && code <= 0xdfff;
  const bytes = isHalf ? [0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)] : Buffer.from(character);
  return Array.from(bytes, (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}
