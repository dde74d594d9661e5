/** The stage of `--group-by` and its like. No code of the user's runs in it. */
import { deserialize, serialize } from "bun:jsc";
import type { OutputSetup } from "../../formats/format.ts";
import { mergingTaker } from "../merging-taker.ts";
import type { FoldingStage } from "../stage.ts";
import { checkSeen } from "../unseen-column.ts";
import { type Sketches, groupPlan } from "./group-plan.ts";
import { GroupTable, type PackedGroups, checkedRow, tableOf } from "./group-table.ts";
import { type Figure, type Grouping, isSketched } from "./grouping.ts";
import { groupCheck } from "./written-groups.ts";

/** Makes it. Where the columns of the rows are not known beforehand, one that no row has is an error at the end. */
export function groupStage(
  grouping: Grouping,
  { output, columns, sketches }: { output: OutputSetup; columns: "known" | "unknown"; sketches?: Sketches | undefined },
): FoldingStage {
  const plan = groupPlan(grouping, (of) => groupCheck(of, output), sketches);
  const init = (): GroupTable => new GroupTable(plan);
  return {
    kind: "folding",
    name: "group",
    what: groupWords(grouping),
    isAtomic: true,
    init,
    step: (table, row) => {
      tableOf(table).add(checkedRow(row));
      return table;
    },
    steps: (table, rows) => {
      for (const row of rows) tableOf(table).check(checkedRow(row));
      for (const row of rows) tableOf(table).add(checkedRow(row));
      return table;
    },
    // What it gives is memory that all threads share; a copy can be handed over.
    pack: (table) => new Uint8Array(serialize(tableOf(table).pack())).slice(),
    unpack: (bytes) => GroupTable.unpack(plan, deserialize(bytes) as PackedGroups),
    taker: () =>
      mergingTaker({
        init,
        merge: (before, behind) => {
          tableOf(before).addAll(tableOf(behind));
          return before;
        },
        finish: (table) => {
          if (columns === "unknown") checkSeen(tableOf(table).unseen);
          return tableOf(table).rows();
        },
      }),
  };
}

function groupWords({ by, figures, isApprox }: Grouping): string {
  const words = figures.map((figure) =>
    isApprox && isSketched(figure) ? `about ${figureWords(figure)}` : figureWords(figure),
  );
  return [by.length === 0 ? "all rows" : `by ${by.join(", ")}`, ...words].join("; ");
}

function figureWords(figure: Figure): string {
  if (figure.kind === "count") return "count";
  return figure.kind === "quantile" ? `quantile ${figure.at} of ${figure.column}` : `${figure.kind} ${figure.column}`;
}
