/** The short way of JSONL whose rows leave as they came, or not at all: rows that are kept are copied by the kernel. */
import type { BlockObjects, DecodedBlock } from "../formats/format.ts";
import { objectStride } from "../formats/indexed/object-code.ts";
import type { Kernel } from "../formats/kernel/host.ts";
import type { Predicate } from "./outcome.ts";
import { ObjectReading } from "./readings.ts";
import { type RowLoop, compileRowLoop } from "./row-loop.ts";
import { type BlockWay, MAX_SHORT_BYTES, type OpenWay } from "./short-way.ts";

/** A run whose rows are copied. */
export interface Copying {
  call: Predicate;
  filter: Predicate | undefined;
}

/** A block as the loop over its rows sees it. */
interface OpenObjects {
  fields: Int32Array;
  numbers: Float64Array;
  text: string;
  kept: Uint8Array;
}

const TAIL_BYTES = 16;
/** What is copied in vectors of 16 bytes may lie behind the end. */
const SLACK = 16;

export class CopyWay implements BlockWay {
  readonly name = "copied";
  readonly #kernel: Kernel;
  readonly #stride: number;
  /** What stands behind each row. */
  readonly #tail: Buffer;
  readonly #mapRows: RowLoop<OpenObjects>;

  /** @param reads The keys of the index, in its order. */
  constructor(kernel: Kernel, { call, filter }: Copying, reads: readonly string[], tail: string) {
    this.#kernel = kernel;
    this.#stride = objectStride(reads.length);
    this.#tail = Buffer.from(tail);
    const { code } = new ObjectReading(kernel, this.name, reads, { internsTexts: false });
    this.#mapRows = compileRowLoop({
      call,
      filter,
      code: { ...code, parts: ["fields", "numbers", "text", "kept"] },
      take: "",
      scope: {},
    });
  }

  open({ objects }: DecodedBlock): OpenWay | undefined {
    if (objects === undefined || objects.bytes > MAX_SHORT_BYTES) return undefined;
    const { rows, bytes, text } = objects;
    const at = this.#kernel.scratch(rows + TAIL_BYTES + bytes + rows * this.#tail.length + SLACK);
    const { fields, numbers, bytes: memory } = this.#kernel;
    const kept = new Uint8Array(memory.buffer, at, rows).fill(0);
    const open: OpenObjects = { fields, numbers, text, kept };
    return {
      name: this.name,
      rows,
      mapRows: (state, ctx, progress) => this.#mapRows(state, open, ctx, progress),
      output: () => this.#copy(objects, at),
    };
  }

  #copy({ start, rows }: BlockObjects, kept: number): Uint8Array {
    const { loops, fields, bytes } = this.#kernel;
    const tail = kept + rows;
    const out = tail + TAIL_BYTES;
    bytes.set(this.#tail, tail);
    const { length } = this.#tail;
    const end = loops.copyObjects(fields.byteOffset, rows, this.#stride * 4, start, kept, tail, length, out);
    return bytes.subarray(out, end);
  }
}
