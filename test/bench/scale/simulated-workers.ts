// The thread in which all workers of a simulated run live. Each answers a stretch, or a batch that the parent has cut, after
// the time that a real worker needs for it, with a result of the true shape and size, and uses no CPU meanwhile. What is not
// simulated is real: the messages, and small batches, which the first rows of a run are in. What it would write is a hole in
// the output: its last byte is written.
import { PlacedWriter } from "../../../src/io/placed-writes.ts";
import { giveBack, takeRoom } from "../../../src/io/shared-blocks.ts";
import { serveTransform } from "../../../src/transform/serve.ts";
import { claimTask, type TaskMessage } from "../../../src/scheduler/messages.ts";
import type {
  BatchResult,
  JointRows,
  OutputSharing,
  PlaceMessage,
  RowTask,
  Stretch,
} from "../../../src/transform/wire.ts";

/** What the thread is told before a run. */
export interface Simulation {
  /** What a real worker answered to a stretch of so many bytes, and how long it took it. */
  sample: { result: BatchResult; bytes: number; ms: number };
  /** The input: a header, and behind it the same rows over and over. */
  rows: RepeatedRows;
}

/** A file of rows that repeat. */
export interface RepeatedRows {
  header: number;
  /** Where each row of a repetition ends, from its start. */
  ends: Uint32Array<SharedArrayBuffer>;
}

/** From the parent. */
export type ToSimulated =
  | { kind: "simulate"; simulation: Simulation }
  | { kind: "open"; worker: number; progress: Int32Array }
  | { kind: "tell"; worker: number; message: { type: string } }
  | { kind: "give"; memory: ArrayBuffer }
  | { kind: "end" };

type Told =
  | TaskMessage<RowTask>
  | PlaceMessage
  | { type: "output"; sharing: OutputSharing }
  | { type: "load" | "setup" | "columns" | "finish" | "leave" };

interface SimulatedTask {
  id: number;
  ticket: number;
  bytes: Exclude<RowTask["bytes"], { kind: "copy" }>;
  /** The rows that the parent has found. */
  found: Pick<RowTask, "firstRow" | "rows">;
}

/** Smaller batches are real. */
const LEAST_BYTES = 128 * 1024;
const LAST_BYTE = Buffer.from("\n");

let simulation: Simulation | undefined;
let workers: Map<number, SimulatedWorker> = new Map();
/** The first one is. */
let isSetUp = false;
/** Memory of results that were written. */
let free: ArrayBuffer[] = [];

/** A worker whose stretches cost nothing but time. Its clock is ahead of the thread's timers, which may be late. */
class SimulatedWorker {
  readonly #number: number;
  readonly #progress: Int32Array;
  readonly #waiting: SimulatedTask[] = [];
  #current: (SimulatedTask & { due: number; ms: number }) | undefined;
  /** What it was told so far, for the real one. */
  readonly #told: { type: string }[] = [];
  /** Does what is not simulated; but for that of the first worker it is not made before there is any. */
  #real: ((message: { type: string }) => void) | undefined;
  #isReady = false;
  readonly #early: TaskMessage<RowTask>[] = [];
  /** Where it keeps what it would write. */
  #sharing: OutputSharing | undefined;
  #writer: PlacedWriter | undefined;

  constructor(number: number, progress: Int32Array) {
    this.#number = number;
    this.#progress = progress;
    if (number === 0) this.#makeReal();
    else if (isSetUp) this.#post({ type: "ready" }, []);
  }

  /** All are set up in the same time. */
  beReady(): void {
    if (this.#real === undefined) this.#post({ type: "ready" }, []);
  }

  #makeReal(): void {
    const open = { type: "open", role: "transform", worker: this.#number, progress: this.#progress } as const;
    const real = serveTransform(open, (message, transfer) => {
      const type: unknown = Reflect.get(message, "type");
      // The parent was told so.
      if (type !== "ready" || this.#number === 0) this.#post(message, transfer);
      if (type !== "ready") return;
      this.#isReady = true;
      if (this.#number === 0) allReady();
      for (const task of this.#early.splice(0)) real(task);
    });
    this.#real = real;
    for (const message of this.#told) real(message);
  }

  hear(message: Told): void {
    if (message.type === "output") {
      this.#sharing = message.sharing;
      this.#writer = new PlacedWriter(message.sharing.file, message.sharing.book);
      return;
    }
    if (message.type === "place") {
      const { kept, position } = message;
      const isWritten = this.#writer?.write([LAST_BYTE], position + kept.bytes - 1) === true;
      if (isWritten && this.#sharing !== undefined) giveBack(this.#sharing.blocks, kept);
      return;
    }
    if (message.type !== "task") {
      this.#told.push(message);
      if (this.#real !== undefined) this.#real(message);
      else if (message.type === "finish") this.#post({ type: "finished" }, []);
      else if (message.type === "leave") this.#post({ type: "left", isInTime: true }, []);
      return;
    }
    const { id, ticket } = message;
    const { bytes, firstRow, rows } = message.payload;
    if (bytes.kind === "copy") throw new Error("an input that cannot be read twice is not simulated");
    if (bytes.kind === "stretch" || bytes.end - bytes.start >= LEAST_BYTES) {
      this.#waiting.push({ id, ticket, bytes, found: { firstRow, rows } });
      if (this.#current === undefined) this.#begin(performance.now());
      return;
    }
    if (this.#real === undefined) this.#makeReal();
    if (this.#isReady) this.#real?.(message);
    else this.#early.push(message);
  }

  /** When it is done with what it is at. */
  get due(): number {
    return this.#current?.due ?? Number.POSITIVE_INFINITY;
  }

  /** Answers what is due, and begins the next, which may be due as well. */
  advance(now: number): void {
    while (this.#current !== undefined && this.#current.due <= now) {
      const { id, ms, due } = this.#current;
      const { value, transfer } = resultOf(this.#current, this.#sharing);
      this.#post({ type: "result", id, ok: true, value, ms }, transfer);
      this.#begin(due);
    }
  }

  #begin(now: number): void {
    this.#current = undefined;
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      if (!claimTask(this.#progress, task)) continue;
      const { sample } = theSimulation();
      const ms = (sample.ms * (task.bytes.end - task.bytes.start)) / sample.bytes;
      this.#current = { ...task, ms, due: now + ms };
      return;
    }
  }

  #post(message: object, transfer: ArrayBuffer[]): void {
    postMessage({ worker: this.#number, message }, transfer);
  }
}

function allReady(): void {
  isSetUp = true;
  for (const worker of workers.values()) worker.beReady();
}

function theSimulation(): Simulation {
  if (simulation === undefined) throw new Error("nothing is simulated");
  return simulation;
}

/** What a worker would answer. */
function resultOf(
  { bytes, found }: SimulatedTask,
  sharing: OutputSharing | undefined,
): { value: BatchResult; transfer: ArrayBuffer[] } {
  const { sample } = theSimulation();
  const joint = bytes.kind === "stretch" ? jointOf(bytes) : undefined;
  const rows = joint?.rows ?? found.rows;
  const share = (bytes.end - bytes.start) / sample.bytes;
  const kept = joint === undefined ? undefined : keptOf(Math.round(sample.result.output.length * share), sharing);
  const output = kept === undefined ? sized(sample.result.output, share) : new Uint8Array(0);
  // What a fold takes must be true, whatever the rows hold.
  const part = sample.result.part && sized(sample.result.part, 1);
  const { rowsMapped, rowsIn, rowsOut } = sample.result;
  const mapped = Math.round((rows * rowsMapped) / rowsIn);
  const counts = { rowsIn: rows, rowsMapped: mapped, rowsDropped: rows - mapped, rowsFailed: 0 };
  const value: BatchResult = {
    ...sample.result,
    ...counts,
    firstRow: found.firstRow,
    rowsOut: rowsOut === 0 ? 0 : mapped,
    output,
    kept,
    part,
    rejects: new Uint8Array(0),
    joint,
  };
  return { value, transfer: [output.buffer, ...(part === undefined ? [] : [part.buffer])] };
}

/** Room for output that its worker would write. */
function keptOf(bytes: number, sharing: OutputSharing | undefined): BatchResult["kept"] {
  if (sharing === undefined || bytes < sharing.keepsFrom) return undefined;
  const held = takeRoom(sharing.blocks, bytes);
  return held && { ...held, writer: sharing.writer, crc: 0 };
}

/** The rows of a stretch begin and end where those of the file do. */
function jointOf({ start, end, begin, isLast }: Stretch): JointRows {
  const [from, to] = [rowEndBefore(begin ?? start), rowEndBefore(end)];
  if (isLast && to.offset !== end) throw new Error("the last row does not end with the file");
  const rows = to.row - from.row;
  return { begin: from.offset, end: to.offset, rows, lines: rows, blanks: 0, crc: 0 };
}

/** The end of the last row that ends at an offset or before it, and how many rows there are up to there. */
function rowEndBefore(offset: number): { offset: number; row: number } {
  const { header, ends } = theSimulation().rows;
  const size = ends.at(-1) ?? 0;
  const behind = Math.max(0, offset - header);
  const times = Math.floor(behind / size);
  const rest = behind - times * size;
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? 0) <= rest) low = middle + 1;
    else high = middle;
  }
  return { offset: header + times * size + (low === 0 ? 0 : (ends[low - 1] ?? 0)), row: times * ends.length + low };
}

/** Bytes like those of the sample, in memory that was given back, where there is some. */
function sized(bytes: Uint8Array, share: number): Uint8Array<ArrayBuffer> {
  const size = Math.round(bytes.length * share);
  if (size === 0) return new Uint8Array(0);
  for (let memory = free.pop(); memory !== undefined; memory = free.pop()) {
    // Others are of smaller stretches, at the start of the run.
    if (memory.byteLength >= size) return new Uint8Array(memory, 0, size);
  }
  // Some are a little larger than others.
  const made = new Uint8Array(Math.ceil(size * 1.1));
  for (let filled = 0; filled < made.length; filled += bytes.length) {
    made.set(bytes.subarray(0, made.length - filled), filled);
  }
  return made.subarray(0, size);
}

let timer: Timer | undefined;

function advance(): void {
  const now = performance.now();
  let next = Number.POSITIVE_INFINITY;
  for (const worker of workers.values()) {
    worker.advance(now);
    next = Math.min(next, worker.due);
  }
  clearTimeout(timer);
  if (next < Number.POSITIVE_INFINITY) timer = setTimeout(advance, Math.max(0, next - performance.now()));
}

function hear(message: ToSimulated): void {
  switch (message.kind) {
    case "simulate":
      ({ simulation } = message);
      break;
    case "open":
      workers.set(message.worker, new SimulatedWorker(message.worker, message.progress));
      break;
    case "tell":
      workers.get(message.worker)?.hear(message.message as Told);
      advance();
      break;
    case "give":
      free.push(message.memory);
      break;
    case "end":
      workers = new Map();
      isSetUp = false;
      free = [];
      clearTimeout(timer);
      break;
  }
}

addEventListener("message", ({ data }: MessageEvent<ToSimulated>) => hear(data));
