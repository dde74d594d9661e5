/**
 * The short way of a block through a transform: where the code is proven to hand fields on as they are, the function is
 * called with those fields only that it looks at, and the rest goes from input to output as bytes.
 *
 * The loop is generated for the columns at hand, so that function, row and result can be inlined; column names enter it
 * as JSON string literals only.
 */
import { columnRead, fieldEncoder } from "../formats/csv/encoder.ts";
import { IN_TEXT, type OpenBlock, type Pattern, Weaver } from "../formats/csv/weaver.ts";
import type { BlockFields } from "../formats/format.ts";
import type { Kernel } from "../formats/kernel/host.ts";
import type { Progress } from "../scheduler/serve-tasks.ts";
import { type BatchRows, Failed, type PlacedBlock } from "./block-mapper.ts";
import { RowContext } from "./context.ts";
import { type LookedAt, givenField, givenRow, mayBePromise } from "./looked-at.ts";
import type { Predicate } from "./row-function.ts";
import { encodeError } from "./failure.ts";
import type { StageClock } from "./stage-clock.ts";
import { type Weaving, wovenSetup } from "./weaving.ts";

/** What became of a block. */
export interface WovenBlock {
  /** The output, valid until the next block. */
  bytes: Uint8Array;
  rowsIn: number;
  rowsOut: number;
  /** Failed rows, by number in the block. */
  failures: { row: number; failed: Failed }[];
}

/** How a run's rows are woven. */
export interface WovenSetup {
  pattern: Pattern;
  /** Names of the columns that the code looks at, in the order of the row's properties. */
  looksAt: readonly LookedAt[];
  /** The computed columns: of the result, or a number that was read. */
  computed: readonly { name: string; read: LookedAt | undefined }[];
  /** Fields whose values must pass before the code sees any row. */
  checks: readonly Check[];
  call: Predicate;
  filter: Predicate | undefined;
}

interface Check {
  field: LookedAt;
  accepts: (value: string | number) => boolean;
}

/** Where a loop over rows stands. */
interface LoopState {
  row: number;
  rows: number;
  rowInBatch: number;
  firstRow: number;
  /** Text of computed fields, a line each. */
  beside: string;
  /** Rows that are kept. */
  kept: number;
}

type MapRows = (state: LoopState, block: OpenBlock, ctx: RowContext, progress: Progress) => void;

/** Larger blocks, which are single rows of such a size, take the other way: memory for them would stay. */
const MAX_BYTES = 256 * 1024;

/** What a filter throws to say that it answers with promises. */
const IS_ASYNC = Symbol("asynchronous");

/** After so many blocks one behind the other whose fields are no numbers, or do not pass, no further one is tried. */
const MAX_MISSES = 16;

/** Whether the checked fields of so many rows pass. */
type CheckRows = (rows: number, block: OpenBlock) => boolean;

/** One way to weave: with numbers read by the kernel, or with all that the code looks at as text. */
class Way {
  readonly #kernel: Kernel;
  readonly #setup: WovenSetup;
  #made: { weaver: Weaver; checkRows: CheckRows; mapRows: MapRows } | undefined;
  #misses = 0;

  constructor(kernel: Kernel, setup: WovenSetup) {
    this.#kernel = kernel;
    this.#setup = setup;
  }

  /** Opens a block; undefined when it has to take another way. */
  open(fields: BlockFields): { open: OpenBlock; weaver: Weaver; mapRows: MapRows } | undefined {
    if (this.#misses >= MAX_MISSES) return undefined;
    this.#made ??= {
      weaver: new Weaver(this.#kernel, this.#setup.pattern),
      checkRows: compileCheckRows(this.#setup),
      mapRows: compileMapRows(this.#setup),
    };
    const { weaver, checkRows, mapRows } = this.#made;
    const open = weaver.open(fields);
    if (open === undefined || !checkRows(fields.rows, open)) {
      this.#misses++;
      return undefined;
    }
    this.#misses = 0;
    return { open, weaver, mapRows };
  }
}

export class WovenRows {
  /** The quickest first. */
  readonly #ways: readonly Way[];
  #isAsync = false;

  /** The rows of a file; undefined where they cannot be woven. */
  static of(
    kernel: Kernel,
    weaving: Weaving,
    columns: { input: readonly string[]; output: readonly string[] },
  ): WovenRows | undefined {
    const byNumbers = wovenSetup(weaving, { ...columns, readsNumbers: true });
    if (byNumbers === undefined) return undefined;
    // What a schema makes of a text that the kernel does not read as a number, the other way knows.
    const byTexts =
      weaving.required === undefined ? wovenSetup(weaving, { ...columns, readsNumbers: false }) : undefined;
    return new WovenRows(kernel, byTexts === undefined ? [byNumbers] : [byNumbers, byTexts]);
  }

  private constructor(kernel: Kernel, setups: readonly WovenSetup[]) {
    this.#ways = setups.map((setup) => new Way(kernel, setup));
  }

  /** Takes a block all the way; undefined when it has to take the other. */
  map(batch: BatchRows, { block, ...place }: PlacedBlock, clock: StageClock): WovenBlock | undefined {
    const { fields } = block;
    if (fields === undefined || fields.bytes > MAX_BYTES || this.#isAsync) return undefined;
    const { rowInBatch, firstRow, lineOf, stopsAt } = place;
    const opened = this.#open(fields);
    if (opened === undefined) return undefined;
    const { weaver, mapRows, open } = opened;
    clock.lap("parse");
    const ctx = new RowContext(batch.context, batch.file, firstRow, (index) => lineOf(index - firstRow));
    const state: LoopState = { row: 0, rows: fields.rows, rowInBatch, firstRow, beside: "", kept: 0 };
    const failures: WovenBlock["failures"] = [];
    while (state.row < state.rows && failures.length < stopsAt) {
      try {
        mapRows(state, open, ctx, batch.progress);
      } catch (thrown) {
        if (thrown === IS_ASYNC) {
          // Nothing was written yet: the rows of this block are run once more.
          this.#isAsync = true;
          return undefined;
        }
        failures.push({ row: state.row++, failed: new Failed({ thrown }) });
      }
    }
    batch.progress.close();
    clock.lap("transform");
    const bytes = weaver.weave(fields, state.beside);
    clock.lap("encode");
    return { bytes, rowsIn: state.row, rowsOut: state.kept, failures };
  }

  #open(fields: BlockFields): ReturnType<Way["open"]> {
    for (const way of this.#ways) {
      const opened = way.open(fields);
      if (opened !== undefined) return opened;
    }
    return undefined;
  }
}

/** Generated too, so that each check has a call of its own. */
function compileCheckRows({ pattern: { wanted }, checks }: WovenSetup): CheckRows {
  if (checks.length === 0) return () => true;
  const names = checks.map((_, index) => `accepts${index}`);
  const passes = checks.map(({ field }, index) => `accepts${index}(${givenField(field, wanted)})`);
  const source = `const [${names.join(", ")}] = accepts;
    return function checkRows(rows, { text, bounds, numbers }) {
      for (let row = 0; row < rows; row++) if (!(${passes.join(" && ")})) return false;
      return true;
    }`;
  // oxlint-disable-next-line no-implied-eval -- the source holds numbers only
  return new Function("accepts", source)(checks.map(({ accepts }) => accepts)) as CheckRows;
}

function compileMapRows({ pattern, looksAt, computed, call, filter }: WovenSetup): MapRows {
  const reads = computed.map(({ name, read }, index) => {
    const value = read === undefined ? columnRead(name, "result") : givenField(read, pattern.wanted);
    return `const v${index} = ${value};`;
  });
  // What cannot be written fails the row before anything of it is noted.
  const texts = computed.map(
    (_, index) => `let t${index} = "";
      const n${index} = typeof v${index} === "number" && (v${index} | 0) === v${index} && v${index} !== IN_TEXT;
      if (!n${index}) t${index} = write(v${index}) + "\\n";`,
  );
  const notes = computed.map(
    (_, index) => `if (n${index}) computed[row + ${index} * rows] = v${index};
      else { computed[row + ${index} * rows] = IN_TEXT; state.beside += t${index}; }`,
  );
  const source = `return function mapRows(state, { text, bounds, numbers, kept, computed }, ctx, progress) {
    const { rows, rowInBatch, firstRow } = state;
    for (let row = state.row; row < rows; row++) {
      state.row = row;
      const given = ${givenRow(looksAt, pattern.wanted)};
      progress.open(rowInBatch + row);
      ctx.index = firstRow + row;
      ${filter === undefined ? "" : "const keeps = filter(given, ctx); if (mayBePromise(keeps)) throw IS_ASYNC; if (!keeps) continue;"}
      const result = call(given, ctx);
      if (result === undefined || result === null) continue;
      ${[...reads, ...texts, ...notes].join("\n")}
      kept[row] = 1;
      state.kept++;
    }
    state.row = rows;
  }`;
  const isLone = pattern.outputColumns === 1;
  const write = encodable(fieldEncoder(pattern.output, isLone));
  // oxlint-disable-next-line no-implied-eval -- the source holds JSON string literals and numbers only
  return new Function("call", "filter", "write", "mayBePromise", "IS_ASYNC", "IN_TEXT", source)(
    call,
    filter,
    write,
    mayBePromise,
    IS_ASYNC,
    IN_TEXT,
  ) as MapRows;
}

/** A value that cannot be written fails its row as such, and not as an error of the function. */
function encodable(write: (value: unknown) => string): (value: unknown) => string {
  return (value) => {
    if (typeof value === "number") return String(value);
    try {
      return write(value);
    } catch (thrown) {
      throw encodeError(thrown);
    }
  };
}
