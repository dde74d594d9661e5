/** Names of encodings: the labels that browsers know (https://encoding.spec.whatwg.org/#names-and-labels). */
import { UsageError } from "../errors.ts";
import { codePages } from "../io/code-pages.ts";
import { textDecoder } from "../io/transcoding-reader.ts";
import { didYouMean, nearest } from "../nearest.ts";
import { once } from "../once.ts";
import { shellWord } from "../formats/command-words.ts";

/** UTF-8, or what a byte order mark says. */
const AUTO = "auto";

/**
 * The encoding that a label stands for: `latin1` is `windows-1252`; `auto` stays as it is.
 *
 * @throws {UsageError} When nothing is known by that label.
 */
export function encodingOf(label: string): string {
  if (label.toLowerCase() === AUTO) return AUTO;
  const tried = [label, ...otherLabels(label.trim().toLowerCase())];
  for (const name of tried) {
    try {
      return textDecoder(name).encoding;
    } catch (error) {
      // Another label may be known.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw new UsageError(`encoding is ${JSON.stringify(label)}, which is not known`, nearestLabels(label));
}

/** Code pages by the numbers that Windows and IBM gave them, where browsers call them otherwise. */
const NUMBERED: Readonly<Record<string, string>> = {
  "874": "windows-874",
  "932": "shift_jis",
  "936": "gbk",
  "949": "euc-kr",
  "950": "big5",
  "1200": "utf-16le",
  "1201": "utf-16be",
  "10000": "macintosh",
  "10007": "x-mac-cyrillic",
  "20127": "us-ascii",
  "20866": "koi8-r",
  "21866": "koi8-u",
  "51932": "euc-jp",
  "51949": "euc-kr",
  "54936": "gb18030",
  "65001": "utf-8",
};

/** Names that Python, iconv and spreadsheets have for what browsers call otherwise. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  "utf-8-sig": "utf-8",
  "utf-16-le": "utf-16le",
  "utf-16-be": "utf-16be",
  "mac-roman": "macintosh",
  macroman: "macintosh",
  ansi: "windows-1252",
  "latin-1": "latin1",
  "latin-2": "latin2",
  "latin-9": "iso-8859-15",
  latin9: "iso-8859-15",
};

/** `cp850`, `ibm850`, `850`: the number of a code page. */
const page = once(() => /^(?:cp|ibm|dos|oem|windows|ms|x-cp)?-?0*(?<number>\d{3,5})$/);
/** Windows counts those of ISO 8859 from here on. */
const FIRST_ISO_PAGE = 28_591;
const LAST_ISO_PAGE = 28_606;

/** What else a label may be called: `ibm850`, `437` and `CP-850` are code pages, `utf_8_sig` and `iso8859_15` of Python. */
function otherLabels(label: string): string[] {
  const dashed = label.replaceAll("_", "-");
  const other = OTHER_NAMES[dashed];
  const labels = other === undefined ? [dashed] : [dashed, other];
  const iso = /^iso-?8859-?(?<number>\d+)$/.exec(dashed)?.groups?.["number"];
  if (iso !== undefined) labels.push(`iso-8859-${iso}`);
  const digits = page().exec(dashed)?.groups?.["number"];
  if (digits === undefined) return labels;
  const number = Number(digits);
  const isIso = number >= FIRST_ISO_PAGE && number <= LAST_ISO_PAGE;
  return [...labels, isIso ? `iso-8859-${number - FIRST_ISO_PAGE + 1}` : (NUMBERED[digits] ?? `cp${digits}`)];
}

/** Encodings that people meet. */
const COMMON = [
  "utf-8",
  "utf-16le",
  "utf-16be",
  "windows-1250",
  "windows-1251",
  "windows-1252",
  "iso-8859-2",
  "iso-8859-15",
  "macintosh",
  "koi8-r",
  "shift_jis",
  "euc-jp",
  "gb18030",
  "big5",
  "euc-kr",
] as const;

/** Suggests similar labels, and says where to find all others. */
function nearestLabels(label: string): string {
  // A similar number is a different encoding, and no suggestion.
  const isNumber = page().test(label.toLowerCase()) || /^utf-?\d/i.test(label);
  const near = /^utf-?8(?!\d)/i.test(label)
    ? "utf-8"
    : isNumber
      ? undefined
      : nearest(label.toLowerCase(), [...COMMON, ...codePages()]);
  const meant = near === undefined ? "" : `${didYouMean(near)} `;
  const name = shellWord(label);
  return `${meant}known are ${COMMON.join(", ")}, cp437, cp850 and more; any other: iconv -f ${name} -t utf-8 FILE | rowmill …`;
}
