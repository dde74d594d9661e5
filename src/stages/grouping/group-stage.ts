/** The stage of `--group-by` and its like. No code of the user's runs in it. */
import { deserialize, serialize } from "bun:jsc";
import type { RowmillError } from "../../errors.ts";
import type { OutputSetup } from "../../formats/format.ts";
import { mergingTaker } from "../merging-taker.ts";
import { noRoom, shownCount } from "../kept.ts";
import type { FoldingStage } from "../stage.ts";
import { checkSeen } from "../unseen-column.ts";
import { type Sketches, groupPlan } from "./group-plan.ts";
import { GroupTable, type PackedGroups, checkedRow, tableOf } from "./group-table.ts";
import { type Figure, type Grouping, isSketched } from "./grouping.ts";
import { groupCheck } from "./written-groups.ts";

/** What a stage of groups is made with, beside what is asked for. */
interface GroupFacts {
  output: OutputSetup;
  columns: "known" | "unknown";
  sketches?: Sketches | undefined;
  /** So many bytes may be kept of groups, and values of theirs. */
  mostBytes: number;
}

/** Makes it. Where the columns of the rows are not known beforehand, one that no row has is an error at the end. */
export function groupStage(grouping: Grouping, { output, columns, sketches, mostBytes }: GroupFacts): FoldingStage {
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
          const table = tableOf(before);
          table.addAll(tableOf(behind));
          if (table.size > mostBytes) throw tooMany(grouping, { groups: table.count, mostBytes });
          return before;
        },
        finish: (table) => {
          if (columns === "unknown") checkSeen(tableOf(table).unseen);
          return tableOf(table).rows();
        },
      }),
  };
}

/** There is no room for more of them, or of what is kept of each. */
function tooMany(
  { by, figures, isApprox }: Grouping,
  { groups, mostBytes }: { groups: number; mostBytes: number },
): RowmillError {
  const flags = new Set(
    figures.flatMap((figure) => (isApprox && isSketched(figure) ? [] : (KEEPING[figure.kind] ?? []))),
  );
  const kept = flags.size === 0 ? "" : `values are kept for ${[...flags].join(", ")}`;
  const what = by.length === 0 ? kept : `there are ${shownCount(groups)} groups by ${by.join(", ")}`;
  return noRoom(by.length > 0 && kept !== "" ? `${what}, whose ${kept}` : what, {
    most: mostBytes,
    hint:
      figures.some(isSketched) && !isApprox
        ? "--approx keeps less for medians, quantiles and distinct counts"
        : "leave out columns that make groups, or figures for which values are kept",
  });
}

/** Figures for which values are kept, by the flags that ask for them. */
const KEEPING: Readonly<Record<string, string>> = {
  median: "--median",
  quantile: "--quantile",
  collect: "--collect",
  mode: "--mode",
  "distinct-count": "--distinct-count",
};

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
