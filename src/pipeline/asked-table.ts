/** Outputs that are tables of a database: what their names say. */
import { writerOf } from "../formats/registry.ts";
import { STDOUT } from "../io/sink.ts";
import type { RunOptions } from "../options/run-options.ts";
import { OPTIONS } from "../options/table.ts";
import type { AskedTable } from "../databases/table.ts";
import { sourceName } from "./source-name.ts";
import { outputFormatByName } from "./told-format.ts";

/** The table that a run writes; undefined where its output is none. */
export function askedTable(
  options: Pick<RunOptions, "to" | "output" | "inputs" | "replace" | "onConflict">,
): AskedTable | undefined {
  const { to, output = STDOUT, inputs = [], replace = false, onConflict = OPTIONS.onConflict.default } = options;
  const kind = output === STDOUT ? undefined : (to ?? outputFormatByName(output));
  if (kind === undefined || writerOf(kind).isDatabase !== true) return undefined;
  const { path, member = "" } = sourceName(output);
  return {
    kind,
    name: output,
    path,
    table: member,
    replaces: replace,
    onConflict,
    inputs: inputs.map((input) => sourceName(input).path),
  };
}
