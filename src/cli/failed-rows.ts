/** What is said at the end of a run in which rows failed. */
import type { RunSummary } from "../pipeline/summary.ts";
import { showControls } from "./render-error.ts";

export function describeFailedRows({ rowsIn, rowsFailed, rejects, firstFailure }: RunSummary): string {
  const share = `${count(rowsFailed)} of ${count(rowsIn)} rows`;
  const lines = [rejects === undefined ? `${share} failed and were left out` : `${share} failed: see ${rejects}`];
  if (firstFailure?.place !== undefined) {
    const { file, line } = firstFailure.place;
    lines.push(`  the first: ${file === "-" ? "standard input" : file}:${line}: ${firstFailure.message}`);
  }
  return `${lines.map(showControls).join("\n")}\n`;
}

function count(rows: number): string {
  return rows.toLocaleString("en");
}
