/** Results on their way to steps that rewrite rows: what is wrong with one for a step fails it here, where its place is known. */
import type { OutputSetup, Row } from "../../formats/format.ts";
import { hasColumns } from "../../formats/registry.ts";
import { JsonText } from "../../formats/values/json-text.ts";
import { encodeError } from "../../formats/encode-error.ts";
import type { HandedOn } from "../../code/handed-on.ts";
import type { PlacedSteps } from "../../stages/registry.ts";
import type { ArrangingStage, PickingStage, StepStage, TableRow } from "../../stages/stage.ts";
import { type MakeLast } from "../lasting-results.ts";
import { Noted } from "../outcome.ts";
import { PackedRow } from "./packed-rows.ts";
import { cellsObject, rowJson, rowObject, tableRow } from "./table-rows.ts";

/** What becomes of results. */
interface LastRows {
  output: OutputSetup;
  handedOn: HandedOn | undefined;
  steps: PlacedSteps;
  /** Those before the first that rewrites rows, as one. */
  picking: PickingStage | ArrangingStage | undefined;
}

/** Makes what has a result last until it is packed, or written where all steps are done with it. */
export function rewritingLast({ output, handedOn, steps, picking }: LastRows): MakeLast {
  const { local, before, behind } = steps;
  const check = checkOf([...before, ...behind]);
  const last = behind.length > 0 ? packed(output) : written(output);
  const madeLast = (value: object, row: object, spelling: Parameters<MakeLast>[2]): unknown => {
    let table = tableRow(value, { row, spelling, handedOn });
    if (table === undefined) return value;
    for (const step of local) table = step.each?.(table) ?? table;
    const fields = rowObject(table);
    check(fields);
    const note = picking?.note(fields);
    const lasting = last(table, fields);
    return picking === undefined ? lasting : new Noted(lasting, note);
  };
  return (value, row, spelling) => {
    // What is no object has no fields: its encoder says so.
    if (typeof value !== "object" || value === null) return value;
    try {
      return madeLast(value, row, spelling);
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
function packed({ format }: OutputSetup): (table: TableRow, fields: Row) => unknown {
  return hasColumns(format) ? (_, fields) => fields : (table) => new PackedRow(table);
}

function written({ format, dialect }: OutputSetup): (table: TableRow) => unknown {
  return hasColumns(format) ? (table) => cellsObject(table, dialect.rest) : (table) => new JsonText(rowJson(table));
}
