// The memory lines: peak resident memory of our process on a large input and on one a tenth of it.
//
// The peak is the kernel's own high-water mark (VmHWM in /proc/PID/status), read until the process ends. The maxRSS of
// wait4 is of no use here: a child starts with the mark of the process that spawned it.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { median } from "./contest.ts";
import type { InputName } from "./generate.ts";
import { JOBS, type Places } from "./workload.ts";

/** How often the high-water mark is read. What a process adds in its last moments is missed. */
const SAMPLE_MS = 10;
/** How fast the slow reader reads, for `pv -L`. */
const SLOW_READER_RATE = "20m";

/** One measurement of peak memory. */
export interface MemoryLine {
  name: string;
  title: string;
  transform: string;
  input: InputName;
  /** Reads the file by its path, or standard input from a pipe. */
  reads: "file" | "pipe";
  /** Writes with `-o`, to /dev/null, or into a pipe that is read at 20 MB/s. */
  writes: "file" | "nowhere" | "slow-pipe";
  /** The line that this one may exceed by `MAX_RISE_BYTES`; none for a line that is only looked up. */
  against?: string;
  /** Fewer runs than the others have, for a line that takes long by design. */
  atMostRuns?: number;
}

const MB = 1_000_000;
/** How much more a line may take than the one that it is held against. */
export const MAX_RISE_BYTES: number = 60 * MB;
/** What no line may reach. */
export const MAX_PEAK_BYTES: number = 400 * MB;

/** Every memory line, in the order of the report. A line stands behind the one that it is held against. */
export const MEMORY_LINES: readonly MemoryLine[] = [
  { name: "small", title: "400 MB", transform: "ages.ts", input: "large", reads: "file", writes: "file" },
  { name: "big", title: "4 GB", transform: "ages.ts", input: "huge", reads: "file", writes: "file", against: "small" },
  { name: "pipe-small", title: "400 MB, stdin", transform: "ages.ts", input: "large", reads: "pipe", writes: "file" },
  {
    name: "pipe-big",
    title: "4 GB, stdin",
    transform: "ages.ts",
    input: "huge",
    reads: "pipe",
    writes: "file",
    against: "pipe-small",
  },
  {
    name: "all-columns",
    title: "400 MB, every column",
    transform: "spread.ts",
    input: "large",
    reads: "file",
    writes: "nowhere",
  },
  {
    // 450 MB of output at 20 MB/s: 23 s. The 4 GB file would take four minutes and show the same.
    name: "slow-reader",
    title: "400 MB, every column, stdout read at 20 MB/s",
    transform: "spread.ts",
    input: "large",
    reads: "file",
    writes: "slow-pipe",
    against: "all-columns",
    atMostRuns: 1,
  },
  {
    name: "slow-first-small",
    title: "400 MB, every column, first row takes 4 s",
    transform: "slow-first.ts",
    input: "large",
    reads: "file",
    writes: "nowhere",
  },
  {
    name: "slow-first-big",
    title: "4 GB, every column, first row takes 4 s",
    transform: "slow-first.ts",
    input: "huge",
    reads: "file",
    writes: "nowhere",
    against: "slow-first-small",
  },
];

/** The command of a line as a shell takes it; the pipes around it are in `peakBytes`. */
function memoryCommand(line: MemoryLine, at: Places): string[] {
  const input = line.reads === "pipe" ? [] : [at.input(line.input)];
  const output = line.writes === "file" ? ["-o", at.out] : [];
  return [...at.ours, "run", at.transform(line.transform), ...input, "-j", String(JOBS), ...output];
}

/** The command of a line with the pipes around it, for a report. */
export function shownMemoryCommand(line: MemoryLine, at: Places): string {
  const before = line.reads === "pipe" ? `cat ${at.input(line.input)} | ` : "";
  const after = { file: "", nowhere: " > /dev/null", "slow-pipe": ` | pv -q -L ${SLOW_READER_RATE} > /dev/null` };
  return before + memoryCommand(line, at).join(" ") + after[line.writes];
}

/** Why peak memory cannot be measured on this machine, if so. */
export function memoryObstacle(): string | undefined {
  return existsSync("/proc/self/status") ? undefined : "peak memory is read from /proc, which this system lacks";
}

/** The median of the peaks of `runs` runs, in bytes. */
export async function medianPeakBytes(line: MemoryLine, at: Places, runs: number): Promise<number> {
  const peaks: number[] = [];
  for (let run = 0; run < Math.min(runs, line.atMostRuns ?? runs); run++) {
    try {
      peaks.push(await peakBytes(line, at));
    } finally {
      rmSync(at.out, { force: true });
    }
  }
  return median(peaks);
}

/** Runs a line once. Named pipes stand for `|`, so that the process looked at is a child of this one. */
async function peakBytes(line: MemoryLine, at: Places): Promise<number> {
  const inPipe = join(at.out, "..", "in.pipe");
  const outPipe = join(at.out, "..", "out.pipe");
  const pipes = [...(line.reads === "pipe" ? [inPipe] : []), ...(line.writes === "slow-pipe" ? [outPipe] : [])];
  for (const pipe of pipes) rmSync(pipe, { force: true });
  if (pipes.length > 0) Bun.spawnSync(["mkfifo", ...pipes]);
  const source = line.reads === "pipe" ? inPipe : "/dev/null";
  const sink = line.writes === "slow-pipe" ? outPipe : "/dev/null";
  const helpers: Bun.Subprocess[] = [];
  try {
    if (line.reads === "pipe") helpers.push(shell('exec cat "$1" > "$2"', [at.input(line.input), inPipe]));
    if (line.writes === "slow-pipe") {
      helpers.push(shell(`exec pv -q -L ${SLOW_READER_RATE} < "$1" > /dev/null`, [outPipe]));
    }
    const redirect = 'source=$1 sink=$2; shift 2; exec "$@" < "$source" > "$sink"';
    const child = shell(redirect, [source, sink, ...memoryCommand(line, at)]);
    const peak = await highWaterMark(child);
    const code = await child.exited;
    if (code !== 0) throw new Error(`left with ${child.signalCode ?? code}: ${await stderrOf(child)}`);
    return peak;
  } finally {
    for (const helper of helpers) helper.kill();
    for (const pipe of pipes) rmSync(pipe, { force: true });
  }
}

type Shell = Bun.Subprocess<"ignore", "ignore", "pipe">;

function shell(script: string, args: readonly string[]): Shell {
  return Bun.spawn(["sh", "-c", script, "sh", ...args], { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
}

async function stderrOf(child: Shell): Promise<string> {
  return (await new Response(child.stderr).text()).trim().slice(-500);
}

/** The last mark seen before the process ended. */
async function highWaterMark(child: Shell): Promise<number> {
  let peak = 0;
  while (child.exitCode === null && child.signalCode === null) {
    peak = Math.max(peak, markOf(child.pid));
    await Bun.sleep(SAMPLE_MS);
  }
  return peak;
}

/** VmHWM of a process in bytes, 0 when it has just ended. */
function markOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return 0;
    throw error;
  }
}
