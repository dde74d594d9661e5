// The Markdown of a report: tables, chart, machine, versions, and the commands as a person would type them.
import { cpus, release, totalmem, type } from "node:os";
import { fileOf } from "./generate.ts";
import { MEMORY_LINES, shownMemoryCommand } from "./memory.ts";
import { INSTALL_COMMAND } from "./npm-peers.ts";
import { type Peers, shownCommand } from "./peers.ts";
import { type Table, tableText } from "./tables.ts";
import type { Places } from "./workload.ts";
import { outputExtension, WORKLOADS } from "./workloads.ts";

/** What the report says beside its tables. */
export interface ReportFacts {
  time: Table;
  sizes: Table;
  uses: Table;
  memory: Table;
  faults: readonly string[];
  peers: Peers;
  oursVersion: string;
  runs: number;
  scale: number;
  /** The file of the chart, beside the report. */
  chart: string | undefined;
}

const USE_NOTE = `Workers are idle while they wait for a batch. The parent cuts batches, merges and writes; its share is its CPU time in
that of the run. "The limit at" is how many workers would keep it busy all the time: the CPU time of all else divided by
its own. With more workers than that a run is no faster; several runs over parts of the input are. Light lines that are
done sooner than in a second are run over their input several times in a row for this.`;

/** The report. */
export function reportText(facts: ReportFacts): string {
  const { time, sizes, uses, memory, faults, peers, oursVersion, runs, scale, chart } = facts;
  const versions = [...peers.found.values()].map(({ title, version }) => `- ${title}: ${version}`);
  const missing = [...peers.missing.values()].map(
    ({ title, install }) => `- ${title} was not installed: \`${install}\``,
  );
  const size = scale === 1 ? "" : ` Inputs at ${scale} of their size: the ratios mean nothing.`;
  const sections = [
    "# Benchmark",
    `Written by \`bun run bench\`. Medians of ${runs} runs in turns (fewer where a run takes long, at the least the one that the outputs are compared in; "runs" says how many, ours and theirs), whole processes, inputs in the page cache, equal outputs.${size} A ratio is their time divided by ours.`,
    ...(chart === undefined ? [] : [`![Their time divided by ours, on a logarithmic scale](${chart})`]),
    ...tables([time, sizes]),
    ...(uses.lines.length === 0 ? [] : [...tables([uses]), USE_NOTE]),
    ...tables([memory]),
    ...(faults.length === 0 ? [] : ["## Faults", faults.map((fault) => `- ${fault}`).join("\n")]),
    "## Machine and versions",
    [`- ${machine()}`, `- Rowmill: ${oursVersion}`, ...versions, ...missing].join("\n"),
    "## Commands",
    ...commandSections(),
    "## Peers",
    `Debian's \`miller\`, \`python3\`, \`jq\`, \`parallel\`, \`mawk\`, \`pigz\`, \`pv\`, \`nodejs\`; packages of npm in a folder of their own, which \`${INSTALL_COMMAND}\` fills and \`ROWMILL_BENCH_PEERS\` names. A peer that is absent is skipped.`,
  ];
  return `${sections.join("\n\n")}\n`;
}

function tables(list: readonly Table[]): string[] {
  return list.filter((table) => table.lines.length > 0).map(tableText);
}

function machine(): string {
  const [core] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${navigator.hardwareConcurrency} cores (${core?.model.trim() || process.arch}), ${memory} GiB, ${type()} ${release()}`;
}

function commandSections(): string[] {
  const timed = WORKLOADS.map((workload) => {
    const at = shownPlaces(`out${outputExtension(workload)}`);
    const commands = workload.contenders.map(({ command, writes }) => {
      return shellText(command(at)) + (writes === "stdout" ? ` > ${at.out}` : "");
    });
    return `${capital(workload.title)}:\n\n${indented(commands)}`;
  });
  const memory = MEMORY_LINES.map((line) => shownMemoryCommand(line, shownPlaces("out.csv")));
  return [...timed, `Peak memory:\n\n${indented(memory)}`];
}

function shownPlaces(out: string): Places {
  return {
    ours: ["rowmill"],
    peer: shownCommand,
    input: fileOf,
    transform: (file) => file,
    script: (file) => file,
    count: (items) => items,
    out,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `    ${line}`).join("\n");
}

/** Words as a shell reads them. */
function shellText(words: readonly string[]): string {
  return words.map((word) => (/^[\w./,@:+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}
