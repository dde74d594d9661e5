/** The stage that surveys rows: what was seen in those of a batch is a part, and parts are put together in their order. */
import { deserialize, serialize } from "bun:jsc";
import type { ShapeTests } from "../profile/text-shapes.ts";
import { RowProfiler } from "../profile/row-profiler.ts";
import type { FoldingStage, PartTaker } from "../stage.ts";
import { type ColumnValues, columnPart, hashOf } from "./column-part.ts";
import { pairSums } from "./pair-sums.ts";
import { MAX_SURVEYED, type RowsPart, type SurveyAsked } from "./survey.ts";

/** How its key is called where several columns make it. */
export function keyName(key: readonly string[]): string {
  return key.join(", ");
}

/** Makes it. @param given.hasColumns Rows have a header: they are texts, which may be numbers. */
export function surveyStage(asked: SurveyAsked, given: { tests: ShapeTests; hasColumns: boolean }): FoldingStage {
  return {
    kind: "folding",
    name: "survey",
    what: "",
    isAtomic: true,
    init: () => new RowSurveyor(asked, given),
    step: (part, row, { index }) => {
      surveyorOf(part).look(row as Record<string, unknown>, index);
      return part;
    },
    steps: (part, rows, { index }) => {
      for (const row of rows) surveyorOf(part).look(row as Record<string, unknown>, index);
      return part;
    },
    // What it gives is memory that all threads share; a copy can be handed over.
    pack: (part) => new Uint8Array(serialize(surveyorOf(part).result())).slice(),
    unpack: unpackSurvey,
    taker: (): PartTaker => {
      throw new Error("its parts are taken by who asked for them");
    },
  };
}

function surveyorOf(part: unknown): RowSurveyor {
  if (part instanceof RowSurveyor) return part;
  throw new Error("the part is no survey");
}

export function unpackSurvey(bytes: Uint8Array): RowsPart {
  return deserialize(bytes) as RowsPart;
}

class RowSurveyor {
  readonly #profiler: RowProfiler;
  readonly #key: readonly string[];
  readonly #isText: boolean;
  readonly #rows: number[] = [];
  readonly #columns = new Map<string, ColumnValues>();
  /** Hashes of the key that was asked for. */
  readonly #hashes: bigint[] = [];
  #hasMore = false;

  constructor({ key }: SurveyAsked, { tests, hasColumns }: { tests: ShapeTests; hasColumns: boolean }) {
    this.#profiler = new RowProfiler(tests, hasColumns);
    this.#key = key;
    this.#isText = hasColumns;
  }

  /** Looks at a row; `index` is its number in the run. */
  look(row: Record<string, unknown>, index: number): void {
    this.#profiler.look(row, index);
    const at = this.#rows.length;
    this.#rows.push(index);
    for (const name of Object.keys(row)) {
      let column = this.#columns.get(name);
      if (column === undefined) {
        if (this.#columns.size >= MAX_SURVEYED) {
          this.#hasMore = true;
          continue;
        }
        column = { name, values: [] };
        this.#columns.set(name, column);
      }
      const { values } = column;
      while (values.length < at) values.push(undefined);
      values.push(row[name]);
    }
    if (this.#key.length > 0) this.#hashes.push(hashOf(JSON.stringify(this.#key.map((name) => row[name] ?? null))));
  }

  result(): RowsPart {
    const rows = Float64Array.from(this.#rows);
    const found = [...this.#columns.values()].map((column) => columnPart(column, { rows, isText: this.#isText }));
    const keys = found.flatMap(({ part: { name }, key }) => (key === undefined ? [] : [{ name, hashes: key }]));
    if (this.#key.length > 0) {
      const name = keyName(this.#key);
      const own = { name, hashes: BigUint64Array.from(this.#hashes) };
      keys.splice(0, keys.length, own, ...keys.filter((one) => one.name !== name));
    }
    return {
      profile: this.#profiler.result,
      rows,
      columns: found.map(({ part }) => part),
      hasMore: this.#hasMore,
      keys,
      pairs: pairSums(
        found.flatMap(({ part: { name }, numbers }) => (numbers === undefined ? [] : [{ name, numbers }])),
      ),
    };
  }
}
