/**
 * Columns that an expression cannot have by their names alone: reserved words (`class`), and what is no name at all
 * (`first name`). An expression that has failed is put right by writing them as members of the row, and is told so if that
 * compiles. Loaded for expressions that have failed.
 */
import { RowmillError } from "../errors.ts";
import { isPlainName } from "../formats/columns.ts";
import { RESERVED_WORDS, objectKey, rowMember } from "./column-code.ts";
import { compileExpression } from "./expression.ts";

/** So many ways to put an expression right are tried. */
const MAX_TRIES = 500;

/**
 * The error of an expression that did not compile, in words that help if it is about such columns.
 *
 * @param columns Those of the input; undefined where rows have any fields.
 */
export function explained(error: unknown, expression: string, columns: readonly string[] | undefined): unknown {
  if (!(error instanceof RowmillError)) return error;
  const isFine = (text: string): boolean => compiles(text, columns);
  const mended = leastMended(expression, misreadIn(expression, columns), isFine);
  if (mended === undefined) return withAwait(error, expression, isFine);
  return new RowmillError("transform", whatIsWrong(mended.names), { hint: `write: ${mended.text}`, cause: error });
}

function whatIsWrong(names: readonly string[]): string {
  const sentences = names.map((name) => {
    const why = RESERVED_WORDS.has(name) ? "is a word of JavaScript's own" : "is no name in JavaScript";
    return `${objectKey(name)} ${why}: the column is ${rowMember(name)}`;
  });
  return sentences.join("; ");
}

function compiles(expression: string, columns: readonly string[] | undefined): boolean {
  try {
    compileExpression(expression, columns);
    return true;
  } catch {
    // Not put right in this way.
    return false;
  }
}

/** `await` stands in async functions only. */
function withAwait(error: RowmillError, expression: string, isFine: (text: string) => boolean): RowmillError {
  const body = expression.trimStart().startsWith("{") ? `(${expression})` : expression;
  const text = `async (row) => ${body}`;
  if (!/\bawait\b/.test(expression) || !isFine(text)) return error;
  return new RowmillError("transform", "the expression waits outside of an async function", {
    hint: `write: ${text}`,
    cause: error,
  });
}

/** A place in an expression where a column may be meant. */
interface Misread {
  name: string;
  start: number;
  end: number;
  /** What to write there. */
  instead: string;
}

interface Mended {
  text: string;
  names: string[];
}

/** The expression with as few places changed as will do; undefined where no change helps. */
function leastMended(
  expression: string,
  places: readonly Misread[],
  isFine: (text: string) => boolean,
): Mended | undefined {
  let tries = 0;
  for (let size = 1; size <= places.length; size++) {
    for (const chosen of subsets(places, size)) {
      if (tries++ >= MAX_TRIES) return undefined;
      const text = replaced(expression, chosen);
      if (text !== undefined && isFine(text)) return { text, names: [...new Set(chosen.map(({ name }) => name))] };
    }
  }
  return undefined;
}

/** All choices of so many places, in their order. */
function* subsets(places: readonly Misread[], size: number): Generator<Misread[]> {
  if (size === 0) yield [];
  else {
    for (const [at, first] of places.entries())
      for (const more of subsets(places.slice(at + 1), size - 1)) yield [first, ...more];
  }
}

/** Undefined where two places overlap. */
function replaced(expression: string, places: readonly Misread[]): string | undefined {
  let text = "";
  let done = 0;
  for (const { start, end, instead } of places) {
    if (start < done) return undefined;
    text += expression.slice(done, start) + instead;
    done = end;
  }
  return text + expression.slice(done);
}

/** Where such columns may be meant. */
function misreadIn(expression: string, columns: readonly string[] | undefined): Misread[] {
  const isCode = codeOf(expression);
  const words = columns?.filter((name) => RESERVED_WORDS.has(name)) ?? RESERVED_WORDS;
  const odd =
    columns?.filter((name) => !isPlainName(name) && /[\p{L}\p{N}]/u.test(name) && !/^[\d.]+$/.test(name)) ?? [];
  const places: Misread[] = [];
  for (const name of [...words, ...odd]) {
    for (let at = expression.indexOf(name); at >= 0; at = expression.indexOf(name, at + 1)) {
      const place = placeAt(expression, at, name);
      if (isCode[at] === true && place !== undefined) places.push(place);
    }
  }
  return places.toSorted((a, b) => a.start - b.start);
}

/** The place of a name; undefined where it is a part of another, a member, a key, or called. */
function placeAt(expression: string, start: number, name: string): Misread | undefined {
  const end = start + name.length;
  const [before, behind] = [expression.slice(0, start), expression.slice(end)];
  const isWhole = !/[\p{ID_Continue}$]$/u.test(before) && !/^[\p{ID_Continue}$]/u.test(behind);
  const isMember = /\.\s*$/.test(before) && !/\.\.\.\s*$/.test(before);
  const mayBeKey = /[{,]\s*$/.test(before) && innermostBracket(before) === "{";
  if (!isWhole || isMember || /^\s*\(/.test(behind) || (mayBeKey && /^\s*:/.test(behind))) return undefined;
  const member = rowMember(name);
  const isShort = mayBeKey && /^\s*[,}]/.test(behind);
  return { name, start, end, instead: isShort ? `${objectKey(name)}: ${member}` : member };
}

/** The bracket that is open at the end of a text. */
function innermostBracket(text: string): string | undefined {
  const open: string[] = [];
  const isCode = codeOf(text);
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (isCode[at] !== true) continue;
    if ("([{".includes(character))
      open.push(character === "{" && text[at - 1] === "$" && !isCode[at - 1] ? "${" : character);
    else if (")]}".includes(character)) open.pop();
  }
  return open.at(-1);
}

/** Of each character of a text whether it is code, and not in a string, a comment or the text of a template. */
function codeOf(text: string): boolean[] {
  const isCode = Array.from<boolean>({ length: text.length }).fill(true);
  const dull = /\\[^]|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|\/\/.*|\/\*[^]*?\*\/|[`{}]/g;
  // What each open brace is of: code, or a template.
  const braces: string[] = [];
  let templateStart: number | undefined;
  const leave = (start: number, end: number): void => {
    isCode.fill(false, start, end);
  };
  for (let match = dull.exec(text); match !== null; match = dull.exec(text)) {
    const [found] = match;
    const at = match.index;
    if (templateStart !== undefined) {
      const isHole = found === "{" && text[at - 1] === "$";
      if (found === "`" || isHole) {
        leave(templateStart, at);
        templateStart = undefined;
        if (isHole) braces.push("template");
      } else dull.lastIndex = at + (found.startsWith("\\") ? 2 : 1);
    } else if (found === "`") templateStart = at;
    else if (found === "{") braces.push("code");
    else if (found === "}") {
      if (braces.pop() === "template") templateStart = at;
    } else leave(at, at + found.length);
  }
  return isCode;
}
