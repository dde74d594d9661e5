/**
 * Reads the text fields of a row in place. The code that does so is generated for the fields at hand, so that each has a
 * property access of its own: a loop over names takes twice the time. Names enter it as JSON string literals only.
 */
import { generate, memberOf } from "../generated-code.ts";
import type { Row } from "../formats/format.ts";
import type { ReadText } from "./typed-fields.ts";

/** How the text of one field is read. */
export interface FieldReading {
  name: string;
  /** Undefined where the text is kept. */
  read: ReadText | undefined;
  /** What becomes of a text that cannot be read: it stays, or this throws. */
  refuse?: (text: string) => void;
  /** What an empty text becomes; `absent` takes the field out of the row, and `refused` reads it all the same. */
  empty: "kept" | "undefined" | "null" | "absent" | "refused";
  /** Checks a value that is no text. */
  other?: ((value: unknown) => void) | undefined;
}

/** Longer functions would not be optimised any more. */
const MAX_GENERATED_FIELDS = 64;

/** A function that reads fields in place; what is no text stays. */
export function compileFieldsReader(fields: readonly FieldReading[]): (row: Row) => void {
  const changing = fields.filter(
    ({ read, empty, other }) => read !== undefined || empty !== "kept" || other !== undefined,
  );
  const parts: ((row: Row) => void)[] = [];
  for (let at = 0; at < changing.length; at += MAX_GENERATED_FIELDS)
    parts.push(compilePart(changing.slice(at, at + MAX_GENERATED_FIELDS)));
  const [only, ...more] = parts;
  if (only === undefined) return () => {};
  if (more.length === 0) return only;
  return (row) => {
    for (const part of parts) part(row);
  };
}

function compilePart(fields: readonly FieldReading[]): (row: Row) => void {
  const steps = fields.map(({ name, read, refuse, empty, other }, index) => {
    const field = memberOf("row", name);
    const whenEmpty = {
      kept: "",
      undefined: `${field} = undefined`,
      null: `${field} = null`,
      absent: `delete ${field}`,
      refused: `read${index}(text)`,
    };
    const otherwise = refuse === undefined ? "" : `else refuse${index}(text);`;
    const reading =
      read === undefined ? "" : `value = read${index}(text); if (value !== undefined) ${field} = value; ${otherwise}`;
    return `text = ${field};
      if (typeof text === "string") { if (text === "") { ${whenEmpty[empty]} } else { ${reading} } }
      ${other === undefined ? "" : `else other${index}(text);`}`;
  });
  const own = fields
    .map((_, index) => `{ read: read${index}, refuse: refuse${index}, other: other${index} }`)
    .join(", ");
  const source = `const [${own}] = fields;
    return (row) => { let text, value; ${steps.join("\n")} };`;
  return generate("readFields", source, { fields }) as (row: Row) => void;
}
