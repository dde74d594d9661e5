/**
 * Parquet files that are damaged: bytes changed, cut out, put in and doubled. Whatever they say, they come to rows, or to an
 * error that names the file, in bounded time and memory.
 *
 *     bun test/fuzz/parquet.ts [--runs 100000] [--seed N]
 *
 * Prints the seed. A run that takes too long, takes too much memory, or ends in any other way is told by its number, and
 * `--only NUMBER` repeats it, leaving the file in the temporary folder.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Glob } from "bun";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { RowmillError } from "../../src/errors.ts";
import { openParquet } from "../../src/sources/parquet/open.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    /** Runs in this process, from this one on. */
    from: { type: "string" },
    only: { type: "string" },
  },
});
const seed = Number(values.seed);
const runs = Number(values.runs);

const CASES = join(import.meta.dir, "../cases/parquet");
const FILES: string[] = [...new Glob("*/*.parquet").scanSync(CASES)].toSorted();
/** Rows may be claimed without end: so many bytes of them are read. */
const MOST_BYTES = 8 * 1024 * 1024;
/** What a process may take, and how long a run. */
const MOST_MEMORY = 3 * 1024 * 1024 * 1024;
const MOST_MS = 60_000;
/** Runs of a process. */
const PORTION = 2000;

type Draw = (below: number) => number;

function drawing(run: number): Draw {
  const random = xoroshiro128plus(seed * 1_000_003 + run);
  return (below) => (random.next() >>> 0) % below;
}

/** Numbers at which lengths and counts go wrong. */
const ODD_BYTES = [0, 1, 0x7f, 0x80, 0xff, 0xfe, 0x40, 0x15];

function damaged(draw: Draw): Uint8Array {
  const name = FILES[draw(FILES.length)] ?? "";
  let bytes = Buffer.from(readFileSync(join(CASES, name)));
  for (let left = 1 + draw(4); left > 0; left--) {
    if (bytes.length < 16) break;
    // Footers are short, and say most.
    const isFooter = draw(3) === 0;
    const at = isFooter ? Math.max(0, bytes.length - 8 - draw(Math.min(600, bytes.length - 8))) : draw(bytes.length);
    const kind = draw(8);
    if (kind < 3) bytes[at] = draw(256);
    else if (kind < 5) bytes[at] = ODD_BYTES[draw(ODD_BYTES.length)] ?? 0;
    else if (kind === 5) bytes[at] = (bytes[at] ?? 0) ^ (1 << draw(8));
    else if (kind === 6) {
      const length = 1 + draw(8);
      const further = Buffer.alloc(length, ODD_BYTES[draw(ODD_BYTES.length)]);
      bytes = Buffer.concat([bytes.subarray(0, at), further, bytes.subarray(at)]);
    } else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + draw(8))]);
  }
  return bytes;
}

/** Reads a file; what went wrong otherwise than it should. */
function fault(path: string): string | undefined {
  try {
    const source = openParquet({ kind: "parquet", input: { name: "it.parquet", path }, settings: {} });
    try {
      let read = 0;
      for (let part = 0; part < source.table.parts && read < MOST_BYTES; part++) {
        for (const { bytes } of source.rows(part) as Iterable<{ bytes: Uint8Array }>) {
          read += bytes.length;
          if (read >= MOST_BYTES) break;
        }
      }
    } finally {
      source.close();
    }
  } catch (error) {
    const isTold = error instanceof RowmillError && error.code === "input" && error.message.includes("it.parquet");
    if (!isTold) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  return undefined;
}

function runHere(from: number, to: number): void {
  for (let run = from; run < to; run++) {
    console.log(run);
    const path = join(tmpdir(), `rowmill-fuzz-${process.pid}.parquet`);
    writeFileSync(path, damaged(drawing(run)));
    const found = fault(path);
    if (found !== undefined) {
      console.error(found);
      process.exit(1);
    }
    if (run % 20 === 0) Bun.gc(true);
    if (process.memoryUsage.rss() > MOST_MEMORY) {
      console.error(`it takes ${process.memoryUsage.rss()} bytes`);
      process.exit(1);
    }
  }
}

/** Has another process do the runs, which may come to any end; gives the one at which it went wrong. */
async function failedOf(from: number): Promise<{ run: number; why: string } | undefined> {
  const words = ["--seed", String(seed), "--runs", String(runs), "--from", String(from)];
  const child = Bun.spawn([process.execPath, import.meta.path, ...words], { stdout: "pipe", stderr: "pipe" });
  const errors = new Response(child.stderr).text();
  let [run, isLate] = [from, false];
  let timer = setTimeout(() => {}, 0);
  const watch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, MOST_MS);
  };
  watch();
  const decoder = new TextDecoder();
  for await (const bytes of child.stdout) {
    const [last] = decoder.decode(bytes).trim().split("\n").slice(-1);
    run = Number(last);
    watch();
  }
  const code = await child.exited;
  clearTimeout(timer);
  if (isLate) return { run, why: `it takes longer than ${MOST_MS} ms` };
  return code === 0 ? undefined : { run, why: (await errors) || `the process ended with ${code}` };
}

if (values.only !== undefined) {
  const run = Number(values.only);
  const path = join(tmpdir(), `rowmill-fuzz-${seed}-${run}.parquet`);
  writeFileSync(path, damaged(drawing(run)));
  console.log(path);
  console.log(fault(path) ?? "it comes to what it should");
} else if (values.from !== undefined) {
  const from = Number(values.from);
  runHere(from, Math.min(from + PORTION, runs));
} else {
  console.log(`seed ${seed}, ${runs} runs over ${FILES.length} files`);
  for (let from = 0; from < runs; from += PORTION) {
    const failed = await failedOf(from);
    if (failed !== undefined) {
      console.error(`run ${failed.run} of seed ${seed}: ${failed.why}`);
      process.exit(1);
    }
    console.log(`${Math.min(from + PORTION, runs)} runs`);
  }
}
