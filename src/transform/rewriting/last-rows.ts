/** Results on their way to steps that rewrite rows: what is wrong with one for a step fails it here, where its place is known. */
import type { OutputSetup, Row } from "../../formats/format.ts";
import { sharesColumns } from "../../formats/encoder.ts";
import { hasColumns } from "../../formats/registry.ts";
import { JsonText } from "../../formats/values/json-text.ts";
import { encodeError } from "../../formats/encode-error.ts";
import type { HandedOn } from "../../code/handed-on.ts";
import type { PlacedSteps } from "../../stages/registry.ts";
import type { ArrangingStage, PickingStage, StepStage, TableRow } from "../../stages/stage.ts";
import type { Lasting, MakeLast } from "../lasting-results.ts";
import { Noted } from "../outcome.ts";
import { PackedRow } from "./packed-rows.ts";
import { cellsObject, plainRow, rowJson, rowObject, tableRow } from "./table-rows.ts";

/** What becomes of results. */
interface LastRows {
  output: OutputSetup;
  handedOn: HandedOn | undefined;
  /** What is known of them. */
  known: Lasting;
  steps: PlacedSteps;
  /** Those before the first that rewrites rows, as one. */
  picking: PickingStage | ArrangingStage | undefined;
}

/** A result as its steps see it. */
interface SeenRow {
  fields: Row;
  table: TableRow | undefined;
}

/** Makes what has a result last until it is packed, or written where all steps are done with it. */
export function rewritingLast({ output, handedOn, known, steps, picking }: LastRows): MakeLast {
  const { local, before, behind } = steps;
  const check = checkOf([...before, ...behind]);
  const last = behind.length > 0 ? packed(output) : written(output);
  const isPlain = local.length === 0 && sharesColumns(output);
  const seenAs = (value: object, row: object, spelling: Parameters<MakeLast>[2]): SeenRow | undefined => {
    const plain = isPlain && spelling === undefined ? plainRow(value, known) : undefined;
    if (plain !== undefined) return { fields: plain, table: undefined };
    let table = tableRow(value, { row, spelling, handedOn });
    for (const step of local) table = table && (step.each?.(table) ?? table);
    return table && { fields: rowObject(table), table };
  };
  return (value, row, spelling) => {
    // What is no object has no fields: its encoder says so.
    if (typeof value !== "object" || value === null) return value;
    try {
      const seen = seenAs(value, row, spelling);
      if (seen === undefined) return value;
      check(seen.fields);
      const note = picking?.note(seen.fields);
      const lasting = last(seen);
      return picking === undefined ? lasting : new Noted(lasting, note);
    } catch (thrown) {
      throw encodeError(thrown, value);
    }
  };
}

/** Looks at the fields that steps want to be of a kind, as far as these are in rows as they come. */
function checkOf(steps: readonly StepStage[]): (row: Row) => void {
  const checks: ((row: Row) => void)[] = [];
  const made = new Set<string>();
  for (const step of steps) {
    if (step.kind !== "rewriting") continue;
    for (const column of step.checked)
      if (!made.has(column))
        checks.push((row) => step.check(Object.hasOwn(row, column) ? row[column] : undefined, column));
    if (!step.keepsRows) break;
    for (const column of step.columns([]) ?? []) made.add(column);
  }
  return (row) => {
    for (const check of checks) check(row);
  };
}

/** Where the output has columns, those are not known yet. */
function packed(output: OutputSetup): (seen: SeenRow) => unknown {
  return sharesColumns(output) ? ({ fields }) => fields : ({ table }) => table && new PackedRow(table);
}

function written({ format, dialect }: OutputSetup): (seen: SeenRow) => unknown {
  return hasColumns(format)
    ? ({ fields, table }) => (table === undefined ? fields : cellsObject(table, dialect.rest))
    : ({ table }) => table && new JsonText(rowJson(table));
}
