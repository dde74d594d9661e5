/** The page of a run (`--report run.html`): what came of it, how quick it was, where the time went, what failed and why. */
import { RowmillError, messageOf, shownPlace, withoutSecrets } from "../errors.ts";
import { OPTION_ENTRIES } from "../options/table.ts";
import type { RunOptions } from "../options/run-options.ts";
import { type Bar, barChart, shareBar } from "../pages/charts.ts";
import { count as shownCount, duration, shownBytes } from "../pages/figures.ts";
import { table, text, value } from "../pages/html.ts";
import { type Section, htmlPage } from "../pages/page.ts";
import { plural, shownNumber, shownShare } from "../pages/shown.ts";
import { VERSION } from "../version.ts";
import { inputsOf, jobsOf } from "./options.ts";
import { forKeeps } from "./run-identity.ts";
import type { MeasuredRun } from "./summary.ts";
import type { RunTimeline } from "./run-timeline.ts";

/** What such a file begins with. */
export const RUN_PAGE_START = "<!doctype html>\n<!-- rowmill --report -->\n";

/** What the page is about. */
type ReportedRun = MeasuredRun & { options: RunOptions; failure: { error: unknown } | undefined };

/** Makes it. */
export function runPage(run: ReportedRun): string {
  const { summary, started, bytes, options } = run;
  const { rowsIn, rowsMapped, rowsDropped, rowsFailed, rowsOut, ms } = summary;
  const sections: Section[] = [
    ["notes", "What stands out", notes(run)],
    ["speed", "Speed", speed(run)],
    ["time", "Where the time went", stages(run)],
    ["workers", "Workers", workers(run)],
    ["failed", "Failed rows", failed(run)],
    ["slow", "Slowest batches", slowest(run)],
    ["files", "Inputs and outputs", files(run)],
    ["options", "Options", given(options)],
  ];
  return htmlPage({
    start: RUN_PAGE_START,
    title: `Run of ${text(withoutSecrets(nameOf(options)), 200)}`,
    facts: [
      ["Status", statusOf(run)],
      ["Began", text(started.toISOString().slice(0, "2000-01-01T00:00:00".length).replace("T", " "))],
      ["Took", shownMs(ms)],
      ["Rows in", shownCount(rowsIn)],
      ["Rows out", shownCount(rowsOut)],
      ["Mapped", shownCount(rowsMapped)],
      rowsDropped > 0 ? ["Without output", shownCount(rowsDropped)] : undefined,
      rowsFailed > 0 ? ["Failed", `<span class=warn>${shownCount(rowsFailed)}</span>`] : undefined,
      ["Rows a second", shownCount(Math.round(summary.rowsPerSecond))],
      ["Input", `${shownBytes(bytes)}, ${shownBytes(summary.bytesPerSecond)} a second`],
      ["Rowmill", text(VERSION)],
    ],
    sections,
  });
}

function nameOf({ transform, expression, filter }: RunOptions): string {
  return transform ?? expression ?? (filter === undefined ? "rows as they are" : `filter ${filter}`);
}

function statusOf({ failure, summary }: ReportedRun): string {
  if (failure !== undefined) return "<span class=warn>failed</span>";
  return summary.isCutShort ? "cut short: its reader went away" : "done";
}

/** A worker that waits for more than this share of the time has too little to do. */
const IDLE = 0.3;
const LONG_MS = 1000;
const MOST_NOTES = 30;
/** So many reasons are listed. */
const MOST_REASONS = 40;

function notes({ failure, summary, timeline, retries }: ReportedRun): string {
  const { firstFailure, rowsFailed, rowsIn, workers: shares, ms, cache } = summary;
  const busy = shares.reduce((sum, { busyMs }) => sum + busyMs, 0) / Math.max(1, shares.length) / ms;
  const unlisted = (timeline?.reasons ?? [])
    .slice(MOST_REASONS)
    .reduce((sum, { rows }) => sum + rows, timeline?.otherFailures ?? 0);
  const said = [
    ...(failure === undefined ? [] : [`<span class=warn>It failed</span>: ${shownError(failure.error)}`]),
    ...(rowsFailed > 0
      ? [
          `${plural(rowsFailed, "row")} failed, ${shownShare(rowsFailed / Math.max(1, rowsIn))} of all${
            firstFailure === undefined ? "" : `; the first: ${shownError(firstFailure)}`
          }`,
        ]
      : []),
    ...(summary.isResumed
      ? ["It went on where an earlier run had stopped: rows are those of both, times are its own."]
      : []),
    ...(shares.length > 0 && ms >= LONG_MS && busy < 1 - IDLE
      ? [`Workers waited for ${shownShare(1 - busy)} of the time: for the input, for the output, or for each other.`]
      : []),
    ...(retries > 0 ? [`${plural(retries, "call")} ${retries === 1 ? "was" : "were"} tried again.`] : []),
    ...(cache === undefined
      ? []
      : [`${plural(cache.hits, "result")} came from the cache, ${shownCount(cache.misses)} did not.`]),
    ...(summary.blankLines > 0 ? [`${plural(summary.blankLines, "line")} with nothing on it.`] : []),
    ...summary.notices.map((notice) => text(notice, 500)),
    ...(unlisted === 0 ? [] : [`${plural(unlisted, "row")} failed for further reasons, which are not listed.`]),
  ];
  if (said.length === 0) return "<p>Nothing: all rows were mapped.</p>";
  return `<ul class=notes>${said
    .slice(0, MOST_NOTES)
    .map((note) => `<li>${note}`)
    .join("\n")}</ul>`;
}

function shownError(error: unknown): string {
  if (!(error instanceof RowmillError)) return text(withoutSecrets(messageOf(error)), 500);
  const { code, message, place, hint } = error;
  const where = place === undefined || place.file === "" ? "" : `${text(shownPlace(place))}: `;
  return `${where}${text(withoutSecrets(message), 500)} <span class=dim>(${text(code)}${hint === undefined ? "" : `; ${text(hint, 300)}`})</span>`;
}

const SECOND_MS = 1000;
/** So many bars say enough. */
const MOST_BARS = 120;

/** Bars over the time of the run, in seconds. @param of What is in a piece of it, for a second. */
function overTime({ timeline, ms }: { timeline: RunTimeline; ms: number }, of: (at: number) => number): Bar[] {
  const { pieces, pieceMs } = timeline;
  const each = Math.ceil(pieces.length / MOST_BARS);
  const bars: Bar[] = [];
  for (let at = 0; at < pieces.length; at += each) {
    const until = Math.min(pieces.length, at + each);
    let sum = 0;
    for (let piece = at; piece < until; piece++) sum += of(piece);
    const from = (at * pieceMs) / SECOND_MS;
    // The run has ended within the last one.
    const to = Math.min(until * pieceMs, Math.max(ms, at * pieceMs + 1)) / SECOND_MS;
    bars.push({ from, to, count: sum / (to - from) });
  }
  return bars;
}

function timeChart(
  bars: readonly Bar[],
  { label, head, shown }: { label: string; head: string; shown: (figure: number) => string },
): string {
  const most = Math.max(...bars.map(({ count }) => count));
  const chart = barChart(bars, { label: `${label}, at most ${shown(most)}`, most: shown(most) });
  return `<figure><figcaption>${label}</figcaption>${chart}<details><summary>Figures of the bars</summary>${table({
    caption: label,
    heads: ["From, in seconds", "To", head],
    figures: [0, 1, 2],
    rows: bars.map(({ from, to, count }) => [shownNumber(from, 6), shownNumber(to, 6), shown(count)]),
  })}</details></figure>`;
}

function speed({ timeline, summary }: ReportedRun): string {
  if (timeline === undefined || timeline.pieces.length === 0) return "";
  const { pieces } = timeline;
  // A batch that is heard of late counts a little late, beside the next one.
  const most = (timeline.pieceMs * summary.workers.length) / SECOND_MS;
  const charts = [
    timeChart(
      overTime({ timeline, ms: summary.ms }, (at) => pieces[at]?.rows ?? 0),
      { label: "Rows a second", head: "Rows a second", shown: (figure) => shownCount(Math.round(figure)) },
    ),
    timeChart(
      overTime({ timeline, ms: summary.ms }, (at) => Math.min(most, (pieces[at]?.busyMs ?? 0) / SECOND_MS)),
      { label: "Workers that had work", head: "Workers", shown: (figure) => figure.toFixed(1) },
    ),
  ];
  return `<p class=dim>Over the time of the run, in seconds. A batch counts evenly over the time for which its worker had it.</p>
<div class=charts>${charts.join("\n")}</div>`;
}

const STAGES: Readonly<Record<string, string>> = {
  read: "Reading bytes of the input",
  parse: "Bytes to rows",
  transform: "Function, filter and schema (waiting of asynchronous ones as well)",
  encode: "Results to bytes",
};

function stages({ summary, blocks }: ReportedRun): string {
  const { times, workers: shares, ms, parentMs } = summary;
  const { write, ...ofWorkers } = times;
  const all = shares.length * ms;
  const busy = shares.reduce((sum, { busyMs }) => sum + busyMs, 0);
  const rows: [name: string, ms: number, share: number][] = Object.entries(ofWorkers).map(([stage, spent]) => [
    STAGES[stage] ?? stage,
    spent,
    spent / Math.max(1, all),
  ]);
  if (shares.length > 0) rows.push(["Waiting, of all workers", Math.max(0, all - busy), Math.max(0, all - busy) / all]);
  const parent: [name: string, ms: number, share: number][] = [
    ["CPU time of the thread that serves the workers", parentMs, parentMs / ms],
    ["Writing there, with what that waits for", write, write / ms],
  ];
  const shown = (lines: typeof rows): string[][] =>
    lines.map(([name, spent, share]) => [`${text(name)}${shareBar(share)}`, shownMs(spent), shownShare(share)]);
  const ways = Object.entries(blocks).filter(([, times_]) => times_ > 0);
  return [
    shares.length === 0
      ? ""
      : table({
          caption: `Of ${plural(shares.length, "worker")}, together`,
          heads: ["Stage", "Time", "Share"],
          figures: [1, 2],
          rows: shown(rows),
        }),
    table({ caption: "Beside them", heads: ["What", "Time", "Of the run"], figures: [1, 2], rows: shown(parent) }),
    ways.length === 0
      ? ""
      : table({
          caption: "Blocks of rows by the way that they took: docs/ways.md says which is quicker",
          heads: ["Way", "Blocks"],
          figures: [1],
          rows: ways.map(([way, times_]) => [text(way), shownCount(times_)]),
        }),
  ].join("\n");
}

/** Of more workers, the others are summed up by what is shown of all. */
const MOST_WORKERS = 256;

function workers({ summary, options }: ReportedRun): string {
  const { workers: shares, ms } = summary;
  if (shares.length === 0) return "";
  return `<p class=dim>${jobsOf(options)} asked for or found; those that had rows:</p>
${table({
  caption: shares.length > MOST_WORKERS ? `The first ${MOST_WORKERS} workers` : "Workers",
  heads: ["Worker", "Batches", "Rows", "Busy", "Idle", "Share"],
  figures: [1, 2, 3, 4, 5],
  rows: shares
    .slice(0, MOST_WORKERS)
    .map(({ worker, batches, rows, busyMs, busyShare }) => [
      `${worker + 1}${shareBar(busyShare)}`,
      shownCount(batches),
      shownCount(rows),
      shownMs(busyMs),
      shownMs(Math.max(0, ms - busyMs)),
      shownShare(Math.min(1, busyShare)),
    ]),
})}`;
}

function failed({ summary, timeline, options }: ReportedRun): string {
  const { rowsFailed } = summary;
  const reasons = timeline?.reasons ?? [];
  if (reasons.length === 0) return "";
  const known = reasons.reduce((sum, { rows }) => sum + rows, timeline?.otherFailures ?? 0);
  const isAll = known >= rowsFailed;
  const hint =
    options.onError === "reject"
      ? "of those that an earlier run has left, nothing is told"
      : "of each batch the first one is known, and --on-error reject tells of all";
  return `<p>${
    isAll
      ? `All ${shownCount(rowsFailed)}, by what was wrong.`
      : `${shownCount(known)} of ${shownCount(rowsFailed)}: ${hint}.`
  }${summary.rejects === undefined ? "" : ` They are in <b>${value(summary.rejects)}</b>.`}</p>
${table({
  caption: "Reasons, the commonest first: what is a row's own in a message is left out",
  heads: ["Reason", "Code", "Rows", "Share"],
  figures: [2, 3],
  rows: reasons
    .slice(0, MOST_REASONS)
    .map(({ reason, code, rows }) => [
      `${text(reason, 200)}${shareBar(rows / known)}`,
      `<code>${text(code)}</code>`,
      shownCount(rows),
      shownShare(rows / known),
    ]),
})}
${table({
  caption: "Some of the rows",
  heads: ["Where", "What", "Row"],
  rows: reasons
    .slice(0, MOST_REASONS)
    .flatMap(({ samples }) =>
      samples.map(({ where, message, input }) => [
        `<span class=nw>${text(where)}</span>`,
        text(withoutSecrets(message), 300),
        input === undefined ? "" : `<code>${value(input, 200)}</code>`,
      ]),
    ),
})}`;
}

function slowest({ timeline }: ReportedRun): string {
  const slow = timeline?.slowest ?? [];
  if (slow.length === 0) return "";
  return `<p class=dim>By their time for a row; row 1 is the first of the inputs. The first batches of each worker are left out: its code is not optimised yet.</p>
${table({
  caption: "Slowest batches",
  heads: ["Rows", "Time", "For a row", "Worker"],
  figures: [0, 1, 2, 3],
  rows: slow.map(({ from, to, ms, worker }) => [
    `${shownCount(from + 1)} to ${shownCount(to)}`,
    shownMs(ms),
    shownMs(ms / (to - from)),
    String(worker + 1),
  ]),
})}`;
}

function shownMs(ms: number): string {
  if (ms >= SECOND_MS) return duration(ms).replaceAll(" ", "&nbsp;");
  const [figure, unit] = ms >= 1 || ms === 0 ? [ms, "ms"] : [ms * 1000, "µs"];
  return `${shownNumber(figure, 3)}&nbsp;${unit}`;
}

const MOST_FILES = 500;

function files({ options, summary, emitted, files: split, failure }: ReportedRun): string {
  const inputs = inputsOf(options);
  const rows = split > 0 ? `rows, in ${plural(split, "file")}` : plural(summary.rowsOut, "row");
  const outputs: [file: string, what: string][] = [
    [options.output ?? "-", failure === undefined ? rows : `not finished, since the run failed: ${rows} so far`],
    ...(summary.rejects === undefined
      ? []
      : [[summary.rejects, plural(summary.rowsFailed, "failed row")] as [string, string]]),
    ...Object.entries(options.emit ?? {}).map(([name, to]): [string, string] => [
      typeof to === "string" ? to : to.file,
      `${plural(emitted?.[name] ?? 0, "row")} of --emit ${text(name)}`,
    ]),
  ];
  return `${table({
    caption: inputs.length > MOST_FILES ? `The first ${MOST_FILES} of ${shownCount(inputs.length)} inputs` : "Inputs",
    heads: ["Input"],
    rows: inputs.slice(0, MOST_FILES).map((name) => [shownFile(name, "standard input")]),
  })}
${table({
  caption: "Outputs",
  heads: ["Output", "What"],
  rows: outputs.map(([name, what]) => [shownFile(name, "standard output"), what]),
})}`;
}

/** @param standard What a dash stands for. */
function shownFile(name: string, standard: string): string {
  return name === "-" ? standard : value(withoutSecrets(name), 300);
}

/** What is told elsewhere on the page. */
const TOLD: ReadonlySet<string> = new Set(["output", "emit", "report"]);

function given(options: RunOptions): string {
  const rows = OPTION_ENTRIES.flatMap(([name, { flag }]) => {
    const asked: unknown = Reflect.get(options, name);
    if (asked === undefined || asked === false || flag === undefined || TOLD.has(name)) return [];
    return [
      [`<code class=nw>${text(flag.replace(/^-\w, /, "").replace(/[ =[].*$/s, ""))}</code>`, shownOption(name, asked)],
    ];
  });
  if (rows.length === 0) return "";
  return table({ caption: "Options that were given", heads: ["Option", "Value"], rows });
}

function shownOption(name: string, asked: unknown): string {
  if (asked === true) return "";
  // What stands in headers is for a server alone.
  if (name === "httpHeader") return "<i>not shown</i>";
  return `<code>${value(typeof asked === "string" ? withoutSecrets(asked) : JSON.stringify(forKeeps(asked)), 500)}</code>`;
}
