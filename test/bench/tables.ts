// Turns outcomes into the lines of tables, and judges them.
import type { Outcome, Result } from "./contest.ts";
import { MAX_PEAK_BYTES, MAX_RISE_BYTES, type MemoryLine } from "./memory.ts";
import type { Peers } from "./peers.ts";
import { MAX_IDLE_SHARE, type Utilisation } from "./utilisation.ts";
import type { Contender, RatioBound, Workload } from "./workload.ts";

/** Whether a line holds; "skipped" for a missing peer, "not judged" for tiny inputs, "–" for a line without bound. */
type Verdict = "holds" | "DOES NOT HOLD" | "skipped" | "not judged" | "–";

/** One line of a table. */
interface Line {
  cells: string[];
  verdict: Verdict;
}

/** What a memory line came to. */
export type PeakOutcome =
  { kind: "measured"; peakBytes: number } | { kind: "failed"; reason: string } | { kind: "skipped"; reason: string };

/** How the workers of one of our contenders were used. */
export interface Use {
  workload: Workload;
  ours: string;
  utilisation: Utilisation;
}

/** A table with its lines. */
export interface Table {
  head: string[];
  lines: Line[];
}

/** How lines are judged. */
export interface Rules {
  peers: Peers;
  /** False for tiny inputs, whose times mean nothing. */
  isJudged: boolean;
}

const TIME_HEAD = ["workload", "ours", "against", "our time", "their time", "runs", "ratio", "must be", "verdict"];
const SIZE_HEAD = ["size of the output", "ours", "against", "our size", "their size", "ratio", "must be", "verdict"];
const USE_HEAD = [
  "workers and parent",
  "ours",
  "workers idle",
  "parent",
  "parent a MB",
  "the limit at",
  "must be idle",
  "verdict",
];
const MEMORY_HEAD = ["peak memory, -j 2", "peak", "above", "must stay", "verdict"];

/** Whether everything that a contender needs is there. */
export function hasAll({ by, needs = [] }: Contender, peers: Peers): boolean {
  return [by, ...needs].every((peer) => peer === "rowmill" || peers.found.has(peer));
}

/** The table of ratios. */
export function timeTable(outcomes: readonly Outcome[], rules: Rules): Table {
  return { head: TIME_HEAD, lines: outcomes.flatMap((outcome) => timeLines(outcome, rules)) };
}

function timeLines({ workload, results, faults }: Outcome, rules: Rules): Line[] {
  // Speed with the wrong output is none.
  const isSound = faults.length === 0;
  const skipped = new Set(workload.contenders.filter((one) => !hasAll(one, rules.peers)).map(({ name }) => name));
  const ratios = workload.ratios.map((bound): Line => {
    const { ours, other } = bound;
    const [our, their] = [results.get(ours), results.get(other)];
    const ratio = our === undefined || their === undefined ? undefined : their.medianMs / our.medianMs;
    const runs = our === undefined || their === undefined ? "–" : `${our.runs} / ${their.runs}`;
    const shown = [ratio === undefined ? "–" : figure(ratio), wanted(bound)];
    const cells = [workload.title, ours, other, timeOf(our), timeOf(their), runs, ...shown];
    if (skipped.has(ours) || skipped.has(other)) return { cells, verdict: "skipped" };
    if (!isBound(bound) && ratio !== undefined) return { cells, verdict: "–" };
    return { cells, verdict: verdict(isSound && ratio !== undefined && isWithin(ratio, bound), rules) };
  });
  const times = (workload.times ?? []).map(({ ours, belowMs }): Line => {
    const our = results.get(ours);
    const cells = [workload.title, ours, "–", timeOf(our), "–", String(our?.runs ?? "–"), "–", `< ${time(belowMs)}`];
    return { cells, verdict: verdict(isSound && our !== undefined && our.medianMs < belowMs, rules) };
  });
  return [...ratios, ...times];
}

function isBound({ atLeast, atMost }: RatioBound): boolean {
  return atLeast !== undefined || atMost !== undefined;
}

function isWithin(ratio: number, { atLeast = 0, atMost = Infinity }: RatioBound): boolean {
  return ratio >= atLeast && ratio <= atMost;
}

function wanted({ atLeast, atMost }: RatioBound): string {
  if (atLeast !== undefined) return `≥ ${figure(atLeast)}`;
  return atMost === undefined ? "–" : `≤ ${figure(atMost)}`;
}

/** The table of output sizes. */
export function sizeTable(outcomes: readonly Outcome[], rules: Rules): Table {
  const lines = outcomes.flatMap(({ workload, results, faults }) =>
    (workload.sizes ?? []).map(({ ours, other, atMost }): Line => {
      const [our, their] = [results.get(ours)?.outputBytes, results.get(other)?.outputBytes];
      const ratio = our === undefined || their === undefined ? undefined : our / their;
      const sizes = [our, their].map((bytes) => (bytes === undefined ? "–" : megabytes(bytes)));
      const shown = [ratio === undefined ? "–" : ratio.toFixed(3), `≤ ${figure(atMost)}`];
      const cells = [workload.title, ours, other, ...sizes, ...shown];
      if (their === undefined && faults.length === 0) return { cells, verdict: "skipped" };
      return { cells, verdict: verdict(ratio !== undefined && ratio <= atMost && faults.length === 0, rules) };
    }),
  );
  return { head: SIZE_HEAD, lines };
}

/** The table of what workers and parent did. */
export function useTable(uses: readonly Use[], rules: Rules): Table {
  const lines = uses.map(({ workload, ours, utilisation }): Line => {
    const { idleShare, parentShare, parentMsPerMb, workersAtLimit, isRepeated } = utilisation;
    const limit = Number.isFinite(workersAtLimit) ? `${Math.round(workersAtLimit)} workers` : "–";
    const cost = parentMsPerMb === undefined ? "–" : `${parentMsPerMb.toFixed(parentMsPerMb < 0.1 ? 3 : 2)} ms`;
    const shown = [percent(idleShare), percent(parentShare), cost, limit];
    if (isRepeated) return { cells: [workload.title, ours, ...shown, "–"], verdict: "–" };
    const cells = [workload.title, ours, ...shown, `< ${percent(MAX_IDLE_SHARE)}`];
    return { cells, verdict: verdict(idleShare < MAX_IDLE_SHARE, rules) };
  });
  return { head: USE_HEAD, lines };
}

/** The table of peak memory. */
export function memoryTable(peaks: ReadonlyMap<MemoryLine, PeakOutcome>, rules: Rules): Table {
  const byName = new Map([...peaks].map(([line, outcome]) => [line.name, outcome]));
  const lines = [...peaks].map(([line, outcome]): Line => {
    const base = line.against === undefined ? undefined : byName.get(line.against);
    const limit = `< ${megabytes(MAX_PEAK_BYTES)}`;
    const must =
      line.against === undefined ? limit : `${limit}, ≤ ${megabytes(MAX_RISE_BYTES)} above "${line.against}"`;
    const title = `${line.name}: ${line.title}`;
    if (outcome.kind !== "measured") {
      const cells = [title, outcome.reason, "–", must];
      return { cells, verdict: outcome.kind === "skipped" ? "skipped" : "DOES NOT HOLD" };
    }
    const rise = base?.kind === "measured" ? outcome.peakBytes - base.peakBytes : undefined;
    const isLow = outcome.peakBytes < MAX_PEAK_BYTES;
    const isFlat = line.against === undefined || (rise !== undefined && rise <= MAX_RISE_BYTES);
    const cells = [title, megabytes(outcome.peakBytes), rise === undefined ? "–" : megabytes(rise), must];
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

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function timeOf(result: Result | undefined): string {
  return result === undefined ? "–" : time(result.medianMs);
}

function time(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(ms < 100 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function megabytes(bytes: number): string {
  const mb = bytes / 1e6;
  return `${mb.toFixed(Math.abs(mb) < 10 ? 2 : 0)} MB`;
}

/** A table in Markdown, its columns aligned so that it reads well on a terminal too. */
export function tableText({ head, lines }: { head: string[]; lines: (Pick<Line, "cells"> & Partial<Line>)[] }): string {
  const rows = [head, ...lines.map(({ cells, verdict: last }) => (last === undefined ? cells : [...cells, last]))];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const text = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  text.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return text.join("\n");
}
