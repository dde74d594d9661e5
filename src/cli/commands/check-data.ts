/**
 * `rowmill check` with data. A copy of the transform gets the type of the data's fields for its row, so that the type
 * checker finds code that does not fit them; and the rows are checked against what the transform wants.
 */
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { shownColumn } from "../../formats/columns.ts";
import { nearest } from "../../nearest.ts";
import type { FieldType } from "../../fields/typed-fields.ts";
import { keyLiteral } from "../../generated-code.ts";
import { objectType } from "../../stages/profile/typescript-code.ts";
import { recordTypeReader } from "../../fields/record-type/load-reader.ts";
import type { GivenRows } from "../../pipeline/check-rows.ts";

/** How the type is called that rows get: messages of the checker name it. */
const ROW_TYPE = "RowOfData";
/** The file that declares it. */
export const ROW_FILE = "row-of-data.d.ts";

const TYPES: Readonly<Record<FieldType, string>> = {
  string: "string",
  int: "number",
  number: "number",
  boolean: "boolean",
  date: "Date",
  bigint: "bigint",
  json: "any",
};

/** The copy, and where its lines differ from those of the transform. */
export interface TypedCopy {
  path: string;
  /** From this column of the line on, both from 1, columns are so many more than in the transform. */
  line: number;
  column: number;
  more: number;
  /** The names that its row has. */
  names: readonly string[];
}

/** Annotations that say nothing of a row. */
const SAYS_NOTHING = /^\s*:?\s*(?:unknown|any|object|\{\s*\}|Record<string,\s*(?:unknown|any)>)(?:\[\])?\s*$/;
/** Functions that get their types from what they stand in. */
const TYPED_OUTSIDE = /\bsatisfies\b|\b(?:const|let|var)\s+[\w$]+\s*:[^=;]*=>/;

/**
 * Writes the copy into a folder, with the declaration of its row. Why there is none otherwise: the type of the data would
 * stand in the place of one that says more, and be at odds with it, or with what the function stands in.
 */
export async function writeTypedCopy(
  real: string,
  folder: string,
  given: GivenRows,
): Promise<TypedCopy | { because: string }> {
  const { readRowParameter } = await recordTypeReader();
  const parameter = readRowParameter(real);
  if (parameter === undefined || parameter.file.path !== real)
    return { because: "its text shows no function of a row" };
  const { node, isList, nameEnd, annotationEnd = nameEnd, file } = parameter;
  const { text } = file;
  const annotation = text.slice(nameEnd, annotationEnd);
  const isOwn = annotation === "" ? TYPED_OUTSIDE.test(text) : !SAYS_NOTHING.test(annotation);
  if (isOwn) return { because: "its row has a type of its own" };
  const before = text.slice(0, node.start);
  const typed = `${text.slice(node.start, nameEnd)}: ${ROW_TYPE}${isList ? "[]" : ""}`;
  // `row => …` has no brackets yet. Further lines of an annotation leave their place empty.
  const isBare = annotationEnd === nameEnd && !/[(,]\s*$/.test(before);
  const lines = "\n".repeat(text.slice(nameEnd, annotationEnd).split("\n").length - 1);
  const start = `${before}${isBare ? `(${typed})` : typed}${lines}`;
  const path = join(folder, basename(real));
  writeFileSync(path, `${start}${text.slice(annotationEnd)}`);
  writeFileSync(join(folder, ROW_FILE), `interface ${ROW_TYPE} ${rowType(given)}\n`);
  const column = columnAtEnd(start);
  return {
    path,
    line: start.split("\n").length,
    column,
    more: column - columnAtEnd(text.slice(0, annotationEnd)),
    names: given.columns ?? [...given.seen.keys.keys()],
  };
}

/** How the checker says that a row has no such field. */
const NO_FIELD = new RegExp(`^Property '(.+)' does not exist on type '${ROW_TYPE}'\\.`);

/** What the checker says of the row, in the words of the data. */
export function saidOfData(message: string, { names }: TypedCopy): string {
  const [, name] = NO_FIELD.exec(message) ?? [];
  if (name === undefined) return message;
  const near = nearest(name, names);
  return `the data have no column ${shownColumn(name)}${near === undefined ? "" : `; did you mean ${shownColumn(near)}?`}`;
}

function columnAtEnd(text: string): number {
  return text.length - text.lastIndexOf("\n");
}

/** The type of the rows as the function gets them. */
function rowType({ columns, types, seen, nullTexts }: GivenRows): string {
  if (columns === undefined) return objectType(seen);
  const typeOf = new Map(types.map(({ name, type }) => [name, type]));
  const fields = columns.map((name) => {
    const type = typeOf.get(name) ?? "string";
    const { profile } = seen.keys.get(name) ?? {};
    const { count = 0, empty = 0 } = profile?.texts ?? {};
    // Of a column without a value nothing is known.
    if (count === empty) return `${keyLiteral(name)}: ${TYPES.json}`;
    const hasEmpty = type !== "string" && empty > 0;
    const hasNull = nullTexts !== undefined && (profile?.nulls ?? 0) > 0;
    return `${keyLiteral(name)}: ${[TYPES[type], ...(hasEmpty ? ["undefined"] : []), ...(hasNull ? ["null"] : [])].join(" | ")}`;
  });
  return `{ ${fields.join("; ")} }`;
}
