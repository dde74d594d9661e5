// What `bun run bench:scale` writes into docs/figures.md.
import { tableText } from "../tables.ts";

/** A line of work, as it went with simulated workers. */
export interface ScaledLine {
  name: string;
  title: string;
  /** What a real worker takes for a megabyte. */
  workerMsPerMb: number;
  /** By the number of workers. */
  points: ScaledPoint[];
}

/** Medians of the runs with so many workers. */
interface ScaledPoint {
  jobs: number;
  mbPerSecond: number;
  parentMsPerMb: number;
  /** CPU time of the parent as a share of the run's time. */
  parentShare: number;
}

/** How many workers would keep the parent busy all the time. */
function workersAtLimit({ workerMsPerMb }: ScaledLine, { parentMsPerMb }: ScaledPoint): number {
  return workerMsPerMb / parentMsPerMb;
}

/** Throughput by the number of workers, and what the parent does for it. */
export function scaleTable(lines: readonly ScaledLine[]): string {
  const counts = lines[0]?.points.map(({ jobs }) => jobs) ?? [];
  const head = ["GB/s with so many workers", ...counts.map(String), "parent a MB", "a worker", "the limit at"];
  const rows = lines.map((line) => {
    const most = line.points.at(-1);
    const cells = line.points.map(({ mbPerSecond }) => (mbPerSecond / 1000).toFixed(2));
    if (most === undefined) return [line.title, ...cells];
    const limit = `${Math.floor(workersAtLimit(line, most))} workers`;
    return [line.title, ...cells, `${most.parentMsPerMb.toFixed(3)} ms`, `${line.workerMsPerMb.toFixed(2)} ms`, limit];
  });
  return tableText({ head, lines: rows.map((cells) => ({ cells })) });
}

const HEADING = "## More cores than here";

const TEXT = `What a run would do with more workers than there are cores here: \`bun run bench:scale\` runs the real parent (handing out
stretches, joining them, giving what comes of them its place in the output), and in place of workers a thread that answers each
stretch after the time a real worker took for one, measured with one worker just before, with a result of the true shape and
size. Messages are real, and what workers would write is a hole; the input grows with the workers, up to 16 GB; counted is
from the first stretch to the end. "Parent a MB" is the parent's CPU time with the most workers, and "the limit at" a
worker's time by it.

![Gigabytes a second by the number of workers, and as it would be if each did as much as one alone](scale.svg)`;

const NOT_SIMULATED = `Not simulated: that workers get in each other's way, at the memory's bandwidth, in shared caches and between NUMA nodes; the
page cache and the disk, which must give input and take output as fast (nobody reads the input or writes the output of these
runs, and writes to one file wait for each other in some file systems); clocks that fall when all cores are busy. So these are what the parent allows, and no more is possible.`;

/** The page with the section of these lines, as they were at a commit, in place of the one before. */
export function figuresSection(page: string, lines: readonly ScaledLine[], commit: string): string {
  const parts = [TEXT, `Of commit ${commit}:`, scaleTable(lines), ratios(lines), NOT_SIMULATED];
  const section = `${HEADING}\n\n${parts.join("\n\n")}\n\n`;
  const start = page.indexOf(HEADING);
  const next = "\n## ";
  if (start < 0) return page.replace(/(?=^## Memory)/m, section);
  const end = page.indexOf(next, start);
  return page.slice(0, start) + section + (end < 0 ? "" : page.slice(end + 1));
}

/** How many times as much as one worker so many do. */
function ratios(lines: readonly ScaledLine[]): string {
  const shown = lines.map(({ title, points }) => {
    const one = points.find(({ jobs }) => jobs === 1);
    const times = points
      .filter(({ jobs }) => jobs >= 16)
      .map(({ jobs, mbPerSecond }) => `${jobs} are ${(mbPerSecond / (one?.mbPerSecond ?? Number.NaN)).toFixed(1)} ×`);
    return `- ${title}: ${times.join(", ")}`;
  });
  return `Beside one worker:\n\n${shown.join("\n")}`;
}
