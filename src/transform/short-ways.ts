/** The short way of each file of a run, where its blocks have one. */
import { resultEncoder } from "../formats/encoder.ts";
import type { Memory } from "../formats/memory.ts";
import type { OpenJoin } from "./joined-rows.ts";
import { type Copying, CopyWay } from "./copied-rows.ts";
import type { ArrangingStage, PickingStage } from "../stages/stage.ts";
import type { RowFunction } from "./outcome.ts";
import type { Reads } from "./reads.ts";
import { type Way, isAsked } from "./plan/ways.ts";
import { type BlockWay, ShortWay } from "./short-way.ts";
import type { CallWatch } from "./watched-calls.ts";
import type { AnyWeaving } from "./weaving.ts";
import type { RowTask, RunSetup } from "./wire.ts";
import { wovenObjectsWay } from "./woven-objects.ts";
import { wovenWays } from "./woven-rows.ts";

/** The code of a run, as far as it can take a short way. */
export interface ShortCode {
  /** The input columns that must be decoded, undefined for all. */
  reads: Reads;
  /** Where rows leave as they came, or not at all. */
  copying: Copying | undefined;
  /** The same without a look at its calls, and the long way of a row. */
  unwatched: { copying: Copying | undefined; call: RowFunction };
  /** Where fields do, or values of JSON lines. */
  weaving: AnyWeaving | undefined;
  /** What has to know of the rows that come out. */
  picking: PickingStage | ArrangingStage | undefined;
  /** Tables whose columns come to the rows. */
  joins: readonly OpenJoin[];
  /** Where they are woven. */
  joinedWay: typeof import("./woven-joins.ts").joinedWay | undefined;
}

/** For smaller batches, making the code takes longer than it saves. */
const WORTH_ROWS = 32;

export class ShortWays {
  readonly #memory: Memory;
  readonly #setup: RunSetup;
  readonly #code: ShortCode;
  /** By file; undefined where there is none. */
  #ways = new Map<number, ShortWay | undefined>();
  #isWatched = true;

  constructor(memory: Memory, setup: RunSetup, code: ShortCode) {
    this.#memory = memory;
    this.#setup = setup;
    this.#code = code;
  }

  /** The one of a batch; made for the first that is worth it, once the output columns are known. */
  of(task: RowTask, output: readonly string[] | undefined, watch: CallWatch): ShortWay | undefined {
    const { weaving, copying } = this.#code;
    if (copying !== undefined && watch.isSettled && this.#isWatched) {
      this.#isWatched = false;
      this.#ways = new Map();
    }
    // Where output columns are known from the start, no block has gone another way yet, on which calls are watched.
    const isWatched = weaving?.from === "objects" || (weaving?.from === "fields" && weaving.objects !== undefined);
    if (isWatched && !watch.isSettled) return undefined;
    if ((weaving ?? copying) === undefined || output === undefined) return undefined;
    if (!this.#ways.has(task.file)) {
      // Tests ask for small blocks, or for one way.
      const isAskedFor = this.#setup.input.blockBytes !== undefined || this.#setup.way !== undefined;
      if (task.rows < WORTH_ROWS && !isAskedFor) return undefined;
      const ways = this.#make(task, output);
      this.#ways.set(task.file, ways && new ShortWay(ways));
    }
    return this.#ways.get(task.file);
  }

  #make(task: RowTask, output: readonly string[]): readonly BlockWay[] | undefined {
    const { weaving, reads, picking } = this.#code;
    const { copying } = this.#isWatched ? this.#code : this.#code.unwatched;
    const takes = (way: Way): boolean => isAsked(this.#setup.way, way);
    if (weaving?.from === "fields") {
      const input = task.columns ?? this.#setup.input.columns ?? [];
      return wovenWays(this.#memory, weaving, { input, output, takes, stage: picking });
    }
    if (weaving?.from === "joined") {
      const { joinedWay } = this.#code;
      const [join] = this.#code.joins;
      const file = task.columns ?? this.#setup.input.columns ?? [];
      const way =
        join && joinedWay && takes("woven-joined")
          ? joinedWay(this.#memory, weaving, { join, file, written: output })
          : undefined;
      return way && [way];
    }
    const { output: written } = this.#setup;
    if (reads === undefined || written === undefined) return undefined;
    const encoder = resultEncoder(written, output);
    if (weaving !== undefined) {
      const { call } = this.#code.unwatched;
      const setup = { index: [...reads], columns: output, call, encoder };
      const way = takes("woven-objects") ? wovenObjectsWay(this.#memory, weaving, setup) : undefined;
      return way && [way];
    }
    return copying && [new CopyWay(this.#memory, copying, [...reads], encoder.copyEnd)];
  }
}
