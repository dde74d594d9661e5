/**
 * The short way of CSV: where the code is proven to hand fields on as they are, these go from input to output as bytes,
 * and rows are made of those fields only that it looks at.
 */
import { generate, objectLiteral } from "../generated-code.ts";
import { type OpenBlock, PASSED_OVER, Weaver } from "../formats/indexed/weaver.ts";
import type { BlockFields, DecodedBlock } from "../formats/format.ts";
import type { Memory } from "../formats/memory.ts";
import { notingComputed } from "./computed-values.ts";
import { givenAgain, givenField, givenRow, givenScope, lostCode } from "./looked-at.ts";
import { lostOf } from "../fields/missing-results.ts";
import { Misses } from "./plan/misses.ts";
import type { Way } from "./plan/ways.ts";
import { OTHER_RESULT } from "../code/refilled.ts";
import { type RowLoop, compileRowLoop } from "./row-loop.ts";
import { type BlockWay, MAX_SHORT_BYTES, type OpenWay } from "./short-way.ts";
import type { PickingStage } from "../stages/stage.ts";
import { type Weaving, type WovenSetup, wovenSetup } from "./weaving.ts";

/** A block, and the object that all its results are, where it is one. */
interface WovenBlock extends OpenBlock {
  object: object | undefined;
  /** What a stage has to know of each row. */
  notes: unknown[];
}

/** Whether the checked fields of so many rows pass. */
type CheckRows = (rows: number, block: OpenBlock) => boolean;

/** A stage that is told of rows that come out, by what it notes of each or by the fields of all. */
type Telling = Pick<PickingStage, "note" | "byFields">;

type Note = Telling["note"];
type Digest = (fields: BlockFields) => Uint32Array;

type WovenName = Extract<Way, `woven-${string}`>;

/** One way to weave: with numbers read by the kernel, or with all that the code looks at as text. */
class WovenWay implements BlockWay {
  readonly name: WovenName;
  readonly #memory: Memory;
  readonly #setup: WovenSetup;
  #made: { weaver: Weaver; checkRows: CheckRows; mapRows: RowLoop<WovenBlock>; digest: Digest | undefined } | undefined;
  readonly #columns: readonly string[];
  readonly #stage: Telling | undefined;
  readonly #misses = new Misses();

  constructor(
    memory: Memory,
    { name, columns }: { name: WovenName; columns: readonly string[] },
    setup: WovenSetup,
    stage: Telling | undefined,
  ) {
    this.name = name;
    this.#columns = columns;
    this.#stage = stage;
    this.#memory = memory;
    this.#setup = setup;
  }

  open({ fields }: DecodedBlock): OpenWay | undefined {
    if (fields === undefined || fields.bytes > MAX_SHORT_BYTES || this.#misses.isGivenUp) return undefined;
    const { refilled } = this.#setup;
    const object = refilled?.plain;
    if (refilled !== undefined && object === undefined) return undefined;
    this.#made ??= {
      weaver: new Weaver(this.#memory, this.#setup.pattern),
      checkRows: compileCheckRows(this.#setup),
      mapRows: compileMapRows(this.#setup, this.#stage?.note),
      digest: this.#openDigests(),
    };
    const { weaver, checkRows, mapRows, digest } = this.#made;
    // What is made of the block later lies where they do.
    const digests = digest?.(fields).slice();
    const open = weaver.open(fields);
    if (open === undefined || !checkRows(fields.rows, open)) {
      this.#misses.miss();
      return undefined;
    }
    this.#misses.hit();
    const notes: unknown[] = [];
    return {
      name: this.name,
      rows: fields.rows,
      mapRows: (state, ctx, progress) => mapRows(state, { ...open, object, notes }, ctx, progress),
      output: ({ beside }) => weaver.weave(fields, beside),
      noted: this.#setup.pattern.tellsEnds
        ? {
            tell:
              digests === undefined
                ? (collector, row) => collector.add(notes[row])
                : (collector, row) => {
                    if (collector.addDigest === undefined) throw new Error("the stage takes no digests");
                    return collector.addDigest(digests, row);
                  },
            kept: open.kept,
            // Without computed values nothing of it is to be passed over.
            passedOver: this.#setup.pattern.computed === 0 ? 0 : PASSED_OVER,
            placed: (written) => weaver.placed(fields, written),
          }
        : undefined,
    };
  }

  /** What digests rows, where the stage knows them so. */
  #openDigests(): Digest | undefined {
    const { told, pattern } = this.#setup;
    if (told === undefined) return undefined;
    const file = { columns: this.#columns, quote: pattern.output.quote };
    if (this.#stage?.byFields === undefined) throw new Error("the stage knows no rows by their fields");
    return this.#stage.byFields.open(this.#memory, file, told);
  }
}

/** How the rows of a file are woven, the quickest way first; undefined where they cannot be. */
export function wovenWays(
  memory: Memory,
  weaving: Weaving,
  {
    takes,
    stage,
    ...columns
  }: {
    input: readonly string[];
    output: readonly string[];
    takes: (way: Way) => boolean;
    stage: Telling | undefined;
  },
): BlockWay[] | undefined {
  const byNumbers = wovenSetup(weaving, { ...columns, readsNumbers: true });
  if (byNumbers === undefined) return undefined;
  // What a schema makes of a text that the kernel does not read as a number, the other way knows.
  const byTexts = weaving.required === undefined ? wovenSetup(weaving, { ...columns, readsNumbers: false }) : undefined;
  const way = (name: WovenName, setup: WovenSetup): WovenWay =>
    new WovenWay(memory, { name, columns: columns.input }, setup, stage);
  const ways = [way("woven-numbers", byNumbers)];
  if (byTexts !== undefined) ways.push(way("woven-texts", byTexts));
  return ways.filter(({ name }) => takes(name));
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
  return generate("checkRows", source, { accepts: checks.map(({ accepts }) => accepts) }) as CheckRows;
}

function compileMapRows(
  { pattern, looksAt, forgetsRow, computed, lostWords, call, filter, refilled, noted }: WovenSetup,
  note: Note | undefined,
): RowLoop<WovenBlock> {
  const { takes, notes, valueOf, scope } = notingComputed(
    computed.map(({ name, read }) => ({
      name,
      value: read === undefined ? undefined : givenField(read, pattern.wanted),
    })),
    {
      output: pattern.output,
      outputColumns: pattern.outputColumns,
      areMembers: pattern.objects !== undefined,
      lost: lostCode(looksAt, pattern.wanted),
    },
  );
  const values = noted?.map(
    ({ name, from }) => [name, typeof from === "number" ? valueOf(from) : givenField(from, pattern.wanted)] as const,
  );
  // What it throws fails the row before anything of it is noted.
  const telling = values === undefined ? [] : [`notes[row] = note(${objectLiteral(values)});`];
  const read = [...looksAt, ...(noted ?? []).flatMap(({ from }) => (typeof from === "number" ? [] : [from]))];
  return compileRowLoop({
    call,
    filter,
    code: {
      parts: ["text", "bounds", "numbers", "kept", "computed", "object", "notes"],
      ...(forgetsRow ? givenAgain : givenRow)(looksAt, pattern.wanted),
      scope: givenScope(read),
    },
    take: [...(refilled === undefined ? [] : [LOOK]), ...takes, ...telling, ...notes].join("\n"),
    scope: { ...scope, note, lostOf, lostWords, OTHER_RESULT },
  });
}

/** Nobody else runs between the rows of a block. */
const LOOK = "if (result !== object) throw OTHER_RESULT;";
