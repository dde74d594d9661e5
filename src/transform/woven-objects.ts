/**
 * The short way of JSON lines whose results are proven: values that are only handed on go from input to output as bytes, and
 * rows are made of those only that the code looks at. An odd row (see object-weaver.ts) takes the long way, alone.
 */
import type { BlockObjects, DecodedBlock, Encoder } from "../formats/format.ts";
import { ASIDE, ObjectWeaver, type OpenRows } from "../formats/indexed/object-weaver.ts";
import { objectCode, objectStride } from "../formats/indexed/object-code.ts";
import type { Memory } from "../formats/memory.ts";
import { encodeError } from "../formats/encode-error.ts";
import type { RowContext } from "../code/context.ts";
import { objectLiteral } from "../generated-code.ts";
import { notingComputed } from "./computed-values.ts";
import { type ObjectWeaving, type WovenObjectsSetup, wovenObjectsSetup } from "./object-weaving.ts";
import { Many, type RowFunction } from "./outcome.ts";
import { Misses } from "./plan/misses.ts";
import { IS_ASYNC, type RowLoop, compileRowLoop } from "./row-loop.ts";
import { type BlockWay, MAX_SHORT_BYTES, type OpenWay } from "./short-way.ts";

/** A block, and what writes an odd row of it; false for one that is dropped. */
interface WovenBlock extends OpenRows {
  objects: BlockObjects;
  writeOdd: (row: number, ctx: RowContext) => boolean;
}

/** The long way of a row. */
interface LongWay {
  call: RowFunction;
  encoder: Encoder;
}

class WovenObjectsWay implements BlockWay {
  readonly name = "woven-objects";
  readonly #memory: Memory;
  readonly #setup: WovenObjectsSetup;
  readonly #longWay: LongWay;
  #made: { weaver: ObjectWeaver; mapRows: RowLoop<WovenBlock> } | undefined;
  readonly #misses = new Misses();

  constructor(memory: Memory, setup: WovenObjectsSetup, longWay: LongWay) {
    this.#memory = memory;
    this.#setup = setup;
    this.#longWay = longWay;
  }

  open({ objects }: DecodedBlock): OpenWay | undefined {
    if (objects === undefined || objects.bytes > MAX_SHORT_BYTES || this.#misses.isGivenUp) return undefined;
    this.#made ??= {
      weaver: new ObjectWeaver(this.#memory, this.#setup.pattern),
      mapRows: compileMapRows(this.#setup),
    };
    const { weaver, mapRows } = this.#made;
    const open = weaver.open(objects);
    if (open === undefined) {
      this.#misses.miss();
      return undefined;
    }
    this.#misses.hit();
    const writeOdd = (row: number, ctx: RowContext): boolean => this.#writeOdd(objects, open, { row, ctx });
    return {
      name: this.name,
      rows: objects.rows,
      mapRows: (state, ctx, progress) => mapRows(state, { ...open, objects, writeOdd }, ctx, progress),
      output: ({ beside }) => weaver.weave(objects, beside, open.aside),
    };
  }

  #writeOdd(objects: BlockObjects, { aside }: OpenRows, { row: at, ctx }: { row: number; ctx: RowContext }): boolean {
    const { call, encoder } = this.#longWay;
    const { row, spelling } = objects.parse(at);
    const outcome = call(row, ctx, spelling);
    if (outcome instanceof Promise || outcome instanceof Many) throw IS_ASYNC;
    if (outcome === undefined) return false;
    try {
      const encoded = encoder.encode(outcome);
      aside.push(typeof encoded === "string" ? Buffer.from(encoded) : encoded);
    } catch (thrown) {
      throw encodeError(thrown, outcome);
    }
    return true;
  }
}

/**
 * How the rows of a file are woven; undefined where they cannot be.
 *
 * @param index The keys of the index, in its order.
 */
export function wovenObjectsWay(
  memory: Memory,
  weaving: ObjectWeaving,
  { index, columns, ...longWay }: LongWay & { index: readonly string[]; columns: readonly string[] },
): BlockWay | undefined {
  const setup = wovenObjectsSetup(weaving, { index, columns, tail: longWay.encoder.copyEnd });
  return setup && new WovenObjectsWay(memory, setup, longWay);
}

function compileMapRows({
  pattern,
  given,
  forgetsRow,
  computed,
  call,
  filter,
}: WovenObjectsSetup): RowLoop<WovenBlock> {
  const names = given.filter((name) => name !== undefined);
  // A property of that name is none that could be set.
  const again = forgetsRow && !names.includes("__proto__") ? "same" : undefined;
  const { statements, object, scope } = objectCode(given, {
    internsTexts: false,
    whole: "(whole ??= objects.text)",
    again,
  });
  const noting = notingComputed(
    computed.map((name) => ({ name, value: undefined })),
    {
      output: pattern.output,
      outputColumns: pattern.threads.length,
      areMembers: pattern.objects !== undefined,
      lost: "",
    },
  );
  return compileRowLoop({
    call,
    filter,
    code: {
      parts: ["fields", "numbers", "objects", "odd", "kept", "computed", "writeOdd"],
      // Of numbers alone no text is made.
      before: `let whole; const same = ${objectLiteral(names.map((name) => [name, "undefined"]))};`,
      given: `const at = row * ${objectStride(pattern.keys)}; ${statements} const given = ${object};`,
      scope,
    },
    aside: `if (odd[row] !== 0) {
      if (writeOdd(row, ctx)) { kept[row] = ${ASIDE}; state.kept++; }
      continue;
    }`,
    take: [...noting.takes, ...noting.notes].join("\n"),
    scope: noting.scope,
  });
}
