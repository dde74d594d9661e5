/** What is said at the end of a run: rows that failed, and, of a run that took its time, where that went. */
import { shownPlace } from "../errors.ts";
import type { RunSummary } from "../pipeline/summary.ts";
import { count, duration, megabytes } from "./figures.ts";
import { showControls } from "./render-error.ts";

/** The time of a run that is done sooner is not worth a line. */
const LONG_MS = 1000;

/** Whether there is anything to tell of a run on a terminal. */
export function isLong({ ms }: RunSummary): boolean {
  return ms >= LONG_MS;
}

/** Lines on a run's rows, speed and time. */
export function describeRun(summary: RunSummary): string {
  const { rowsIn, rowsOut, rowsDropped, rowsFailed, ms, rowsPerSecond, bytesPerSecond, times } = summary;
  const { parentMs, workers } = summary;
  const rows = [
    `${count(rowsIn)} rows in`,
    `${count(rowsOut)} out`,
    ...(rowsDropped > 0 ? [`${count(rowsDropped)} dropped`] : []),
    ...(rowsFailed > 0 ? [`${count(rowsFailed)} failed`] : []),
  ];
  const speed = `${count(Math.round(rowsPerSecond))} rows/s, ${megabytes(bytesPerSecond)}/s`;
  const busy = workers.map(({ busyShare }) => `${Math.round(busyShare * 100)} %`).join(" ");
  const sum = Object.values(times).reduce((total, time) => total + time, 0);
  const shares = Object.entries(times).map(([stage, time]) => `${stage} ${Math.round((time / sum) * 100)} %`);
  return [
    `${rows.join(", ")} in ${duration(ms)} (${speed})`,
    `  workers busy: ${busy}   parent: ${((parentMs / ms) * 100).toFixed(1)} %`,
    `  time: ${shares.join(", ")}`,
    "",
  ].join("\n");
}

/** A line on what is worth knowing of a run that can be done all the same. */
export function describeNote(text: string): string {
  return `note: ${showControls(text)}\n`;
}

/** Lines on what the output does not show by itself. */
export function describeNotices({ notices }: Pick<RunSummary, "notices">): string {
  return notices.map((notice) => `${showControls(notice)}\n`).join("");
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
