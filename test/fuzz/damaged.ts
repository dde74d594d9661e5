/**
 * Damaged archives and compressed files: each ends with the bytes that were in it, or with an error that says what is wrong,
 * in time and in bounded memory.
 *
 *     bun test/fuzz/damaged.ts [--only zip,gzip] [--runs 100000] [--seed N]
 *
 * Prints the seed, and how many were read and refused; the first that is neither ends with exit code 1, and is left in a file.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Random } from "../faults/random.ts";
import { bgzfOf } from "../io/bgzf-writer.ts";
import { readInput } from "../io/read-input.ts";
import { zipOf } from "../io/zip-writer.ts";

/** A kind of file. */
interface Kind {
  /** What is behind the name of its files. */
  extension: string;
  /** What of it is read. */
  part: string;
  make(data: Buffer, random: Random): Uint8Array;
  /** Other bytes than those in it cannot go unnoticed. */
  hasChecksum: boolean;
}

const KINDS: Record<string, Kind> = {
  zip: {
    extension: ".zip",
    part: "#a.csv",
    make: (data, random) =>
      zipOf([
        {
          name: "a.csv",
          data,
          method: random.chance(0.3) ? "stored" : "deflate",
          hasDescriptor: random.chance(0.5),
          isZip64: random.chance(0.3),
        },
      ]),
    hasChecksum: true,
  },
  gzip: { extension: ".gz", part: "", make: (data) => Bun.gzipSync(new Uint8Array(data)), hasChecksum: true },
  bgzf: {
    extension: ".gz",
    part: "",
    make: (data, random) => bgzfOf(data, [random.between(1, 900), random.below(300), random.between(1, 60_000)]),
    // It may be cut off between two blocks.
    hasChecksum: false,
  },
  zstd: { extension: ".zst", part: "", make: (data) => Bun.zstdCompressSync(data), hasChecksum: false },
};

const MOST_MS = 10_000;
const MOST_BYTES = 1 << 30;

const { values } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(KINDS).join(",") },
    runs: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
  },
});
const seed = Number(values.seed);
const runs = Number(values.runs);
console.log(`seed ${seed}, ${runs} runs a kind`);

/** Rows that pack well and others. */
function rows(random: Random): Buffer {
  const count = random.between(0, 400);
  const lines = Array.from({ length: count }, (_, at) => `${at},${random.below(random.chance(0.5) ? 10 : 1e9)}\n`);
  return Buffer.from(`id,n\n${lines.join("")}`);
}

/** Changes a few bytes, or cuts, repeats or swaps parts. */
function damage(bytes: Uint8Array, random: Random): Buffer {
  let wrong = Buffer.from(bytes);
  for (let times = random.between(1, 4); times > 0 && wrong.length > 0; times--) {
    const at = random.below(wrong.length);
    const size = random.between(1, 16);
    switch (random.below(6)) {
      case 0:
        wrong = wrong.subarray(0, at);
        break;
      case 1:
        wrong.fill(random.chance(0.5) ? 0 : 255, at, Math.min(at + size, wrong.length));
        break;
      case 2:
        wrong = Buffer.concat([wrong.subarray(0, at), wrong.subarray(at, at + size), wrong.subarray(at)]);
        break;
      case 3:
        wrong = Buffer.concat([wrong.subarray(0, at), wrong.subarray(at + size)]);
        break;
      default:
        wrong[at] = random.below(256);
    }
  }
  return wrong;
}

const folder = mkdtempSync(join(tmpdir(), "rowmill-fuzz-"));

for (const name of values.only.split(",")) {
  const kind = KINDS[name];
  if (kind === undefined) throw new Error(`there is no kind ${name}: ${Object.keys(KINDS).join(", ")}`);
  const random = new Random(seed);
  const path = join(folder, `a${kind.extension}`);
  const counts = { read: 0, refused: 0 };
  for (let run = 0; run < runs; run++) {
    const data = rows(random);
    const wrong = damage(kind.make(data, random), random);
    writeFileSync(path, wrong);
    let mistake: string | undefined;
    try {
      const timer = Promise.withResolvers<never>();
      const late = setTimeout(() => timer.reject(new Error(`it takes more than ${MOST_MS} ms`)), MOST_MS);
      const { bytes, error } = await Promise.race([readInput(`${path}${kind.part}`), timer.promise]);
      clearTimeout(late);
      counts[error === undefined ? "read" : "refused"]++;
      // Bytes that begin otherwise are read as they are. Zeros in place of checksum and sizes say, rightly, that a member is empty.
      const isWhole = bytes.equals(data) || bytes.equals(wrong) || (name === "zip" && bytes.length === 0);
      if (error === undefined && kind.hasChecksum && !isWhole) mistake = "other bytes were read";
      if (process.memoryUsage.rss() > MOST_BYTES) mistake = "it takes more than 1 GiB";
    } catch (error) {
      mistake = Bun.inspect(error);
    }
    if (mistake === undefined) continue;
    const kept = join(tmpdir(), `rowmill-fuzz-${seed}-${run}${kind.extension}`);
    writeFileSync(kept, wrong);
    console.error(`${name}, run ${run}: ${mistake}\nthe file: ${kept}`);
    process.exit(1);
  }
  console.log(`${name}: ${counts.refused} refused, ${counts.read} read as they were`);
}
rmSync(folder, { recursive: true, force: true });
