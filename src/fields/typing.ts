/**
 * Which fields of a run's rows are more than text, and how they are read: by `--types`, and for all other columns by the
 * data, as far as the code leaves it open. An empty field is missing: undefined.
 */
import { RowmillError } from "../errors.ts";
import { shownColumn } from "../formats/columns.ts";
import { listedName, shellWord } from "../formats/command-words.ts";
import type { NumberKind } from "../formats/indexed/field-reader.ts";
import { type ColumnUse, type ColumnUses, type Join, NO_USE } from "../code/column-uses.ts";
import { type DataType, type Disguised, isDataNumber, isWhole, type StatedType } from "./data-types.ts";
import { isNullWord } from "../formats/values/null-words.ts";
import { FIELD_READERS, type FieldType, LONG_FRACTION, type ReadText, TOO_FINE, WANTED } from "./typed-fields.ts";

/** What the data say of each column. */
export type DataTypes = Readonly<Record<string, DataType>>;

/** How the text of a column's field is read. */
export interface TypedColumn {
  name: string;
  /** As `--types` and messages call it. */
  type: FieldType;
  /** Of a text that is not empty. @throws {RowmillError} `row-type`, when it is no such value. */
  read: (text: string) => unknown;
  /** How the kernel reads such a field; undefined where it does not. */
  kernel: NumberKind | undefined;
  /** What an empty text is: nothing, null, a text like any other; `refused` where `read` says that it must not be. */
  empty: "undefined" | "null" | "kept" | "refused";
  /** Looks at what is no text: null, or nothing at all. @throws {RowmillError} When the field must not be that. */
  other?: (value: unknown) => void;
  /**
   * Whether a field that is only handed on keeps its text. One that does not is written as its value is, such as a
   * date.
   */
  keepsText: boolean;
  /** By `--types`: its fields must be of the type whether anybody looks at them or not. */
  isGiven: boolean;
  /** A field that stands for null is null to the code, which asks for it; otherwise it is missing. */
  isNullable: boolean;
}

/** By name. */
export type Typing = ReadonlyMap<string, TypedColumn>;

/** Where types come from, and what the code does with the columns. */
export interface TypingSetup {
  types: Readonly<Record<string, FieldType>>;
  dataTypes: DataTypes;
  uses: ColumnUses;
}

/**
 * The columns that are read as something else than text.
 *
 * @throws {RowmillError} `transform`, when the data say that a column is a number and code uses it both as a number and
 * as a text, or that it is text, but most likely meant as something else.
 */
export function typingOf({ types, dataTypes, uses }: TypingSetup): Typing {
  const typing = new Map<string, TypedColumn>();
  for (const [name, type] of Object.entries(dataTypes)) {
    if (Object.hasOwn(types, name)) continue;
    const column = byData(name, type, { use: uses.get(name) ?? NO_USE, dataTypes });
    if (column !== undefined) typing.set(name, { ...column, isNullable: uses.get(name)?.isNullable === true });
  }
  for (const [name, type] of Object.entries(types)) {
    checkGiven(name, type, uses.get(name));
    const { isNullable = false } = uses.get(name) ?? {};
    if (type !== "string") typing.set(name, { ...givenColumn(name, type), isNullable });
  }
  return typing;
}

/** How a column is read by what the data say of it and the code does with it; undefined for a text. */
function byData(
  name: string,
  type: DataType,
  { use, dataTypes }: { use: ColumnUse; dataTypes: DataTypes },
): KnownColumn | undefined {
  const { asText, asWritten, asNumber, asTruth, asEmpty, asMissing } = use;
  // With a text, a text is put together.
  const matters = ({ column, shown }: Join): boolean => !shown.includes("+") || dataTypes[column] !== "text";
  const asEither = use.asEither ?? use.joins.find(matters)?.shown;
  if (isStated(type)) return statedColumn(name, type);
  if (typeof type === "object") checkDisguised(name, type, { use, asEither, dataTypes });
  if (type === "text" || typeof type === "object")
    return (asText ?? asWritten) === undefined && asNumber !== undefined ? mixedColumn(name) : undefined;
  if (type === "empty") {
    if ((asText ?? asWritten) !== undefined || (asNumber ?? asEither) === undefined) return undefined;
    // Of texts that are put together, an empty one is nothing more.
    const empty = asNumber === undefined && !use.isCompared ? "kept" : "undefined";
    return { ...emptyColumn(name), empty };
  }
  const isTruth = type === "boolean" || type === "true or false";
  const kind = isTruth ? "boolean" : "number";
  const asOther = isTruth ? asTruth : (asNumber ?? asEither);
  const isPlain = type === "whole" || type === "true or false";
  if (asOther !== undefined) {
    const asBoth = asText ?? (isPlain ? undefined : asWritten);
    if (asBoth !== undefined) throw bothWays(name, { asText: asBoth, asOther, kind });
    if (asEmpty !== undefined && asMissing === undefined) throw emptyAsText(name, asEmpty, kind);
    return asWritten === undefined ? dataColumn(name, kind) : writtenColumn(name, kind);
  }
  if ((asText ?? asWritten ?? asEmpty) === undefined) return dataColumn(name, kind);
  if ((asText ?? asEmpty) === undefined && isPlain) return plainColumn(name, kind);
  // The texts of a column of numbers; who asks whether one is missing is told.
  return asMissing === undefined ? undefined : mixedColumn(name);
}

/** @throws {RowmillError} `transform`, when a column that `--types` makes a value is compared with a text, which it never is. */
function checkGiven(name: string, type: FieldType, use: ColumnUse | undefined): void {
  const kind = COMPARED[type];
  if (use === undefined || kind === undefined) return;
  if (use.asEmpty !== undefined && use.asMissing === undefined) throw emptyAsText(name, use.asEmpty, kind);
  if (use.asText === undefined || !/ [!=]==? a(?:n argument, a)? text$/.test(use.asText)) return;
  const column = shownColumn(name);
  throw new RowmillError("transform", `column ${column} is a ${kind} by its type, and no text (${use.asText})`, {
    hint: `compare it with a ${kind}, or its text: String(${column}); or --types ${typedAs(name, "text")}`,
  });
}

const COMPARED: Readonly<Partial<Record<FieldType, "number" | "boolean">>> = {
  int: "number",
  number: "number",
  boolean: "boolean",
};

/** A column, whatever the code does with it. */
type KnownColumn = Omit<TypedColumn, "isNullable">;

/** A column with a type, as `--types` takes it. */
function typedAs(name: string, type: "number" | "boolean" | "text"): string {
  return shellWord(`${listedName(name)}=${type}`);
}

function bothWays(
  name: string,
  { asText, asOther, kind }: { asText: string; asOther: string; kind: "number" | "boolean" },
): RowmillError {
  const column = shownColumn(name);
  const back = kind === "number" ? "Number(…) of it is its number" : `/^true$/i.test(${column}) asks for its truth`;
  return new RowmillError("transform", `column ${column} is used as a text (${asText}) and as a ${kind} (${asOther})`, {
    hint: `say which it is: --types ${typedAs(name, kind)}, then String(…) of it is its text and an empty field is undefined; or --types ${typedAs(name, "text")}, then ${back}`,
  });
}

function emptyAsText(name: string, asEmpty: string, type: "number" | "boolean"): RowmillError {
  const column = shownColumn(name);
  const message = `the code asks for an empty text (${asEmpty}) of column ${column}, a ${type}`;
  return new RowmillError("transform", message, {
    hint: `an empty field of it is undefined: ${asEmpty.replace('""', "undefined")}, or ${column} ?? …`,
  });
}

/**
 * @throws {RowmillError} `transform`, when a column of texts that look like numbers or booleans is used in a way in which
 * that is wrong in silence.
 */
function checkDisguised(
  name: string,
  { looksLike, but }: Disguised,
  { use, asEither, dataTypes }: { use: ColumnUse; asEither: string | undefined; dataTypes: DataTypes },
): void {
  // Codes of one length are in order as texts, too.
  const isCode = /^\s*0\d/.test(but);
  const isNumber = (column: string): boolean => dataTypes[column] === "number" || dataTypes[column] === "whole";
  const asSum = isCode
    ? use.joins.find(({ column, shown }) => shown.includes("+") && isNumber(column))?.shown
    : asEither;
  // Code that uses it as a text may ask whether there is one.
  const asTruth = use.asText === undefined ? use.asTruth : undefined;
  const asNumber = use.asExact ?? asSum ?? (isCode ? undefined : asTruth);
  const shown = looksLike === "booleans" ? asTruth : asNumber;
  if (shown === undefined) return;
  const message = `column ${shownColumn(name)} is text, for it holds ${JSON.stringify(but)} beside ${looksLike}, and is used as what it is not (${shown})`;
  const asType = `--types ${typedAs(name, looksLike === "numbers" ? "number" : "boolean")}`;
  const asMeant = isNullWord(but) ? `--null ${shellWord(but)} takes it for a missing one` : `${asType} reads it`;
  throw new RowmillError("transform", message, {
    hint: `${asMeant}; or --types ${typedAs(name, "text")}, to have texts`,
  });
}

function dataColumn(name: string, type: "number" | "boolean"): KnownColumn {
  const asText = `--types ${typedAs(name, "text")} takes it as it is`;
  const asNumber = `--types ${typedAs(name, "number")} reads this as well, ${asText}`;
  // Exponents, leading zeros and the like are no numbers unless somebody says so.
  const hint = (text: string): string =>
    `the first rows say that it is a ${type}; ${type === "number" && FIELD_READERS.number(text) !== undefined ? asNumber : asText}`;
  const read: ReadText = type === "number" ? readDataNumber : FIELD_READERS.boolean;
  return {
    name,
    type,
    read: refusing(name, { type, read: type === "boolean" ? readDataBoolean : read, hint }),
    kernel: type === "number" ? "data" : undefined,
    empty: "undefined",
    keepsText: true,
    isGiven: false,
  };
}

/**
 * A column of which the input says what it is: no row fails by it. A whole number that no double holds is a bigint; what is
 * no value of the type, as a database may hold it, is its text.
 */
function statedColumn(name: string, type: StatedType): KnownColumn {
  const isNumber = type === "stated number";
  return {
    name,
    type: STATED_FIELDS[type],
    read: isNumber ? readStatedNumber : type === "stated json" ? readStatedJson : (text) => readTruth(text) ?? text,
    kernel: isNumber ? "data" : undefined,
    empty: "undefined",
    keepsText: type !== "stated json",
    isGiven: false,
  };
}

const STATED_FIELDS = { "stated number": "number", "stated boolean": "boolean", "stated json": "json" } as const;

function isStated(type: DataType): type is StatedType {
  return typeof type === "string" && Object.hasOwn(STATED_FIELDS, type);
}

/** Whether a column holds JSON, by `--types` or by what its input says. */
export function holdsJson({ types, dataTypes }: Pick<TypingSetup, "types" | "dataTypes">, name: string): boolean {
  return (types[name] ?? (dataTypes[name] === "stated json" ? "json" : undefined)) === "json";
}

/** Null is a value of JSON as well. */
function readStatedJson(text: string): unknown {
  const value = FIELD_READERS.json(text);
  return value === undefined ? text : value;
}

function readStatedNumber(text: string): unknown {
  if (isDataNumber(text)) return Number(text);
  const word = NUMBER_WORDS.get(text);
  if (word !== undefined) return word;
  if (!NUMERAL.test(text)) return text;
  return /^-?\d+$/.test(text) ? BigInt(text) : Number(text);
}

/** A number as a database writes it; not what a person may have written that looks like one, such as `007`. */
const NUMERAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?$/i;

/** What is no decimal number, as databases write it. */
const NUMBER_WORDS: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ...["Infinity", "Inf"].flatMap((word): [string, number][] => [
    [word, Number.POSITIVE_INFINITY],
    [`-${word}`, Number.NEGATIVE_INFINITY],
  ]),
]);

/** A column that code takes for what it is, and puts into texts as well: each field is written as JavaScript writes its value. */
function writtenColumn(name: string, type: "number" | "boolean"): KnownColumn {
  const read = type === "number" ? readWhole : readTruth;
  const hint = `it is put into a text as well, where it would be written otherwise: --types ${typedAs(name, type)}, or --types ${typedAs(name, "text")}`;
  return { ...dataColumn(name, type), read: refusing(name, { type, read, hint: () => hint }), kernel: undefined };
}

/** A column that code only puts into texts, as far as that shows: what is written as its value is, is that value. */
function plainColumn(name: string, type: "number" | "boolean"): KnownColumn {
  const read = type === "number" ? readWhole : readTruth;
  return { ...dataColumn(name, type), read: (text) => read(text) ?? text, kernel: undefined };
}

function readWhole(text: string): number | undefined {
  return isWhole(text) ? Number(text) : undefined;
}

function readTruth(text: string): boolean | undefined {
  return text === "true" || text === "false" ? text === "true" : undefined;
}

/** A column of texts that code takes for numbers: JavaScript makes numbers of them, but an empty one is missing. */
function mixedColumn(name: string): KnownColumn {
  return {
    name,
    type: "string",
    read: (text) => text,
    kernel: undefined,
    empty: "undefined",
    keepsText: true,
    isGiven: false,
  };
}

/** A column that is empty in the first rows: what comes later is a number where it looks like one. */
function emptyColumn(name: string): KnownColumn {
  return { ...mixedColumn(name), read: (text) => readDataNumber(text) ?? text };
}

function readDataNumber(text: string): number | undefined {
  return isDataNumber(text) ? Number(text) : undefined;
}

function readDataBoolean(text: string): boolean | undefined {
  return text === "1" || text === "0" ? undefined : (FIELD_READERS.boolean(text) as boolean | undefined);
}

const KERNEL_KINDS: Readonly<Partial<Record<FieldType, NumberKind>>> = { int: "optional whole", number: "optional" };
const KEEPS_TEXT: ReadonlySet<FieldType> = new Set(["int", "number", "boolean", "bigint"]);

function givenColumn(name: string, type: FieldType): KnownColumn {
  return {
    name,
    type,
    read: refusing(name, { type, read: FIELD_READERS[type], hint: undefined }),
    kernel: KERNEL_KINDS[type],
    empty: "undefined",
    keepsText: KEEPS_TEXT.has(type),
    isGiven: true,
  };
}

function refusing(
  name: string,
  { type, read, hint }: { type: FieldType; read: ReadText; hint: ((text: string) => string) | undefined },
): (text: string) => unknown {
  return (text) => {
    const value = read(text);
    if (value !== undefined) return value;
    const wayOut = type === "date" && LONG_FRACTION.test(text) ? TOO_FINE : hint?.(text);
    throw new RowmillError(
      "row-type",
      `column ${shownColumn(name)} holds ${JSON.stringify(text)}, wanted ${WANTED[type]}`,
      {
        place: { file: "", line: 0, column: name },
        ...(wayOut !== undefined && { hint: wayOut }),
      },
    );
  };
}
