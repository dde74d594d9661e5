/** What computed values of woven rows are written as, and the code that notes them for the kernel, row by row. */
import { ownMemberOf, textLiteral } from "../generated-code.ts";
import { fieldEncoder } from "../formats/text/field-encoder.ts";
import { IN_TEXT } from "../formats/indexed/weaver.ts";
import type { OutputDialect } from "../formats/text/output-dialect.ts";
import { stringifyJson } from "../formats/values/json.ts";
import { withoutLost } from "../fields/missing-results.ts";
import { encodeError } from "../formats/encode-error.ts";

/** A computed value: its name, and code of it; undefined for the member of the result. */
export interface ComputedValue {
  name: string;
  value: string | undefined;
}

/** What rows with computed values are written as. */
export interface ComputedOutput {
  output: OutputDialect;
  outputColumns: number;
  /** They are members of objects of JSON, else fields. */
  areMembers: boolean;
  /**
   * Code of the words by which a missing field shows in the result, undefined where none is missing; the empty text where
   * none can be.
   */
  lost: string;
}

/**
 * Statements that take the computed values of `result`, which are those of row `row` of `rows`: those that may throw, and then
 * those that note them in `computed` and in the text beside the state; the code of each value; and what they name.
 */
export function notingComputed(
  values: readonly ComputedValue[],
  { output, outputColumns, areMembers, lost }: ComputedOutput,
): { takes: string[]; notes: string[]; valueOf: (index: number) => string; scope: Record<string, unknown> } {
  const reads = values.map(({ name, value }, index) => `const v${index} = ${value ?? ownMemberOf("result", name)};`);
  const losses = lost === "" ? [] : [`const lost = ${lost};`];
  const known = (value: string): string =>
    lost === "" ? value : `lost === undefined ? ${value} : withoutLost(${value}, lost)`;
  // What cannot be written fails the row before anything of it is noted.
  const texts = values.map(
    ({ name }, index) => `let t${index} = "";
      const n${index} = typeof v${index} === "number" && (v${index} | 0) === v${index} && v${index} !== IN_TEXT;
      if (!n${index}) t${index} = write(${known(`v${index}`)}, ${textLiteral(name)}) + "\\n";`,
  );
  const notes = values.map(
    (_, index) => `if (n${index}) computed[row + ${index} * rows] = v${index};
      else { computed[row + ${index} * rows] = IN_TEXT; state.beside += t${index}; }`,
  );
  const write = areMembers ? memberText : encodable(fieldEncoder(output, outputColumns === 1));
  return {
    takes: [...losses, ...reads, ...texts],
    notes,
    valueOf: (index) => `(${known(`v${index}`)})`,
    scope: { write, IN_TEXT, withoutLost },
  };
}

/** The JSON of a computed value; the empty text for one that is left out with its key. */
function memberText(value: unknown, key: string): string {
  if (Number.isFinite(value)) return String(value);
  if (typeof value === "string" || typeof value === "boolean" || value === null) return JSON.stringify(value);
  if (value === undefined) return "";
  try {
    const object = stringifyJson({ [key]: value });
    return object === "{}" ? "" : object.slice(JSON.stringify(key).length + 2, -1);
  } catch (thrown) {
    throw encodeError(thrown, { [key]: value });
  }
}

/** A value that cannot be written fails its row as such, and not as an error of the function. */
function encodable(write: (value: unknown) => string): (value: unknown, column: string) => string {
  return (value, column) => {
    if (Number.isFinite(value)) return String(value);
    try {
      return write(value);
    } catch (thrown) {
      throw encodeError(thrown, { [column]: value });
    }
  };
}
