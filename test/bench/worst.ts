// `bun test/bench/worst.ts BINARY`: files that are worst for workers that guess where rows begin, on dist/rowmill and on
// another build of it, in turns. Prints CPU time and peak memory of ours divided by those of the other, least of several runs
// each: both are of whole processes, and hardly depend on what else the machine does.
//
//     bun test/bench/worst.ts BINARY [--runs N] [--megabytes N] [--only NAME,…] [--most RATIO]
//
// Exit codes: 0, 1 where a line takes more than RATIO times as much (1.5), 2 usage.
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { OURS } from "./workshop.ts";

const HEADER = "a,b,c\n";
/** Rows before the long one, and behind it. */
const USUAL_ROWS = 500_000;

interface Worst {
  name: string;
  title: string;
  /** Pieces of the file, until it is long enough. */
  pieces: (megabytes: number) => Generator<string>;
  words: readonly string[];
  /** The run ends with an error, in both. */
  isRefused?: true;
}

function* until(megabytes: number, row: (index: number) => string): Generator<string> {
  yield HEADER;
  for (let index = 0, length = 0; length < megabytes * 1e6; index++) {
    const text = row(index);
    length += text.length;
    yield text;
  }
}

function* usualRows(): Generator<string> {
  for (let index = 0; index < USUAL_ROWS; index++) yield `${index},name ${index * 7},some text\n`;
}

/** A row of so many bytes, between others. */
function* longRow(megabytes: number, { text, quote }: { text: string; quote: string }): Generator<string> {
  yield HEADER;
  yield* usualRows();
  yield `1,2,${quote}`;
  const piece = text.repeat(Math.ceil(1e6 / text.length));
  for (let length = 0; length < megabytes * 1e6; length += piece.length) yield piece;
  yield `${quote}\n`;
  yield* usualRows();
}

const MAP = ["-j", "2", "-e", "({ a, c })"];
const LINES = { text: "some text, with\nlines of it ", quote: '"' };
const NO_LINES = { text: "some text without a line end ", quote: "" };

const FILES: readonly Worst[] = [
  {
    name: "feeds",
    title: "twenty line feeds in quotes in each row",
    pieces: (megabytes) => until(megabytes, (index) => `${index},"${"x\n".repeat(20)}",${index * 7}\n`),
    words: MAP,
  },
  {
    name: "rows-in-quotes",
    title: "every field in quotes, one with lines that look like rows, and doubled quotes",
    pieces: (megabytes) => until(megabytes, (at) => `"${at}","line\n${at},${at},${at}\nmore ""x""","${at * 7}"\n`),
    words: MAP,
  },
  {
    name: "long",
    title: "a row without a line end, refused",
    pieces: (megabytes) => longRow(megabytes, NO_LINES),
    words: MAP,
    isRefused: true,
  },
  {
    name: "long-left-out",
    title: "the same, left out",
    pieces: (megabytes) => longRow(megabytes, NO_LINES),
    words: [...MAP, "--on-error", "skip"],
  },
  {
    name: "long-quoted",
    title: "a row with lines in quotes, refused",
    pieces: (megabytes) => longRow(megabytes, LINES),
    words: MAP,
    isRefused: true,
  },
  {
    name: "long-quoted-left-out",
    title: "the same, left out, and the lines in it as well, which are no rows",
    pieces: (megabytes) => longRow(megabytes, LINES),
    words: [...MAP, "--on-error", "skip"],
  },
];

/** What a run took. */
interface Cost {
  cpuMs: number;
  peakBytes: number;
}

function make(folder: string, { name, pieces }: Worst, megabytes: number): string {
  const path = join(folder, `${name}-${megabytes}.csv`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const fd = openSync(`${path}.part`, "w");
  let text = "";
  for (const piece of pieces(megabytes)) {
    text += piece;
    if (text.length < 1e6) continue;
    writeSync(fd, text);
    text = "";
  }
  writeSync(fd, text);
  closeSync(fd);
  renameSync(`${path}.part`, path);
  return path;
}

function costOf(binary: string, { words, isRefused }: Worst, places: { input: string; output: string }): Cost {
  const command = [binary, ...words, places.input, "-o", places.output];
  const { exitCode, resourceUsage, stderr } = Bun.spawnSync(command, { stdin: "ignore", stdout: "ignore" });
  rmSync(places.output, { force: true });
  if ((exitCode === 1) !== (isRefused === true))
    throw new Error(`${command.join(" ")}: ${exitCode}: ${String(stderr)}`);
  return { cpuMs: Number(resourceUsage.cpuTime.total) / 1000, peakBytes: resourceUsage.maxRSS };
}

function least(costs: readonly Cost[]): Cost {
  return {
    cpuMs: Math.min(...costs.map(({ cpuMs }) => cpuMs)),
    peakBytes: Math.min(...costs.map(({ peakBytes }) => peakBytes)),
  };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "5" },
    megabytes: { type: "string", default: "200" },
    only: { type: "string" },
    most: { type: "string", default: "1.5" },
  },
});
const [other] = positionals;
if (other === undefined) {
  console.error("usage: bun test/bench/worst.ts BINARY [--runs N] [--megabytes N] [--only NAME,…] [--most RATIO]");
  process.exit(2);
}
const data = resolve(process.env["ROWMILL_BENCH_DATA"] ?? resolve(import.meta.dir, "../../bench-data"));
const folder = join(data, "worst");
const only = values.only?.split(",");
let greatest = 0;
for (const file of FILES) {
  if (only?.includes(file.name) === false) continue;
  const input = make(folder, file, Number(values.megabytes));
  const output = join(folder, "out.csv");
  const [ours, theirs]: [Cost[], Cost[]] = [[], []];
  for (let run = 0; run < Number(values.runs); run++) {
    ours.push(costOf(OURS, file, { input, output }));
    theirs.push(costOf(resolve(other), file, { input, output }));
  }
  rmSync(input);
  const [our, their] = [least(ours), least(theirs)];
  const [cpu, peak] = [our.cpuMs / their.cpuMs, our.peakBytes / their.peakBytes];
  greatest = Math.max(greatest, cpu, peak);
  const shown = `${our.cpuMs.toFixed(0)} : ${their.cpuMs.toFixed(0)} ms = ${cpu.toFixed(2)}`;
  const memory = `${(our.peakBytes / 1e6).toFixed(0)} : ${(their.peakBytes / 1e6).toFixed(0)} MB = ${peak.toFixed(2)}`;
  console.log(`${file.title.padEnd(80)} ${shown.padEnd(26)} ${memory}`);
}
process.exit(greatest > Number(values.most) ? 1 : 0);
