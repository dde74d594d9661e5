/** A text that looks like no table, read as one all the same. Loaded for such texts only. */
import { readerOf } from "../formats/registry.ts";
import type { Dialect } from "../formats/text/dialect.ts";
import { latin1Tokenizer } from "../formats/text/latin1-tokenizer.ts";
import { findDelimiter } from "./delimiter.ts";
import type { InputPlan } from "./options.ts";
import { shellWord } from "../formats/command-words.ts";

export interface ReadAsTable {
  /** It has rows of several fields each, and of as many. */
  fits: boolean;
  /** The options that read it: whoever gives them has said that it is a table. */
  options: string;
}

/** A character that stands in no line: each is one field. What is written to standard output has commas between fields. */
const NO_DELIMITER = String.raw`-d '\x1f' -n --quote '' --out-quote '"'`;

/** @param isWhole Nothing follows the bytes. */
export function readAsTable(bytes: Buffer, { plan, isWhole }: { plan: InputPlan; isWhole: boolean }): ReadAsTable {
  const { dialect, hasHeader, isRagged, detectsDelimiter, extraFields } = plan;
  const setup = { dialect, hasHeader, isRagged, takesExtra: extraFields !== "error", isWhole };
  const delimiter = detectsDelimiter ? findDelimiter(bytes, setup).delimiter : dialect.delimiter;
  const text = bytes.toString("latin1");
  const widthOf = (change: Partial<Dialect>): number | undefined =>
    commonWidth(text, isWhole, { ...dialect, delimiter, ...change });
  const option = `-d ${delimiter === "\t" ? String.raw`'\t'` : shellWord(delimiter)}`;
  const width = widthOf({});
  // Statements end so, which is no empty field behind them.
  const isStatement = /^[^\n]*;[ \t\r]*(?:\n|$)/.test(text);
  if (width !== undefined) return { fits: width > 1 && !isStatement, options: option };
  const isUnquoted = widthOf({ quote: "", escape: "" }) !== undefined;
  const isKept = readerOf(plan.format).dialect !== undefined || delimiter === ",";
  return {
    fits: false,
    options: isUnquoted ? `${option} --quote ''${isKept ? "" : ` --out-quote '"'`}` : NO_DELIMITER,
  };
}

/** The number of fields of all rows, where each has as many, and there is one behind the first. */
function commonWidth(text: string, isWhole: boolean, dialect: Dialect): number | undefined {
  const tokenizer = latin1Tokenizer(dialect);
  let [width, rows] = [0, 0];
  for (let at = 0; ; at = tokenizer.end) {
    const token = tokenizer.read(text, at, isWhole);
    if (token === "end" || token === "more") return rows > 1 ? width : undefined;
    if (token === "bad") return undefined;
    if (token !== "row") continue;
    if (rows++ === 0) width = tokenizer.fields.length;
    else if (tokenizer.fields.length !== width) return undefined;
  }
}
