/** How a row is read again that stands by itself, in a record of a rejects file. */
import type { InputTraits, Settings } from "./format.ts";
import type { RowForm, RowReading } from "./text/dialect.ts";

/** How rows of an input are read. */
export interface InputForm extends RowForm {
  format: string;
  traits: InputTraits;
  settings: Settings;
}

/** Undefined where a row says by itself what it is, or its fields are not texts. */
export function readingOf(
  { format, traits, settings, dialect, isRagged, extraFields, nullTexts }: InputForm,
  columns: readonly string[] | undefined,
): RowReading | undefined {
  if (columns === undefined || traits.form === "row" || traits.values !== "text") return undefined;
  const from = traits.columns === "header" ? undefined : { format, settings };
  // In a record nothing tells an empty text from null.
  const nulls = dialect.emptyIsNull === true ? [""] : nullTexts;
  return { columns, dialect, isRagged, extraFields, nullTexts: nulls, from };
}
