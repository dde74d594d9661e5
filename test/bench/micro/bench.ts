// What a line of the micro benchmark is, how it is checked and how it is timed.
import { median } from "../contest.ts";

/** One piece of code, alone. */
export interface Bench {
  /** `kernel scanCsv`: what kind of code it is, and which. */
  name: string;
  /** Makes what it needs: memory, data, compiled code. */
  open: (texts: Texts) => Work | Promise<Work>;
}

/** A bench that is ready. */
export interface Work {
  /** What one run goes over. */
  bytes: number;
  rows: number;
  /** Does the work once. With `seen`, what came of it is put there, in a form that can be compared. */
  run: (seen?: unknown[]) => void | Promise<void>;
  /** What a slow and simple reading of the same data puts there. */
  expected: () => unknown[];
}

/** The data of all benches, in memory. */
export interface Texts {
  /** Rows of the benchmark's files: ten columns of CSV; the same, all in quotes; JSON lines; stations. */
  wide: string;
  quoted: string;
  records: string;
  stations: string;
  rows: number;
}

/** How long is measured. */
export interface Timing {
  rounds: number;
  /** A round repeats the work until so much time has gone by. */
  roundMs: number;
  warmUpMs: number;
}

export const USUAL_TIMING: Timing = { rounds: 15, roundMs: 20, warmUpMs: 300 };

/** What came of a bench. */
export interface Measured {
  name: string;
  /** Of one run: the median over the rounds, and how far from it the middle half of the rounds lies. */
  medianMs: number;
  spread: number;
  bytes: number;
  rows: number;
}

/**
 * Checks a bench, warms it up and times it.
 *
 * @throws {Error} If what comes of it is not what is expected.
 */
export async function measure({ name, open }: Bench, texts: Texts, timing: Timing): Promise<Measured> {
  const work = await open(texts);
  await check(name, work);
  await repeat(work, timing.warmUpMs);
  const times: number[] = [];
  for (let round = 0; round < timing.rounds; round++) times.push(await repeat(work, timing.roundMs));
  const sorted = times.toSorted((a, b) => a - b);
  const quarter = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
  const medianMs = median(times);
  return {
    name,
    medianMs,
    spread: (quarter(0.75) - quarter(0.25)) / 2 / medianMs,
    bytes: work.bytes,
    rows: work.rows,
  };
}

/** Milliseconds of one run, over as many as take so long; one at the least. */
async function repeat({ run }: Work, ms: number): Promise<number> {
  const start = performance.now();
  // To look at the clock takes as long as the quickest of the kernel's functions: twice as many runs pass each time.
  for (let runs = 0, next = 1; ; next = runs) {
    for (; next > 0; next--, runs++) {
      const running = run();
      if (running !== undefined) await running;
    }
    const passed = performance.now() - start;
    if (passed >= ms) return passed / runs;
  }
}

async function check(name: string, { run, expected }: Work): Promise<void> {
  const found: unknown[] = [];
  await run(found);
  const wanted = expected();
  if (wanted.length === 0) throw new Error(`${name}: nothing is expected of it, so that nothing is checked`);
  const at = wanted.findIndex((one, index) => !Bun.deepEquals(found[index], one, true));
  if (at < 0 && found.length === wanted.length) return;
  const place = at < 0 ? wanted.length : at;
  throw new Error(
    `${name} gives something else than the slow reading, first at ${place} of ${wanted.length} (${found.length} came): ` +
      `${Bun.inspect(found[place])} in place of ${Bun.inspect(wanted[place])}`,
  );
}
