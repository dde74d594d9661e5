/**
 * Rows of which nobody knows the columns before the last one has come (`--union`): a worker writes each as a line of JSON with
 * its cells as they will be written, and sees to it that the output can hold them. When all rows are there, these lines are
 * read again, and written with all of the columns.
 *
 * Keys stand there behind a letter: JavaScript would put those that are whole numbers before all others.
 */
import { inputOrder } from "./columns.ts";
import type { Encoder, OutputSetup, Row } from "./format.ts";
import { needRow } from "./result-row.ts";
import { cellText } from "./values/cell.ts";
import { NotFiniteError } from "./values/json.ts";

const LETTER = "k";

/** The keys of a row in the order in which its input has them, where an object would have another one. */
export const KEY_ORDER: unique symbol = Symbol("order of keys");

/** A row that says that order. */
interface OrderedRow extends Row {
  [KEY_ORDER]?: readonly string[];
}

/** The key of a column in such a line. */
export function unionKey(column: string): string {
  return `${LETTER}${column}`;
}

/** The column of a key. */
export function unionColumn(key: string): string {
  return key.slice(LETTER.length);
}

/**
 * Makes the encoder of such lines.
 *
 * @param order Names of columns, where keys that are whole numbers have their place among them.
 * @param output What rows are written to in the end; `cell` is its encoder of rows of one column.
 */
export function unionEncoder(
  { order, nullText, holdsAnyText }: { order: readonly string[] | undefined; nullText: string; holdsAnyText: boolean },
  cell: Pick<Encoder, "encode">,
): Encoder {
  const names = new Map<string, string>();
  const nameOf = (key: string): string => {
    let name = names.get(key);
    if (name === undefined) {
      name = `${JSON.stringify(unionKey(key))}:`;
      if (names.size < MAX_NAMES) names.set(key, name);
    }
    return name;
  };
  const isHeld = (text: string): boolean => holdsAnyText && text.isWellFormed();
  const valueOf = (value: unknown): string => {
    switch (typeof value) {
      case "undefined":
        return "null";
      case "boolean":
      case "bigint":
        return String(value);
      case "number":
        if (!Number.isFinite(value)) throw new NotFiniteError(value);
        return String(value);
      default: {
        if (value === null) return "null";
        const text = typeof value === "string" ? value : cellText(value, nullText);
        if (!isHeld(text)) cell.encode({ [ONE]: text });
        return JSON.stringify(text);
      }
    }
  };
  const encode = (row: OrderedRow): string => {
    let line = "{";
    for (const key of inputOrder(Object.keys(row), row[KEY_ORDER] ?? order ?? [])) {
      line += (line.length > 1 ? "," : "") + nameOf(key) + valueOf(row[key]);
    }
    return `${line}}\n`;
  };
  return { encode: needRow(encode), block: undefined, delimiter: "", copyEnd: "" };
}

/** The column of a row of one cell. */
export const ONE = "cell";

/** So many names are kept as they are written. */
const MAX_NAMES = 10_000;

/** Whether an output has a form for each text that is well-formed. */
export function holdsTexts({ dialect, encoding }: OutputSetup): boolean {
  return encoding === undefined && !dialect.hasEscapes && dialect.quote !== "";
}
