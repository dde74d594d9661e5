/** The short way of JSONL whose rows leave as they came, or not at all: rows that are kept are copied by the kernel. */
import type { DecodedBlock } from "../formats/format.ts";
import { ObjectCopier } from "../formats/indexed/object-reader.ts";
import type { Memory } from "../formats/memory.ts";
import type { Predicate } from "./outcome.ts";
import { ObjectReading } from "./readings.ts";
import { type RowLoop, compileRowLoop } from "./row-loop.ts";
import { type BlockWay, MAX_SHORT_BYTES, type OpenWay } from "./short-way.ts";

/** A run whose rows are copied. */
export interface Copying {
  call: Predicate;
  filter: Predicate | undefined;
}

export class CopyWay implements BlockWay {
  readonly name = "copied";
  readonly #copier: ObjectCopier;
  readonly #mapRows: RowLoop<ReturnType<ObjectCopier["open"]>>;

  /** @param reads The keys of the index, in its order. @param tail What stands behind each row. */
  constructor(memory: Memory, { call, filter }: Copying, reads: readonly string[], tail: string) {
    this.#copier = new ObjectCopier(memory, reads.length, tail);
    const { code } = new ObjectReading(memory, this.name, reads, { internsTexts: false });
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
    const open = this.#copier.open(objects);
    return {
      name: this.name,
      rows: objects.rows,
      mapRows: (state, ctx, progress) => this.#mapRows(state, open, ctx, progress),
      output: () => this.#copier.copy(objects, open),
    };
  }
}
