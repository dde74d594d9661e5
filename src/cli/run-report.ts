/** What is said at the end of a run: rows that failed, and, of a run that took its time, where that went. */
import { type RowmillError, shownPlace } from "../errors.ts";
import type { RunSummary } from "../pipeline/summary.ts";
import { count, duration, shownBytes } from "../pages/figures.ts";
import { showControls } from "./render-error.ts";
import { type Said, isForPrograms, say } from "./terminal.ts";

/** The time of a run that is done sooner is not worth a line. */
const LONG_MS = 1000;

/** Whether there is anything to tell of a run on a terminal: of one with a cache, what was found in it, however soon it is done. */
export function isWorthTelling({ ms, cache }: RunSummary): boolean {
  return ms >= LONG_MS || cache !== undefined;
}

/** Lines on a run's rows, speed and time. */
export function describeRun(summary: RunSummary): string {
  const { rowsIn, rowsOut, rowsDropped, rowsFailed, ms, rowsPerSecond, bytesPerSecond, times } = summary;
  const { parentMs, workers, cache } = summary;
  const rows = [
    `${count(rowsIn)} rows in`,
    `${count(rowsOut)} out`,
    ...(rowsDropped > 0 ? [`${count(rowsDropped)} dropped`] : []),
    ...(rowsFailed > 0 ? [`${count(rowsFailed)} failed`] : []),
  ];
  const speed = `${count(Math.round(rowsPerSecond))} rows/s, ${shownBytes(bytesPerSecond)}/s`;
  const busy = workers.map(({ busyShare }) => `${Math.round(busyShare * 100)} %`).join(" ");
  const sum = Object.values(times).reduce((total, time) => total + time, 0);
  const shares = Object.entries(times).map(([stage, time]) => `${stage} ${Math.round((time / sum) * 100)} %`);
  return [
    `${rows.join(", ")} in ${duration(ms)} (${speed})`,
    `  workers busy: ${busy}   parent: ${((parentMs / ms) * 100).toFixed(1)} %`,
    `  time: ${shares.join(", ")}`,
    ...(cache === undefined ? [] : [describeCache(cache)]),
    "",
  ].join("\n");
}

function describeCache({ hits, misses, unkept }: NonNullable<RunSummary["cache"]>): string {
  const others = unkept > 0 ? `, ${count(unkept)} that cannot be kept` : "";
  return `  cache: ${count(hits)} result${hits === 1 ? "" : "s"} found, ${count(misses)} call${misses === 1 ? "" : "s"}${others}`;
}

/** What is worth knowing of a run that can be done all the same. */
export function describeNote(message: string): Said {
  return { level: "note", message, text: `note: ${showControls(message)}\n` };
}

/** Says what the output does not show by itself. */
export function sayNotices({ notices }: Pick<RunSummary, "notices">): void {
  for (const message of notices) say({ level: "warning", message, text: `${showControls(message)}\n` });
}

/** Says which rows failed, where some did. */
export async function sayFailedRows(summary: RunSummary): Promise<void> {
  const { rowsIn, rowsFailed, rejects, firstFailure } = summary;
  if (rowsFailed === 0) return;
  const text = describeFailedRows(summary);
  const first = firstFailure === undefined || !isForPrograms() ? undefined : await factsOf(firstFailure);
  const facts = { rows: rowsIn, failed: rowsFailed, rejects, first };
  const [message = ""] = text.split("\n", 1);
  say({ level: "warning", code: "rows-failed", message, text, facts });
}

async function factsOf(error: RowmillError): Promise<object> {
  const { errorFacts } = await import("./error-object.ts");
  return errorFacts(error);
}

/** Lines on the rows that failed. */
export function describeFailedRows({ rowsIn, rowsFailed, rejects, firstFailure }: RunSummary): string {
  const share = `${count(rowsFailed)} of ${count(rowsIn)} rows`;
  const lines = [rejects === undefined ? `${share} failed and were left out` : `${share} failed: see ${rejects}`];
  if (firstFailure?.place !== undefined) {
    lines.push(`  the first: ${shownPlace(firstFailure.place)}: ${firstFailure.message}`);
  }
  return `${lines.map(showControls).join("\n")}\n`;
}
