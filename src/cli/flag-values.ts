/** What a command line says of an option becomes its value: a reader for each kind of value. */
import { UsageError } from "../errors.ts";
import { COLUMN_TYPES, namedType } from "../formats/column-type.ts";
import { didYouMean, nearestWord } from "../nearest.ts";
import { type JoinKind, type JoinOption, JOIN_KINDS, type LookupOption } from "../tables/asked.ts";
import { aliasesOf, wordsOfOption } from "../options/kinds.ts";
import { type Kind, type Option, OTHER_COLUMNS, type Values } from "../options/option.ts";
import type { Figure } from "../stages/grouping/grouping.ts";
import { FIELD_TYPES, type FieldType, TYPE_ALIASES } from "../fields/typed-fields.ts";
import { characters } from "./characters.ts";
import { count, fileName, longName, oneOf, shortName } from "./flag.ts";
import { namesWord } from "../formats/command-words.ts";
import { nameList, pairList } from "./name-list.ts";

/** Gives the value that a text means; `before` is what the option has already, where it is said again. */
type Reader = ((text: string, before: unknown) => unknown) & { words?: readonly string[] };

/** A flag, as readers of its value need it. */
interface Said {
  /** `--jobs` */
  name: string;
  /** `-j`, or the name where there is no letter. */
  brief: string;
  option: Option;
}

const asIs = (): Reader => (text) => text;
const toCharacters = ({ name }: Said): Reader => characters(name);
const toFile = ({ brief, option }: Said): Reader => fileName(brief, String(option.example));
const toWord = ({ name, option }: Said): Reader & { words: readonly string[] } =>
  oneOf(name, wordsOfOption(option), aliasesOf(option));

const READERS: Readonly<Record<Exclude<Kind, "nothing" | "files" | "window">, (said: Said) => Reader>> = {
  switch: () => () => true,
  expression: asIs,
  duration: asIs,
  rate: asIs,
  share: asIs,
  size: asIs,
  "encoding label": asIs,
  language: asIs,
  file: toFile,
  characters: toCharacters,
  starts: () => (text, before) => [before ?? [], text].flat(),
  headers: () => (text, before) => [before ?? [], text].flat(),
  texts:
    ({ name }) =>
    (text, before) => {
      // A text of blanks alone is taken as it is.
      const texts = text !== "" && text.trim() === "" ? [text] : nameList(name, text);
      return [before ?? [], texts].flat();
    },
  word: toWord,
  "input format": toWord,
  "output format": toWord,
  count: ({ brief, option }) => count(brief, 1, exampleOf(option)),
  number: ({ brief, option }) => count(brief, 0, exampleOf(option)),
  columns:
    ({ name }) =>
    (text) =>
      nameList(name, text),
  groups:
    ({ name }) =>
    (text, before) => [...((before as string[] | undefined) ?? []), ...columnList(name, text)],
  keys:
    ({ name }) =>
    (text, before) => [...((before as string[] | undefined) ?? []), ...columnList(name, text)],
  "some columns":
    ({ name }) =>
    (text, before) =>
      text === "" ? (before ?? true) : [...(Array.isArray(before) ? before : []), ...columnList(name, text)],
  figures:
    ({ name }) =>
    (text, before) => [...((before as Figure[] | undefined) ?? []), ...figures(name, text)],
  joins: ({ name }) =>
    name === "--kind"
      ? Object.assign((text: string, before: unknown) => joins(name, text, before), { words: JOIN_KINDS })
      : (text, before) => joins(name, text, before),
  lookups:
    ({ name }) =>
    (text, before) =>
      lookups(name, text, before as Record<string, LookupOption> | undefined),
  trim: (said) => {
    const word = toWord(said);
    // Nothing, or a word behind an equals sign.
    return Object.assign((text: string) => word(text === "" ? "both" : text, undefined), { words: word.words });
  },
  types: () => types,
  "parquet types": ({ name }) => parquetTypes(name),
  emits: () => (text, before) => {
    const known = before as Values["emits"] | undefined;
    const one = emit(text);
    const twice = Object.keys(one).find((name) => known !== undefined && Object.hasOwn(known, name));
    if (twice !== undefined)
      throw new UsageError(`--emit names ${JSON.stringify(twice)} twice`, "give each output a name of its own");
    return { ...known, ...one };
  },
  pairs:
    ({ name, option }) =>
    (text, before) => ({ ...(before as Record<string, string> | undefined), ...pair(name, text, option) }),
};

/** The reader of what a flag of an option says; undefined: it sets nothing. */
export function readerOf(flags: string, option: Option): Reader | undefined {
  const name = `--${longName({ flags })}`;
  const letter = shortName({ flags });
  const { kind } = option;
  if (kind === "nothing" || kind === "files" || kind === "window") return undefined;
  return READERS[kind]({ name, brief: letter === undefined ? name : `-${letter}`, option });
}

function exampleOf({ example }: Option): number | undefined {
  return typeof example === "number" ? example : undefined;
}

/** Figures stand in the output as they do on the command line. */
function figures(name: string, text: string): Figure[] {
  const kind = name.slice("--".length) as Figure["kind"];
  if (kind === "count") return [{ kind }];
  const columns = columnList(name, text);
  return kind === "quantile" ? columns.map(quantile) : columns.map((column) => ({ kind, column }));
}

/** A column, and which share of its numbers is to be below: from 0 to 1, as DuckDB and numpy have it. */
const QUANTILE = /^(?<column>.+):(?<share>0?\.\d+|[01](?:\.\d*)?)$/s;

function quantile(text: string): Figure {
  const { column, share } = QUANTILE.exec(text)?.groups ?? {};
  const at = Number(share);
  if (column === undefined || !(at <= 1)) {
    throw new UsageError(
      `--quantile has ${JSON.stringify(text)}, wanted COLUMN:SHARE`,
      "the share is from 0 to 1: --quantile born:0.95 is the 95th percentile",
    );
  }
  return { kind: "quantile", column, at };
}

/** What stands behind a `--join` is said of that one. */
function joins(name: string, text: string, before: unknown): JoinOption[] {
  const given = (before as JoinOption[] | undefined) ?? [];
  if (name === "--join") return [...given, { file: fileName(name, "cities.csv")(text), on: {} }];
  const last = given.at(-1);
  if (last === undefined)
    throw new UsageError(
      `${name} stands before any --join`,
      name === "--unique"
        ? `for rows that are there twice: --distinct; here: ${JOIN_EXAMPLE} --unique`
        : `for example: ${JOIN_EXAMPLE}`,
    );
  const said = joinPart(name, text);
  const [part = ""] = Object.keys(said);
  const isSaid = part === "on" ? Object.keys(last.on).length > 0 : Object.hasOwn(last, part);
  if (isSaid) throw new UsageError(`${name} stands there twice for --join ${last.file}`, "leave one of them out");
  return [...given.slice(0, -1), { ...last, ...said }];
}

const JOIN_EXAMPLE = "--join cities.csv --on city_id=id --kind left";

function joinPart(name: string, text: string): Partial<JoinOption> {
  switch (name) {
    case "--on":
      return { on: columnPairs(name, text) };
    case "--kind":
      return { kind: oneOf(name, JOIN_KINDS)(text) as JoinKind };
    case "--prefix":
      if (text === "") throw new UsageError("--prefix is empty", "for example: --prefix city_");
      return { prefix: text };
    default:
      return { unique: true };
  }
}

/** `city_id=id,year`: the columns that must be equal. */
function columnPairs(name: string, text: string): Record<string, string> {
  const pairs = pairList(text).map(([one = "", other]): [string, string] => [one === "" ? other : one, other]);
  const isWrong = pairs.some(([one, other]) => one === "" || other === "") || /(?:^|,)\s*=/.test(text);
  if (isWrong)
    throw new UsageError(
      `${name} is ${JSON.stringify(text)}, wanted COLUMN=COLUMN, of the rows and of the table`,
      `for example: ${name} city_id=id`,
    );
  const twice = pairs.find(([one], at) => pairs.findIndex(([other]) => other === one) !== at);
  if (twice !== undefined) throw new UsageError(`${name} has ${JSON.stringify(twice[0])} twice`, "each column once");
  return Object.fromEntries(pairs);
}

/** `cities=cities.csv:id` */
function lookups(name: string, text: string, before: Record<string, LookupOption> = {}): Record<string, LookupOption> {
  const [, called = "", file = "", keys = ""] = /^([^=]*)=(.*):([^:]*)$/.exec(text) ?? [];
  if (called === "" || file === "" || keys === "")
    throw new UsageError(
      `${name} is ${JSON.stringify(text)}, wanted NAME=FILE:COLUMN`,
      `for example: ${name} cities=cities.csv:id`,
    );
  if (Object.hasOwn(before, called))
    throw new UsageError(`${name} has ${JSON.stringify(called)} twice`, "give each table a name of its own");
  const key = columnList(name, keys);
  return { ...before, [called]: { file, key } };
}

function columnList(name: string, text: string): string[] {
  const columns = nameList(name, text);
  if (!columns.includes("")) return columns;
  throw new UsageError(`${name} has an empty name`, `for example: ${name} born`);
}

/** `born=int,zip=text`; a word alone is for all other columns. */
function types(text: string, before: unknown): Record<string, FieldType | "auto" | "text"> {
  const given = typeof before === "object" ? (before as Record<string, FieldType | "auto" | "text">) : {};
  for (const [column, value] of pairList(text)) {
    const word = value.toLowerCase();
    const type = word === "auto" ? word : (TYPE_ALIASES[word] ?? FIELD_TYPES.find((known) => known === word));
    const name = column ?? OTHER_COLUMNS;
    if (type === undefined || column === "" || (name === OTHER_COLUMNS && type !== "auto" && type !== "string")) {
      const near = nearestWord(word, [...FIELD_TYPES, ...Object.keys(TYPE_ALIASES), "auto"]);
      const entry = column === undefined ? value : `${column}=${value}`;
      throw new UsageError(
        `--types has ${JSON.stringify(entry)}, wanted COLUMN=TYPE, auto or text`,
        near === undefined || column === undefined
          ? `types are ${FIELD_TYPES.join(", ")}: --types born=int`
          : didYouMean(`--types ${namesWord([`${column}=${near}`])}`),
      );
    }
    Object.defineProperty(given, name, { value: type, enumerable: true, configurable: true, writable: true });
  }
  return given;
}

/** Stands for a comma between parentheses, which is none between columns. */
const INNER_COMMA = "\0";

/** `price=decimal(10,2),day=date` */
function parquetTypes(name: string): Reader {
  return (text, before) => {
    const given = { ...(before as Record<string, string> | undefined) };
    const guarded = text.replaceAll(/\((\d+), *(\d+)\)/g, `($1${INNER_COMMA}$2)`);
    for (const [column = "", value] of pairList(guarded)) {
      const type = value.toLowerCase().replace(INNER_COMMA, ",");
      if (column === "" || namedType(type) === undefined) {
        const near = nearestWord(type, COLUMN_TYPES);
        const entry = (column === "" ? value : `${column}=${value}`).replaceAll(INNER_COMMA, ",");
        throw new UsageError(
          `${name} has ${JSON.stringify(entry)}, wanted COLUMN=TYPE`,
          near === undefined || column === ""
            ? `types are ${COLUMN_TYPES.join(", ")}: ${name} day=date`
            : didYouMean(`${name} ${namesWord([`${column.replaceAll(INNER_COMMA, ",")}=${near}`])}`),
        );
      }
      const called = column.replaceAll(INNER_COMMA, ",");
      Object.defineProperty(given, called, { value: type, enumerable: true, configurable: true, writable: true });
    }
    return given;
  };
}

/** `orphans=orphans.csv`, or with columns `orphans:id,name=orphans.csv`. */
function emit(text: string): Values["emits"] {
  const match = /^(?<name>[^=:]+)(?::(?<columns>(?:"(?:[^"]|"")*"|[^="])*))?=(?<file>.+)$/s.exec(text);
  const { name = "", columns, file = "" } = match?.groups ?? {};
  if (match === null) {
    throw new UsageError(
      `--emit is ${JSON.stringify(text)}, wanted NAME=FILE`,
      "for example: --emit orphans=orphans.csv",
    );
  }
  return { [name]: columns === undefined ? file : { file, columns: columnList("--emit", columns) } };
}

/** Two columns, each in quotes where its name needs them. */
const QUOTED_PAIR =
  /^\s*(?:"(?<one>(?:[^"]|"")*)"|(?<bare>[^="]+?))\s*=\s*(?:"(?<other>(?:[^"]|"")*)"|(?<plain>[^"]*?))\s*$/s;

function pair(name: string, text: string, { example, stage }: Option): Record<string, string> {
  const { one, bare = "", other, plain = "" } = (stage !== undefined && QUOTED_PAIR.exec(text)?.groups) || {};
  if (one !== undefined || other !== undefined)
    return { [one?.replaceAll('""', '"') ?? bare]: other?.replaceAll('""', '"') ?? plain };
  const at = text.indexOf("=");
  if (at < 1) {
    throw new UsageError(`${name} is ${JSON.stringify(text)}, wanted NAME=VALUE`, `for example: ${name} ${example}`);
  }
  return { [text.slice(0, at)]: text.slice(at + 1) };
}
