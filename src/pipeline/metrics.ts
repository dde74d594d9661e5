/**
 * Figures of a run for Prometheus (`--metrics run.prom`), in its text format, as the textfile collector of a node exporter reads
 * them. They are gauges: of the last run that wrote the file, whose name tells it from others.
 */
import { basename } from "node:path";
import { RowmillError } from "../errors.ts";
import { VERSION } from "../version.ts";
import type { MeasuredRun } from "./summary.ts";

/** What such a file begins with. */
export const METRICS_START = "# HELP rowmill_run_";

/** What is known of a run at its end. */
type EndedRun = Pick<MeasuredRun, "summary" | "started" | "bytes" | "retries"> & {
  failure: { error: unknown } | undefined;
};

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

/** The text of the file. @param path How it is called. */
export function metricsText(path: string, { summary, started, bytes, retries, failure }: EndedRun): string {
  const { rowsIn, rowsMapped, rowsDropped, rowsFailed, rowsOut, ms, parentMs, times, workers } = summary;
  const run = basename(path).replace(/\.prom$/, "");
  const metric = (name: string, help: string, samples: readonly Sample[]): string => {
    const lines = samples.map(
      ([labels, value]) => `rowmill_run_${name}${shownLabels({ run, ...labels })} ${String(value)}\n`,
    );
    return `# HELP rowmill_run_${name} ${help}\n# TYPE rowmill_run_${name} gauge\n${lines.join("")}`;
  };
  const one = (name: string, help: string, value: number): string => metric(name, help, [[{}, value]]);
  return [
    one(
      "success",
      "Whether the run did all that it was to do; failed rows do not count.",
      failure === undefined ? 1 : 0,
    ),
    metric("info", "Which version ran, and where.", [
      [{ version: VERSION, platform: `${process.platform}-${process.arch}` }, 1],
    ]),
    ...(failure === undefined
      ? []
      : [
          metric("error", "What ended the run, by its code: see rowmill explain.", [
            [{ code: codeOf(failure.error) }, 1],
          ]),
        ]),
    one("start_timestamp_seconds", "When it began.", started.getTime() / 1000),
    one("end_timestamp_seconds", "When it ended.", (started.getTime() + Math.round(ms)) / 1000),
    one("duration_seconds", "How long it took.", seconds(ms)),
    one("rows_in", "Rows of the inputs.", rowsIn),
    metric("rows", "Rows of the inputs, by what came of them.", [
      [{ outcome: "mapped" }, rowsMapped],
      [{ outcome: "dropped" }, rowsDropped],
      [{ outcome: "failed" }, rowsFailed],
    ]),
    one("rows_out", "Rows of the output.", rowsOut),
    one("input_bytes", "Bytes of the inputs that were read, unpacked.", bytes),
    one("retries", "Calls of the function that were tried again.", retries),
    metric(
      "stage_seconds",
      "Where the time went, of all workers together.",
      Object.entries(times).map(([stage, time]): Sample => [{ stage }, seconds(time)]),
    ),
    one("parent_cpu_seconds", "CPU time of the thread that serves the workers.", seconds(parentMs)),
    one("workers", "Workers that had rows.", workers.length),
    ...(workers.length === 0
      ? []
      : [
          metric(
            "worker_busy_seconds",
            "How long each worker had work.",
            workers.map(({ worker, busyMs }): Sample => [{ worker: String(worker) }, seconds(busyMs)]),
          ),
        ]),
  ].join("");
}

function codeOf(error: unknown): string {
  return error instanceof RowmillError ? error.code : "internal";
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}

function shownLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value
    .replaceAll("\\", String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll("\n", String.raw`\n`);
}
