/** `rowmill diff`: the rows in which two files differ. */
import { UsageError } from "../../errors.ts";
import { shownColumns } from "../../formats/columns.ts";
import type { DiffSummary } from "../../pipeline/diff/diff-rows.ts";
import { diffRows } from "../../pipeline/diff/diff-rows.ts";
import type { Command } from "../command.ts";
import { count as shownCount } from "../../pages/figures.ts";
import { type Flag, longName, on, oneOf, to } from "../flag.ts";
import { type CliRunOptions, allFlags } from "../flags.ts";
import { nameList } from "../name-list.ts";
import { describeNote, sayNotices } from "../run-report.ts";
import { whileReading } from "../progress.ts";
import { say, sayWhoWaits } from "../terminal.ts";
import { INPUT_FLAGS } from "./schema.ts";

/** What its exit code says: as that of `diff`. */
const DIFF_EXIT = { same: 0, different: 1, trouble: 2 } as const;

interface DiffCommandOptions extends CliRunOptions {
  on?: string[];
  ignore?: string[];
  long?: boolean;
}

/** Flags of a run that say how its output is written, which a diff has as well. */
const OUTPUT_FLAGS = [
  "output",
  "to",
  "out-delimiter",
  "out-quote",
  "no-header-out",
  "quote-all",
  "crlf",
  "bom",
  "escape-formulas",
  "wait",
];
const WORK_FLAGS = ["jobs", "quiet"];

function flagsNamed(names: readonly string[]): Flag<CliRunOptions>[] {
  return allFlags().filter(
    (flag) => names.includes(longName(flag)) || (names === OUTPUT_FLAGS && isWordOf("--to", flag)),
  );
}

/** Whether a flag is a word of another one: `--ocsv` of `--to`. */
function isWordOf(name: string, { help }: Flag<CliRunOptions>): boolean {
  return help.startsWith(`same as ${name} `);
}

export const diff: Command<DiffCommandOptions> = {
  usage: "diff [options] <old> <new>",
  description: `Say in which rows two files differ: one row for each that was added, removed or changed. With --on rows are told
apart by these columns, in whatever order they stand; without it a row that is not in both is added or removed.
Formats may differ. The exit code is 0 where nothing differs, 1 where something does, 2 in trouble.`,
  flags: [
    {
      group: "Rows",
      flags: "--on <a,b,…>",
      help: "the columns whose values tell rows apart; no two rows of a file have the same",
      apply: to("on", (text) => nameList("--on", text)),
    },
    {
      group: "Rows",
      flags: "--ignore <a,b,…>",
      help: "columns that are not compared",
      apply: to("ignore", (text) => nameList("--ignore", text)),
    },
    {
      group: "Rows",
      flags: "--long",
      help: "one row for each field that differs, with its old value and its new one",
      apply: on("long"),
    },
    ...flagsNamed(OUTPUT_FLAGS),
    {
      group: "Failed rows",
      flags: "--on-error <policy>",
      help: "fail: a row that cannot be read ends it; skip: leave it out (default: fail)",
      apply: to("onError", oneOf("--on-error", ["fail", "skip"])),
    },
    ...flagsNamed(WORK_FLAGS),
    ...INPUT_FLAGS.filter((flag) => !["files-from", "types"].includes(longName(flag))),
  ],
  examples: `Examples:
  printf 'id,city\\n1,Oslo\\n2,Rome\\n' > /tmp/old.csv
  printf 'id,city\\n2,Roma\\n3,Lima\\n' > /tmp/new.csv
  rowmill diff /tmp/old.csv /tmp/new.csv --on id
  rowmill diff /tmp/old.csv /tmp/new.csv --on id --long --to table`,
  failureCode: DIFF_EXIT.trouble,
  exitCodes: `Exit codes:
  0    no row and no column differs
  1    something differs
  2    trouble: wrong usage, an input that cannot be read, two rows with the same key
  130  interrupted with Ctrl-C      143  terminated      129  hung up`,
  async carryOut({ quiet, ...options }, operands, signal) {
    const [before, after, third] = operands;
    if (before === undefined || after === undefined || third !== undefined)
      throw new UsageError(
        `diff takes two files, and ${operands.length === 0 ? "none is" : operands.length === 1 ? "one is" : `${operands.length} are`} named`,
        "rowmill diff OLD NEW --on ID",
      );
    if (quiet !== true) await sayWhoWaits([before, after]);
    const found = await diffRows(before, after, {
      ...options,
      signal,
      ...(quiet !== true && { onNote: (text: string) => say(describeNote(text)), watch: whileReading }),
    });
    if (quiet !== true) {
      sayNotices(found);
      const { notices: _, ...facts } = found;
      const text = describeDiff(found);
      say({ level: "info", message: text.trimEnd(), text, facts });
    }
    return isSame(found) ? DIFF_EXIT.same : DIFF_EXIT.different;
  },
};

function isSame({ added, removed, changed, addedColumns, removedColumns }: DiffSummary): boolean {
  return added + removed + changed + addedColumns.length + removedColumns.length === 0;
}

function describeDiff(found: DiffSummary): string {
  const { added, removed, changed, same, addedColumns, removedColumns, rowsFailed } = found;
  const figures = { added, removed, changed, "the same": same };
  const rows = Object.entries(figures)
    .map(([what, figure]) => `${shownCount(figure)} ${what}`)
    .join(", ");
  return [
    ...(addedColumns.length > 0 ? [`columns added, and not compared: ${shownColumns(addedColumns)}`] : []),
    ...(removedColumns.length > 0 ? [`columns removed, and not compared: ${shownColumns(removedColumns)}`] : []),
    ...(rowsFailed > 0 ? [`left out: ${shownCount(rowsFailed)} of the rows could not be read`] : []),
    isSame(found) && rowsFailed === 0 ? `no difference in ${shownCount(same)} ${same === 1 ? "row" : "rows"}` : rows,
  ]
    .map((line) => `${line}\n`)
    .join("");
}
