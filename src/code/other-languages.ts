/**
 * Expressions of SQL, Python, jq and the like, written in JavaScript, as far as single words and signs tell. Loaded for
 * expressions that have failed; whether what comes of it compiles is looked at by the caller.
 */
import { rowMember } from "./column-code.ts";
import { codeOf } from "./code-parts.ts";

/** A way to write something in JavaScript. */
interface Translation {
  pattern: RegExp;
  write: (match: readonly string[], textOf: (part: string) => string) => string;
  why: string;
}

/** What stands for a text, while the code around it is looked at: characters for private use. */
const FIRST_PART = 0xe000;
const PART = String.raw`[\ue000-\uf8ff]`;
const NAME = String.raw`(?<![\w$.])((?:[\p{L}$_][\p{L}\p{N}$_]*)(?:\.[\p{L}$_][\p{L}\p{N}$_]*)*(?:\[${PART}\])?)`;
const VALUE = String.raw`(-?[\d.]+|${PART})`;

function words(pattern: string): RegExp {
  return new RegExp(pattern, "giu");
}

function fixed(pattern: RegExp, text: string, why: string): Translation {
  return { pattern, write: () => text, why };
}

/** Calls that are members in JavaScript, or members of another object. */
const CALLS: Readonly<Record<string, (value: string) => string>> = {
  len: (value) => `${value}.length`,
  length: (value) => `${value}.length`,
  upper: (value) => `${value}.toUpperCase()`,
  lower: (value) => `${value}.toLowerCase()`,
  trim: (value) => `${value}.trim()`,
  int: (value) => `Math.trunc(${value})`,
  float: (value) => `Number(${value})`,
  str: (value) => `String(${value})`,
  ...Object.fromEntries(
    ["abs", "round", "floor", "ceil", "sqrt"].map((name) => [name, (value: string) => `Math.${name}(${value})`]),
  ),
};

/** Whether a value is one of a list: fields are texts, and numbers are compared with these by ==. */
function isAmong(name: string, list: string): string {
  return /\d/.test(list) ? `[${list}].some((one) => one == ${name})` : `[${list}].includes(${name})`;
}

/** A text with signs of LIKE in it; of ILIKE, whatever the case. */
function likePattern(text: string, name: string, isAnyCase = false): string {
  if (isAnyCase) return likePattern(text.toLowerCase(), `${name}.toLowerCase()`);
  const inner = text.replaceAll("%", "");
  const quoted = JSON.stringify(inner);
  if (!/[%_]/.test(text)) return `${name} === ${quoted}`;
  if (!text.includes("_")) {
    if (text === `${inner}%`) return `${name}.startsWith(${quoted})`;
    if (text === `%${inner}`) return `${name}.endsWith(${quoted})`;
    if (text === `%${inner}%`) return `${name}.includes(${quoted})`;
  }
  const source = text.replace(/[\\^$.*+?()[\]{}|/]/g, (character) => `\\${character}`);
  return `/^${source.replaceAll("%", ".*").replaceAll("_", ".")}$/s.test(${name})`;
}

/** In their order: the longer of two stands first. `isEmpty`: a missing field is the empty text. */
function translations(isEmpty: boolean): Translation[] {
  const none = isEmpty ? '=== ""' : "== null";
  const some = isEmpty ? '!== ""' : "!= null";
  const orEmpty = (name: string): string => (isEmpty ? `(${name} ?? "")` : name);
  return [
    {
      pattern: words(String.raw`\bselect\s*\(([^]*)\)\s*$`),
      write: ([, test = ""]) => test,
      why: "select(…) is --filter …",
    },
    {
      pattern: /\$\{([^{}]+)\}/gu,
      write: ([, name = ""]) => rowMember(name),
      why: "Miller's ${column} is a member of row",
    },
    { pattern: /(?<![\w$.])\$(?=[A-Za-z_])/gu, write: () => "", why: "a column stands without Miller's $ before it" },
    { pattern: /[“”„]([^“”„]*)[“”]/g, write: ([, text = ""]) => JSON.stringify(text), why: "quotes are \"…\" or '…'" },
    { pattern: /[‘’]([^‘’]*)[‘’]/g, write: ([, text = ""]) => JSON.stringify(text), why: "quotes are \"…\" or '…'" },
    {
      pattern: words(String.raw`${NAME}\s+not\s+in\s*[([]([^()[\]]*)[)\]]`),
      write: ([, name = "", list = ""]) => `!${isAmong(name, list)}`,
      why: "NOT IN (…) is ![…].includes(…)",
    },
    {
      pattern: words(String.raw`${NAME}\s+in\s*[([]([^()[\]]*)[)\]]`),
      write: ([, name = "", list = ""]) => isAmong(name, list),
      why: "IN (…) is […].includes(…)",
    },
    {
      pattern: words(String.raw`${NAME}\s+between\s+${VALUE}\s+and\s+${VALUE}`),
      write: ([, name, low, high]) => `(${name} >= ${low} && ${name} <= ${high})`,
      why: "BETWEEN is >= and <=",
    },
    {
      pattern: words(String.raw`${NAME}\s+not\s+(i?)like\s+(${PART})`),
      write: ([, name = "", i, text = ""], textOf) => `!(${likePattern(textOf(text), name, i !== "")})`,
      why: "LIKE is startsWith, endsWith, includes or a pattern",
    },
    {
      pattern: words(String.raw`${NAME}\s+(i?)like\s+(${PART})`),
      write: ([, name = "", i, text = ""], textOf) => likePattern(textOf(text), name, i !== ""),
      why: "LIKE is startsWith, endsWith, includes or a pattern",
    },
    {
      pattern: words(String.raw`${NAME}\s*=?~\s*(\/(?:\\.|[^/\\\n])+\/[a-z]*)`),
      write: ([, name, pattern]) => `${pattern}.test(${name})`,
      why: "a pattern is asked by /…/.test(…)",
    },
    {
      pattern: words(String.raw`${NAME}\s+is\s+not\s+(?:null|none)\b`),
      write: ([, name = ""]) => `${orEmpty(name)} ${some}`,
      why: `IS NOT NULL is ${some}`,
    },
    {
      pattern: words(String.raw`${NAME}\s+is\s+(?:null|none)\b`),
      write: ([, name = ""]) => `${orEmpty(name)} ${none}`,
      why: `IS NULL is ${none}`,
    },
    // Fields are texts: 1815 is equal to "1815" by == alone.
    fixed(/<>|≠/gu, "!=", "<> is !="),
    fixed(/=<|≤/gu, "<=", "=< is <="),
    fixed(/≥/gu, ">=", "≥ is >="),
    fixed(/[–−]/gu, "-", "the minus sign is -"),
    fixed(/×/gu, "*", "× is *"),
    fixed(/÷/gu, "/", "÷ is /"),
    fixed(/(?<=[\w)\]\s\ue000-\uf8ff])\band\b(?=[\s(!])/giu, "&&", "AND is &&"),
    fixed(/(?<=[\w)\]\s\ue000-\uf8ff])\bor\b(?=[\s(!])/giu, "||", "OR is ||"),
    { pattern: words(String.raw`\bnot\s*(?=\()`), write: () => "!", why: "NOT is !" },
    {
      pattern: words(String.raw`\bnot\s+${NAME}(?=\s*(?:$|&&|\|\||\)))`),
      write: ([, name]) => `!${name}`,
      why: "NOT is !",
    },
    fixed(/(?<![=!<>+\-*/%&|^?~])=(?![=>~])/gu, "==", "to compare is =="),
    fixed(/\b(?:None|NULL|nil)\b/gu, "null", "nothing is null"),
    fixed(/\b(?:True|TRUE)\b/gu, "true", "it is true, in small letters"),
    fixed(/\b(?:False|FALSE)\b/gu, "false", "it is false, in small letters"),
    fixed(/(?<![\w$)\]\ue000-\uf8ff./])\.(?=[\p{L}_])/gu, "", "a column stands without a point before it"),
    {
      pattern: words(String.raw`(?<![\w$.])(${Object.keys(CALLS).join("|")})\(\s*([^(),]+?)\s*\)`),
      write: ([whole = "", name = "", value = ""]) => CALLS[name.toLowerCase()]?.(value) ?? whole,
      why: "functions are members of texts, or of Math",
    },
  ];
}

/** The expression in JavaScript, and what was said otherwise; undefined where nothing is known of it. */
export function inJavaScript(
  expression: string,
  columns: readonly string[] | undefined,
): { text: string; why: string } | undefined {
  const { masked, parts } = mask(expression);
  const textOf = (part: string): string => {
    const text = parts[part.charCodeAt(0) - FIRST_PART] ?? "";
    return text.slice(1, -1).replaceAll(/\\(.)/g, "$1");
  };
  let text = masked;
  const reasons = new Set<string>();
  for (const { pattern, write, why } of translations(columns !== undefined)) {
    const next = text.replace(pattern, (...found: unknown[]) => {
      const groups = found.filter((part) => typeof part === "string").slice(0, -1);
      // A column of that name is meant.
      return columns?.includes(groups[0] ?? "") === true ? (groups[0] ?? "") : write(groups, textOf);
    });
    if (next !== text) reasons.add(why);
    text = next;
  }
  if (text === masked) return undefined;
  const unmasked = text.replaceAll(/[\ue000-\uf8ff]/g, (part) => parts[part.charCodeAt(0) - FIRST_PART] ?? part);
  return { text: unmasked, why: [...reasons].join("; ") };
}

/** The expression with one character in the place of each text. */
function mask(expression: string): { masked: string; parts: string[] } {
  const isCode = codeOf(expression);
  const parts: string[] = [];
  let masked = "";
  for (let at = 0; at < expression.length;) {
    const start = at;
    while (at < expression.length && isCode[at] === isCode[start]) at++;
    const part = expression.slice(start, at);
    if (isCode[start] === true) masked += part;
    else {
      masked += String.fromCharCode(FIRST_PART + parts.length);
      parts.push(part);
    }
  }
  return { masked, parts };
}
