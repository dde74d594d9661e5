/**
 * One thing run in many shapes: other jobs, batches, blocks and windows, from a file or a stream, with workers whose
 * answers come in an order that the test chooses.
 */
import { afterAll, afterEach, beforeAll, spyOn } from "bun:test";
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { RowmillError } from "../../src/errors.ts";
import { StreamReader } from "../../src/io/stream-reader.ts";
import type { RunOptions } from "../../src/options/run-options.ts";
import type { KeepingLimits } from "../../src/pipeline/kept-outputs.ts";
import { runWith } from "../../src/pipeline/run.ts";
import { bgzfOf } from "../io/bgzf-writer.ts";
import { inProcessWorkers, reuseKernels, startAllWorkers } from "./in-process.ts";
import type { RandomInput } from "./inputs.ts";
import type { PlainResult } from "./plain-loop.ts";

export const folder: string = mkdtempSync(join(tmpdir(), "rowmill-equality-"));
const pipe = join(folder, "out");
const emptyFile = join(folder, "empty");
let readEnd = -1;
let undo = (): void => {};
let kernels: ReturnType<typeof reuseKernels> | undefined;

/** To be called once by a file of tests. */
export function setUpShapedRuns(): void {
  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    undo = startAllWorkers();
    kernels = reuseKernels();
    // Standard output of a run: what was written before a failure stays.
    Bun.spawnSync(["mkfifo", pipe]);
    readEnd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    writeFileSync(emptyFile, "");
  });

  afterAll(() => {
    undo();
    kernels?.undo();
    closeSync(readEnd);
    rmSync(folder, { recursive: true });
  });

  afterEach(() => {
    piecesOfStream = [];
  });
  // An input that says that it is empty is read as a stream (files of /proc are like that); its pieces are these.
  spyOn(StreamReader.prototype, "peek").mockImplementation(() =>
    Promise.resolve(piecesOfStream[0] ?? new Uint8Array(0)),
  );
  spyOn(StreamReader.prototype, "take").mockImplementation(() => {
    piecesOfStream.shift();
  });
  afterAll(() => {
    spyOn(StreamReader.prototype, "peek").mockRestore();
    spyOn(StreamReader.prototype, "take").mockRestore();
  });
}

/** To be called behind each run that is none of {@linkcode runShaped}: its kernels may be used again. */
export function releaseKernels(): void {
  kernels?.release();
}

/** One way to run the same thing. */
export interface Shape {
  jobs: number;
  batchBytes: number;
  /** Batches may grow up to this many times. */
  growth: number;
  batchRows: number | undefined;
  blockBytes: number | undefined;
  /** Lengths of the pieces in which a stream comes; none: a file. */
  pieces: number[];
  /** Lengths of the blocks in which a file is packed; undefined: it is not. */
  blocks?: number[] | undefined;
  concurrency: number;
  picks: number[];
  /** Workers hand in every row as soon as it is done. */
  isAsked: boolean;
  /** The input counts as short: it is not cut into many batches, and the first row is not waited for. */
  isShort?: boolean;
  /** What is sent behind the first row is declined. */
  declines?: boolean;
  /** The grid of the input, for rows that are folded. */
  cellBytes?: number;
  /** Its cells become larger, up to this size. */
  mostCellBytes?: number | undefined;
  /** The least stretch in which workers find rows themselves. @default 1 */
  stretchBytes?: number;
  /** How much of the output of stretches workers keep, where it goes to a file. @default all of up to 1000 bytes */
  keeping?: KeepingLimits;
  /** The output goes to a file, in place of a pipe. */
  isFile?: boolean;
  /** Workers end when they are told where to write: so many, each after so many times. */
  ends?: number[];
  /** Workers go on finding rows until so many stretches had to be read again. */
  mostWrong?: number | undefined;
}

/** How often workers found rows themselves, in all runs so far, how often these were read again, and what they were to write. */
export const stretched: { joined: number; again: number; placed: number } = { joined: 0, again: 0, placed: 0 };

export const shape: fc.Arbitrary<Shape> = fc.record({
  jobs: fc.integer({ min: 1, max: 4 }),
  batchBytes: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 1000 })),
  growth: fc.constantFrom(1, 1, 20),
  batchRows: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined, freq: 3 }),
  blockBytes: fc.option(fc.integer({ min: 1, max: 150 }), { nil: undefined, freq: 4 }),
  pieces: fc.oneof(
    fc.constant<number[]>([]),
    fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 8 }),
  ),
  concurrency: fc.integer({ min: 1, max: 5 }),
  picks: fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 30 }),
  isAsked: fc.boolean(),
  isShort: fc.boolean(),
  declines: fc.boolean(),
});

let piecesOfStream: Uint8Array[] = [];

function cut(bytes: Uint8Array, lengths: number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, piece = 0; at < bytes.length; piece++) {
    const length = lengths[piece % lengths.length] ?? 1;
    pieces.push(bytes.slice(at, at + length));
    at += length;
  }
  return pieces;
}

export const rejectsFile: string = join(folder, "rejects.jsonl");
const outputFile = join(folder, "output");

/** Runs it with in-process workers; what came out of standard output, where nothing else is the output, what was left out, and the failure. */
export async function runShaped(
  input: RandomInput,
  options: Omit<RunOptions, "inputs">,
  {
    jobs,
    batchBytes,
    growth,
    batchRows,
    blockBytes,
    pieces,
    blocks,
    concurrency,
    picks,
    isAsked,
    isShort = false,
    declines = false,
    cellBytes = 100,
    mostCellBytes,
    stretchBytes = 1,
    keeping = { from: 1, most: 1000, block: 32 },
    isFile = false,
    ends,
    mostWrong,
  }: Shape,
): Promise<PlainResult> {
  const file = join(folder, "input");
  piecesOfStream = pieces.length === 0 ? [] : cut(input.bytes, pieces);
  if (pieces.length === 0) writeFileSync(file, blocks === undefined ? input.bytes : bgzfOf(input.bytes, blocks));
  // A run that fails at its header leaves what was there.
  writeFileSync(rejectsFile, "");
  let output = "";
  const buffer = Buffer.alloc(65536);
  const bytes: Buffer[] = [];
  const drain = (): void => {
    for (;;) {
      const got = readNow(buffer);
      if (got === 0) return;
      bytes.push(Buffer.from(buffer.subarray(0, got)));
    }
  };
  let failure: PlainResult["failure"];
  let isRunning = true;
  // A full pipe would stop the run.
  const keepDraining = (): void => {
    if (!isRunning) return;
    drain();
    setImmediate(keepDraining);
  };
  keepDraining();
  try {
    const { stretches } = await runWith(
      {
        // What ends workers is said.
        ...(ends !== undefined && { onLog: () => {} }),
        ...options,
        inputs: [pieces.length === 0 ? file : emptyFile],
        output: options.output ?? (isFile ? outputFile : pipe),
        jobs,
        concurrency,
        ...(batchRows !== undefined && { batch: batchRows }),
      },
      {
        spawn: inProcessWorkers({ picks, blockBytes, isAsked, declines, ends }),
        batchBytes: { first: batchBytes, max: batchBytes * growth, last: isShort ? Number.MAX_SAFE_INTEGER : 1 },
        firstRows: isShort || picks[0] === 1 ? 1 : undefined,
        stretchBytes,
        keeping,
        mostWrong,
        guessBytes: batchBytes,
        cellBytes,
        mostCellBytes,
      },
    );
    stretched.joined += stretches.joined;
    stretched.again += stretches.again;
    stretched.placed += stretches.placed;
  } catch (error) {
    if (!(error instanceof RowmillError)) throw error;
    failure = { code: error.code, line: error.place?.line ?? 0 };
  } finally {
    isRunning = false;
    // What is still under way in a run that failed comes to its end first.
    await new Promise(setImmediate);
    kernels?.release();
  }
  drain();
  output = isFile && failure === undefined ? readFileSync(outputFile, "utf8") : Buffer.concat(bytes).toString();
  const rejects = options.onError === "reject" ? readFileSync(rejectsFile, "utf8") : "";
  return { output, leftOut: codesOf(rejects), failure };
}

function codesOf(rejects: string): string[] {
  const lines = rejects.split("\n").slice(0, -1);
  return lines.map((line) => String((JSON.parse(line) as { code: unknown }).code));
}

function readNow(buffer: Buffer): number {
  try {
    return readSync(readEnd, buffer, 0, buffer.length, null);
  } catch {
    return 0;
  }
}
