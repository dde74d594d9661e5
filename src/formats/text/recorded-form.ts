/**
 * How a row was read, in its record of a rejects file: all that differs from the default, under the names of the options.
 * So `--from rejects` reads it as it was read before, whatever the file came from.
 */
import { isPattern } from "./cut.ts";
import { CSV, EXTRA_FIELDS, type Dialect, type RowForm, type RowReading } from "./dialect.ts";
import type { Row } from "../format.ts";

/** What a record says of it. */
export function recordedForm({ dialect, isRagged, extraFields, nullTexts, from }: Omit<RowReading, "columns">): Row {
  const { delimiter, quote, escape, lazyQuotes, trim, hasEscapes, cut } = dialect;
  return {
    ...(cut !== undefined && { [isPattern(cut) ? "delimiter" : "widths"]: cut }),
    ...(from !== undefined && { from: from.format, ...from.settings }),
    ...(delimiter !== CSV.delimiter && cut === undefined && { delimiter }),
    ...(quote !== CSV.quote && { quote }),
    ...(escape !== quote && { escape }),
    ...(lazyQuotes && { lazyQuotes }),
    ...(trim !== CSV.trim && { trim }),
    ...(hasEscapes && { escapes: true }),
    ...(isRagged && { ragged: true }),
    ...(extraFields !== "error" && { extraFields }),
    ...(nullTexts !== undefined && { null: nullTexts }),
  };
}

/** How the row of a record is read: as the record says, but for what somebody says now. */
export function formOfRecord(record: Row, given: RowForm): RowForm {
  const { ragged, extraFields, null: nulls } = record;
  return {
    dialect: dialectOfRecord(record, given.dialect),
    isRagged: given.isRagged || ragged === true,
    extraFields:
      given.extraFields === "error"
        ? (EXTRA_FIELDS.find((word) => word === extraFields) ?? "error")
        : given.extraFields,
    nullTexts: given.nullTexts ?? (isTexts(nulls) ? nulls : undefined),
  };
}

function dialectOfRecord(record: Row, given: Dialect): Dialect {
  const said = (name: string): string | undefined => {
    const value = record[name];
    return typeof value === "string" ? value : undefined;
  };
  const saidDelimiter = given.delimiter === CSV.delimiter ? said("delimiter") : undefined;
  const isCut = saidDelimiter !== undefined && isPattern(saidDelimiter);
  const delimiter = isCut ? undefined : saidDelimiter;
  const quote = given.quote === CSV.quote ? (said("quote") ?? given.quote) : given.quote;
  const escape = given.escape === given.quote ? (said("escape") ?? quote) : given.escape;
  const trim = said("trim");
  return {
    ...given,
    delimiter: delimiter ?? given.delimiter,
    cut: given.cut ?? said("widths") ?? (isCut ? saidDelimiter : undefined),
    quote,
    escape,
    lazyQuotes: given.lazyQuotes || record["lazyQuotes"] === true,
    trim: given.trim === CSV.trim && (trim === "left" || trim === "both") ? trim : given.trim,
    hasEscapes: given.hasEscapes || record["escapes"] === true,
  };
}

export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}
