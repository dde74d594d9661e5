/**
 * What an option is: an entry of the one table (table.ts), from which come its flag, the check of its value, its place
 * among the options of a module and of the library, its type, its line in help, and its pages.
 */
import type { InputFormat, OutputFormat } from "../formats/registry.ts";
import type { RowWindow } from "../code/window.ts";
import type { Figure } from "../stages/grouping/grouping.ts";
import type { FieldType } from "../fields/typed-fields.ts";
import type { JoinOption, LookupOption } from "../tables/asked.ts";

/** The values of each kind, as programs give them. A command line says them in text: see `cli/flag-values.ts`. */
export interface Values {
  switch: boolean;
  texts: string | string[];
  /** One of the words of its entry: its type is these. */
  word: string;
  file: string;
  files: string[];
  expression: string;
  characters: string;
  /** Texts that each begin a line. */
  starts: string | string[];
  /** Names and values, as HTTP has them. */
  headers: string | string[];
  columns: string[];
  groups: string[];
  /** Columns, or `true` for all. */
  "some columns": boolean | string[];
  /** Columns to sort by: `-` before one is downwards, `:num` behind one is how. */
  keys: string[];
  figures: Figure[];
  joins: JoinOption[];
  /** By the name that code asks for. */
  lookups: Record<string, LookupOption>;
  /** From 1. */
  count: number;
  /** From 0. */
  number: number;
  duration: string | number;
  rate: string | number;
  share: string | number;
  /** Bytes. */
  size: string | number;
  "encoding label": string;
  /** A tag of BCP 47. */
  language: string;
  trim: boolean | "left" | "both";
  /** By column: see formats/column-type.ts. */
  "parquet types": Record<string, string>;
  types: "auto" | "text" | Record<string, FieldType | "auto" | "text">;
  "input format": InputFormat;
  "output format": OutputFormat;
  pairs: Record<string, string>;
  window: RowWindow;
  /** Files by name, perhaps with their columns. */
  emits: Record<string, string | { file: string; columns: string[] }>;
  /** A flag for the default behaviour: it sets nothing. */
  nothing: never;
}

export type Kind = keyof Values;

/** The name that stands for all columns that `types` does not name. */
export const OTHER_COLUMNS = "*";

export type OptionGroup = "Input" | "Output" | "Rows" | "Failed rows" | "Work";

/**
 * Who may say an option: `module`, a transform for itself, in its export `options`, and everybody else; `run`, callers of the
 * library, and the command line where there is a flag; `line`, the command line alone.
 */
export type Scope = "module" | "run" | "line";

/** An entry of the table. Its doc comment is what editors and the reference say of it. */
export interface Option {
  kind: Kind;
  scope: Scope;
  /** As help shows it: `-j, --jobs <n>`; none: it is no option of the command line. */
  flag?: string;
  /** Flags that are more than one for an option, each with its line of help. */
  flags?: Readonly<Record<string, string>>;
  /** Each word is a flag too, behind this: `--i` makes `--icsv` mean `--from csv`. */
  wordFlags?: string;
  group?: OptionGroup;
  /** One line; `{words}` and `{default}` stand for those of the entry. */
  help?: string;
  /** The help of no command shows it. */
  isEveryday?: boolean;
  /** The words of the kind `word`. */
  words?: readonly string[];
  /** The default, where it does not depend on anything else. */
  default?: unknown;
  /** The largest number. */
  most?: number;
  /** A value for a message about a wrong one, where the kind has no better. */
  example?: string | number;
  /** It only makes sense for CSV and TSV. `rows`: it says how rows are cut or columns are named. */
  tells?: "rows" | "table";
  /** It is of one input format, which is meant where nobody names any. */
  isOf?: InputFormat;
  /** It changes no byte of the output: a resumed run may give it another value. */
  keepsResult?: boolean;
  /** It asks for this stage of `stages/registry.ts`, which looks at the columns that it names. */
  stage?: string;
  /** It stands there once, and what one wants who has it twice. */
  once?: string;
  /** The option of the kind `keys` that says which columns, where it is another one. */
  stageKeys?: string;
  /** What that stage gives comes out when all rows are there. */
  isLate?: boolean;
  /** Options that may not be said beside it: the message, and what to do. */
  excludes?: Readonly<Record<string, readonly [message: string, hint: string]>>;
  /** Options that must be given beside it, or have one of these values; the hint says what to do. */
  needs?: Readonly<Record<string, { words?: readonly string[]; hint: string }>>;
  /** Options of which one must be given beside it. */
  needsOne?: { of: readonly string[]; hint: string };
}
