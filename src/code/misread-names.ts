/**
 * Columns that an expression cannot have by their names alone: reserved words (`class`), and what is no name at all
 * (`first name`). An expression that has failed is put right by writing them as members of the row, and is told so if that
 * compiles. Loaded for expressions that have failed.
 */
import { RowmillError, WRITE, withDetails } from "../errors.ts";
import { isPlainName } from "../formats/columns.ts";
import { RESERVED_WORDS, objectKey, rowMember } from "./column-code.ts";
import { codeOf } from "./code-parts.ts";
import { compileExpression } from "./expression.ts";
import { inJavaScript } from "./other-languages.ts";

/** How many corrections of an expression are tried at most. */
const MAX_TRIES = 500;

/**
 * The error of an expression that did not compile, in words that help if it is about such columns.
 *
 * @param columns Those of the input; undefined where rows have any fields.
 */
export function explained(error: unknown, expression: string, columns: readonly string[] | undefined): unknown {
  if (!(error instanceof RowmillError) || error.hint?.startsWith(WRITE) === true) return error;
  const isFine = (text: string): boolean => compiles(text, columns);
  const places = misreadIn(expression, columns);
  const mended = leastMended(expression, places, isFine) ?? renamed(expression, places, isFine);
  if (mended !== undefined) {
    return new RowmillError("transform", whatIsWrong(mended.names), { hint: `${WRITE}${mended.text}`, cause: error });
  }
  const translated = inJavaScript(expression, columns);
  if (translated !== undefined && isFine(translated.text)) {
    return new RowmillError("transform", `the expression is not JavaScript: ${translated.why}`, {
      hint: `${WRITE}${translated.text}`,
      cause: error,
    });
  }
  const reserved = columns === undefined ? [] : places.filter(({ name }) => RESERVED_WORDS.has(name));
  if (reserved.length === 0) {
    const quoted = inQuotes(error, expression, isFine);
    if (quoted !== undefined) return quoted;
    return inBrackets(error, expression, isFine) ?? asFunction(error, expression, isFine);
  }
  // Something else is wrong as well.
  const also = `${error.message}; ${whatIsWrong([...new Set(reserved.map(({ name }) => name))])}`;
  return withDetails(new RowmillError("transform", also), {
    ...(error.frames !== undefined && { frames: error.frames }),
    ...(error.hint !== undefined && { hint: error.hint }),
    cause: error,
  });
}

/** The expression with other names for what a parameter takes out of the row by a reserved word. */
function renamed(
  expression: string,
  places: readonly Misread[],
  isFine: (text: string) => boolean,
): Mended | undefined {
  const words = places.filter(({ name }) => RESERVED_WORDS.has(name));
  const text = replaced(
    expression,
    words.map((place) => ({ ...place, instead: place.isShort ? `${place.name}: ${place.name}_` : `${place.name}_` })),
  );
  if (words.length === 0 || text === undefined || !isFine(text)) return undefined;
  return { text, names: [...new Set(words.map(({ name }) => name))] };
}

/** `r => { a: r.a, b: r.b }`: the braces are those of an object. */
function inBrackets(
  error: RowmillError,
  expression: string,
  isFine: (text: string) => boolean,
): RowmillError | undefined {
  const text = expression.trim().replace(/=>\s*(\{[^]*\})$/, (_, object: string) => `=> (${object})`);
  if (text === expression.trim() || !isFine(text)) return undefined;
  return new RowmillError("transform", "the function's braces hold statements, and no object", {
    hint: `${WRITE}${text}`,
    cause: error,
  });
}

/** Words of other languages for null, true and false: these are not meant as texts. */
const NOT_TEXTS = new Set(["None", "True", "False", "NULL", "Null", "nil", "NA"]);

/** `city == Oslo`: a word that is compared, and is no column, is meant as a text. */
function inQuotes(
  error: RowmillError,
  expression: string,
  isFine: (text: string) => boolean,
): RowmillError | undefined {
  const [, name = ""] = /^the expression uses ([\w-]+), which is no column/.exec(error.message) ?? [];
  if (name === "" || NOT_TEXTS.has(name) || error.hint?.startsWith("did you mean") === true) return undefined;
  const compared = new RegExp(String.raw`([!=]==?\s*)${name}\b(?!\s*[.(])`);
  const text = expression.replace(compared, (_, operator: string) => `${operator}"${name}"`);
  if (text === expression || !isFine(text)) return undefined;
  return withDetails(error, { hint: `a text stands in quotes, and the shell takes some away: ${WRITE}${text}` });
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
  } catch (error) {
    // Not put right in this way.
    if (error instanceof RowmillError) return false;
    throw error;
  }
}

/** Expressions that only work as the body of a function: statements, and `await`. */
function asFunction(error: RowmillError, expression: string, isFine: (text: string) => boolean): RowmillError {
  const waiting = `async (row) => ${expression.trimStart().startsWith("{") ? `(${expression})` : expression}`;
  if (/\bawait\b/.test(expression) && isFine(waiting)) {
    return new RowmillError("transform", "the expression waits outside of an async function", {
      hint: `${WRITE}${waiting}`,
      cause: error,
    });
  }
  const statements = `(row) => { ${expression} }`;
  const isStatements = /^\s*[^\s{]/.test(expression) && isFine(statements);
  if (!isStatements) return error;
  return new RowmillError("transform", "the expression is made of statements", {
    hint: /\breturn\b/.test(expression)
      ? `${WRITE}${statements}`
      : `write a function that returns its result: (row) => { …; return { … }; }`,
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
  /** It is a shorthand for a key and its value: `{ class }`. */
  isShort: boolean;
}

interface Mended {
  text: string;
  names: string[];
}

/** The expression with the fewest changes that make it compile; undefined where no change helps. */
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
  // Text that is no code, such as a comment behind a name, counts as blanks.
  const code = Array.from(isCode, (is, at) => (is ? (expression[at] ?? "") : " ")).join("");
  const words = columns?.filter((name) => RESERVED_WORDS.has(name)) ?? RESERVED_WORDS;
  const odd =
    columns?.filter((name) => !isPlainName(name) && /[\p{L}\p{N}]/u.test(name) && !/^[\d.]+$/.test(name)) ?? [];
  const places: Misread[] = [];
  for (const name of [...words, ...odd]) {
    for (let at = expression.indexOf(name); at >= 0; at = expression.indexOf(name, at + 1)) {
      const place = placeAt({ expression, code, isCode }, at, name);
      if (isCode[at] === true && place !== undefined) places.push(place);
    }
  }
  return places.toSorted((a, b) => a.start - b.start);
}

/** An expression, and what of it is code: the rest is blanks in `code`. */
interface CodeText {
  expression: string;
  code: string;
  isCode: readonly boolean[];
}

/** The place of a name; undefined where it is a part of another, a member, a key, or called. */
function placeAt(text: CodeText, start: number, name: string): Misread | undefined {
  const end = start + name.length;
  const [before, behind] = [text.code.slice(0, start), text.code.slice(end)];
  const isWhole = !/[\p{ID_Continue}$]$/u.test(before) && !/^[\p{ID_Continue}$]/u.test(behind);
  const isMember = /\.\s*$/.test(before) && !/\.\.\.\s*$/.test(before);
  const mayBeKey = /[{,]\s*$/.test(before) && bracketAround(text, start) === "{";
  if (!isWhole || isMember || /^\s*\(/.test(behind) || (mayBeKey && /^\s*:/.test(behind))) return undefined;
  const member = rowMember(name);
  const isShort = mayBeKey && /^\s*[,}]/.test(behind);
  return { name, start, end, instead: isShort ? `${objectKey(name)}: ${member}` : member, isShort };
}

/** The bracket that is open at a place; `${` is that of a template. */
function bracketAround({ expression, isCode }: CodeText, end: number): string | undefined {
  const open: string[] = [];
  for (let at = 0; at < end; at++) {
    const character = expression[at] ?? "";
    if (isCode[at] !== true) continue;
    const isHole = character === "{" && expression[at - 1] === "$" && isCode[at - 1] === false;
    if ("([{".includes(character)) open.push(isHole ? "${" : character);
    else if (")]}".includes(character)) open.pop();
  }
  return open.at(-1);
}
