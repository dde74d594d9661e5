/** Whether groups and values can be written: one that no output could hold fails the row that brings it, and not the whole run. */
import type { Encoder, OutputSetup } from "../../formats/format.ts";
import { hasColumns } from "../../formats/registry.ts";
import { resultEncoder } from "../../formats/encoder.ts";
import { writtenForm } from "../../formats/values/form.ts";
import { encodeError } from "../../formats/encode-error.ts";
import type { CheckValues } from "./group-plan.ts";

/** Whether any text of Unicode can be written as a field. */
export function holdsAnyText({ format, dialect, encoding }: OutputSetup): boolean {
  if (encoding !== undefined || dialect.hasEscapes) return false;
  return !hasColumns(format) || dialect.quote !== "";
}

/** Makes the check of values of some columns: throws what their row fails with. Most need not be written for that. */
export function groupCheck(columns: readonly string[], output: OutputSetup): CheckValues {
  const isPlain = holdsAnyText(output) ? plainTest(hasColumns(output.format)) : (): boolean => false;
  let encoder: Encoder | undefined;
  return (values) => {
    if (values.every(isPlain)) return;
    encoder ??= resultEncoder(output, columns);
    const group = Object.fromEntries(columns.map((name, at) => [name, values[at] ?? null]));
    try {
      encoder.encode(writtenForm(group));
    } catch (error) {
      throw encodeError(error, group);
    }
  };
}

function plainTest(isUtf8: boolean): (value: unknown) => boolean {
  return (value) => {
    // JSON has escapes for halves of surrogate pairs.
    if (typeof value === "string") return !isUtf8 || value.isWellFormed();
    return value === undefined || value === null || typeof value === "boolean" || Number.isFinite(value);
  };
}
