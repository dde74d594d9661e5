/** `rowmill status`: how far planned work has come. */
import { resolve } from "node:path";
import { UsageError } from "../../../errors.ts";
import { numbersOf } from "../../../cluster/number-list.ts";
import { type WorkStatus, workStatus } from "../../../cluster/work-status.ts";
import { Work } from "../../../cluster/work.ts";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { count, duration } from "../../../pages/figures.ts";
import { on } from "../../flag.ts";
import { print } from "../../terminal.ts";

export const status: Command<{ json?: boolean }> = {
  usage: "status [options] <folder>",
  description: `Say how far planned work has come: which shards are done, under way, left by a process that has ended, or not begun.
The exit code is 0 where all are done, 1 where some are not.`,
  flags: [{ group: "Output", flags: "--json", help: "as JSON", apply: on("json") }],
  examples: `Examples:
  printf 'name,born\\nAda Lovelace,1815\\nEmmy Noether,1882\\n' > /tmp/scientists.csv
  rm -rf /tmp/ages && rowmill plan -e '{ name, age: 2017 - born }' /tmp/scientists.csv -o /tmp/ages --shards 2
  rowmill shard /tmp/ages 0-1 && rowmill status /tmp/ages`,
  async carryOut({ json }, operands) {
    const [folder, ...others] = operands;
    if (folder === undefined || others.length > 0)
      throw new UsageError("status takes a folder with a plan", "rowmill status run/");
    const found = workStatus(Work.open(resolve(folder)));
    await print(json === true ? `${JSON.stringify(found)}\n` : describe(found));
    return found.done.length === found.shards && found.conflicts.length === 0 ? EXIT.done : EXIT.failed;
  },
};

function describe(found: WorkStatus): string {
  const { shards, rows, rowsPerSecond, secondsLeft } = found;
  const lists: [label: string, numbers: number[]][] = [
    ["running", found.running],
    ["failed", found.failed],
    ["left", found.left],
    ["torn", found.torn],
    ["waiting", found.waiting],
    ["conflicts", found.conflicts],
  ];
  const isDone = found.done.length === shards;
  const lines: [label: string, text: string][] = [
    ["done", `${count(found.done.length)} of ${count(shards)} shards`],
    ...lists.flatMap(([label, numbers]): [string, string][] =>
      numbers.length === 0 ? [] : [[label, `${count(numbers.length)}: ${numbersOf(numbers)}`]],
    ),
    ...(found.failure === undefined ? [] : [["", found.failure] as [string, string]]),
    [
      "rows",
      `${count(rows.done)} of ${count(rows.all)}${rows.failed === 0 ? "" : `, ${count(rows.failed)} of them failed`}`,
    ],
    ...(rowsPerSecond === undefined
      ? []
      : [["speed", `${count(Math.round(rowsPerSecond))} rows/s`] as [string, string]]),
    ...(secondsLeft === undefined || isDone ? [] : [["time left", duration(secondsLeft * 1000)] as [string, string]]),
  ];
  return lines.map(([label, text]) => `${(label === "" ? "" : `${label}:`).padEnd(11)}${text}\n`).join("");
}
