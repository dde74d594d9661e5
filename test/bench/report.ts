// Turns outcomes into lines of two tables, and those into the text on the terminal and the Markdown of `--write`.
import { cpus, release, totalmem, type } from "node:os";
import type { Outcome } from "./contest.ts";
import { fileOf } from "./generate.ts";
import { MAX_PEAK_BYTES, MAX_RISE_BYTES, MEMORY_LINES, type MemoryLine, shownMemoryCommand } from "./memory.ts";
import type { Peers } from "./peers.ts";
import { outputExtension, type Places, WORKLOADS } from "./workloads.ts";

/** Whether a line holds; "skipped" for a missing peer, "not judged" for tiny inputs, "–" for a line without bound. */
export type Verdict = "holds" | "DOES NOT HOLD" | "skipped" | "not judged" | "–";

/** One line of a table. */
export interface Line {
  cells: string[];
  verdict: Verdict;
}

/** What a memory line came to. */
export type PeakOutcome =
  { kind: "measured"; peakBytes: number } | { kind: "failed"; reason: string } | { kind: "skipped"; reason: string };

/** A table with its lines. */
export interface Table {
  head: string[];
  lines: Line[];
}

const TIME_HEAD = ["workload", "ours", "against", "our time", "their time", "ratio", "must reach", "verdict"];
const MEMORY_HEAD = ["peak memory, -j 2", "peak", "above", "must stay", "verdict"];

/** How lines are judged. */
export interface Rules {
  peers: Peers;
  /** False for tiny inputs, whose times mean nothing. */
  isJudged: boolean;
}

/** The table of ratios. */
export function timeTable(outcomes: readonly Outcome[], rules: Rules): Table {
  return { head: TIME_HEAD, lines: outcomes.flatMap((outcome) => timeLines(outcome, rules)) };
}

function timeLines({ workload, medianMs, faults }: Outcome, rules: Rules): Line[] {
  // Speed with the wrong output is none.
  const isSound = faults.length === 0;
  const missing = new Set<string>();
  for (const { name, by, needs = [] } of workload.contenders) {
    if ([by, ...needs].some((peer) => peer !== "rowmill" && rules.peers.missing.has(peer))) missing.add(name);
  }
  const ratios = workload.ratios.map(({ ours, other, atLeast }): Line => {
    const [our, their] = [medianMs.get(ours), medianMs.get(other)];
    const ratio = our === undefined || their === undefined ? undefined : their / our;
    const wanted = atLeast === undefined ? "–" : `≥ ${figure(atLeast)}`;
    const cells = [
      workload.title,
      ours,
      other,
      time(our),
      time(their),
      ratio === undefined ? "–" : figure(ratio),
      wanted,
    ];
    if (missing.has(other)) return { cells, verdict: "skipped" };
    if (atLeast === undefined && ratio !== undefined) return { cells, verdict: "–" };
    return { cells, verdict: verdict(isSound && ratio !== undefined && ratio >= (atLeast ?? 0), rules) };
  });
  const times = (workload.times ?? []).map(({ ours, belowMs }): Line => {
    const our = medianMs.get(ours);
    const cells = [workload.title, ours, "–", time(our), "–", "–", `< ${time(belowMs)}`];
    return { cells, verdict: verdict(isSound && our !== undefined && our < belowMs, rules) };
  });
  return [...ratios, ...times];
}

/** The table of peak memory. */
export function memoryTable(peaks: ReadonlyMap<MemoryLine, PeakOutcome>, rules: Rules): Table {
  const byName = new Map([...peaks].map(([line, outcome]) => [line.name, outcome]));
  const lines = [...peaks].map(([line, outcome]): Line => {
    const base = line.against === undefined ? undefined : byName.get(line.against);
    const limit = `< ${megabytes(MAX_PEAK_BYTES)}`;
    const wanted =
      line.against === undefined ? limit : `${limit}, ≤ ${megabytes(MAX_RISE_BYTES)} above "${line.against}"`;
    const title = `${line.name}: ${line.title}`;
    if (outcome.kind !== "measured") {
      const cells = [title, outcome.reason, "–", wanted];
      return { cells, verdict: outcome.kind === "skipped" ? "skipped" : "DOES NOT HOLD" };
    }
    const rise = base?.kind === "measured" ? outcome.peakBytes - base.peakBytes : undefined;
    const isLow = outcome.peakBytes < MAX_PEAK_BYTES;
    const isFlat = line.against === undefined || (rise !== undefined && rise <= MAX_RISE_BYTES);
    const cells = [title, megabytes(outcome.peakBytes), rise === undefined ? "–" : megabytes(rise), wanted];
    return { cells, verdict: verdict(isLow && isFlat, rules) };
  });
  return { head: MEMORY_HEAD, lines };
}

function verdict(holds: boolean, { isJudged }: Rules): Verdict {
  if (!isJudged) return "not judged";
  return holds ? "holds" : "DOES NOT HOLD";
}

function figure(value: number): string {
  return value.toFixed(2);
}

function time(ms: number | undefined): string {
  if (ms === undefined) return "–";
  return ms < 1000 ? `${ms.toFixed(ms < 100 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

/** A table in Markdown, its columns aligned so that it reads well on a terminal too. */
export function tableText({ head, lines }: Table): string {
  const rows = [head, ...lines.map((line) => [...line.cells, line.verdict])];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const text = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  text.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return text.join("\n");
}

/** What the report says beside its tables. */
export interface ReportFacts {
  tables: Table[];
  faults: readonly string[];
  peers: Peers;
  oursVersion: string;
  runs: number;
  scale: number;
}

/** The report that `--write` leaves. */
export function reportText({ tables, faults, peers, oursVersion, runs, scale }: ReportFacts): string {
  const versions = [...peers.found.values()].map(({ title, version }) => `- ${title} ${version}`);
  const missing = [...peers.missing.values()].map(
    ({ title, install }) => `- ${title} was not installed: \`${install}\``,
  );
  const size = scale === 1 ? "" : ` Inputs at ${scale} of their size: the ratios mean nothing.`;
  const sections = [
    "# Benchmark",
    `Written by \`bun run bench\`. Medians of ${runs} runs or more in turns, whole processes, inputs in the page cache, equal outputs.${size} A ratio is their time divided by ours.`,
    ...tables.filter((table) => table.lines.length > 0).map(tableText),
    ...(faults.length === 0 ? [] : ["## Faults", faults.map((fault) => `- ${fault}`).join("\n")]),
    "## Machine and versions",
    [`- ${machine()}`, `- Rowmill ${oursVersion}`, ...versions, ...missing].join("\n"),
    "## Commands",
    ...commandSections(),
    "## Peers",
    "Debian's `miller`, `python3`, `jq`, `parallel`, `pv`, `nodejs`; npm's `@duckdb/node-api`, installed in a folder of its own that `ROWMILL_BENCH_PEERS` names. A peer that is absent is skipped.",
  ];
  return `${sections.join("\n\n")}\n`;
}

function machine(): string {
  const [core] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${navigator.hardwareConcurrency} cores (${core?.model.trim() || process.arch}), ${memory} GiB, ${type()} ${release()}`;
}

/** The commands as a person would type them. */
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
    peer: (name) => SHOWN_PEERS[name],
    input: fileOf,
    transform: (file) => file,
    script: (file) => file,
    out,
  };
}

const SHOWN_PEERS: Record<Parameters<Places["peer"]>[0], string[]> = {
  bun: ["bun"],
  duckdb: ["node", "duckdb.mjs", "FOLDER"],
  jq: ["jq"],
  miller: ["mlr"],
  parallel: ["parallel"],
  pv: ["pv"],
  python: ["python3"],
};

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
