/** The stage that surveys rows: what was seen in those of a batch are parts, which are put together in their order. */
import { deserialize, serialize } from "bun:jsc";
import type { BlockFields } from "../../formats/format.ts";
import type { ShapeTests } from "../profile/text-shapes.ts";
import type { FoldingStage, PartTaker } from "../stage.ts";
import type { RowsPart, SurveyAsked } from "./survey.ts";
import { FieldRows, ObjectRows, type SurveyGiven, type SurveyedFile } from "./surveyed-rows.ts";

/** Makes it. @param given.hasColumns Rows have a header: they are texts, which may be numbers. */
export function surveyStage(asked: SurveyAsked, given: { tests: ShapeTests; hasColumns: boolean }): FoldingStage {
  return {
    kind: "folding",
    name: "survey",
    what: "",
    isAtomic: true,
    init: () => new RowSurveyor({ ...given, key: asked.key }),
    step: (part, row, { index }) => {
      surveyorOf(part).look(row as Record<string, unknown>, index);
      return part;
    },
    steps: (part, rows, { index }) => {
      for (const row of rows) surveyorOf(part).look(row as Record<string, unknown>, index);
      return part;
    },
    // What it gives is memory that all threads share; a copy can be handed over.
    pack: (part) => new Uint8Array(serialize(surveyorOf(part).end())).slice(),
    unpack: unpackSurvey,
    taker: (): PartTaker => {
      throw new Error("its parts are taken by who asked for them");
    },
  };
}

/** That which surveys the rows of a batch. */
export function surveyorOf(part: unknown): RowSurveyor {
  if (part instanceof RowSurveyor) return part;
  throw new Error("the part is no survey");
}

/** What was seen in the rows of a batch: mostly it is one part. */
export function unpackSurvey(bytes: Uint8Array): RowsPart[] {
  return deserialize(bytes) as RowsPart[];
}

/** Rows of a batch come as objects and as fields in turns: those of a kind that lie behind each other are a part. */
export class RowSurveyor {
  readonly #given: SurveyGiven;
  readonly #parts: RowsPart[] = [];
  #open: ObjectRows | FieldRows | undefined;

  constructor(given: SurveyGiven) {
    this.#given = given;
  }

  /** Looks at a row; `index` is its number in the run. */
  look(row: Record<string, unknown>, index: number): void {
    if (!(this.#open instanceof ObjectRows)) {
      this.#close();
      this.#open = new ObjectRows(this.#given);
    }
    this.#open.look(row, index);
  }

  /** Looks at the rows of a block as they lie there. */
  lookAtFields(file: SurveyedFile, fields: BlockFields, firstRow: number): void {
    if (!(this.#open instanceof FieldRows && this.#open.isBefore(file, firstRow))) {
      this.#close();
      this.#open = new FieldRows(this.#given, file, firstRow);
    }
    this.#open.look(fields);
  }

  end(): RowsPart[] {
    this.#close();
    return this.#parts;
  }

  #close(): void {
    if (this.#open !== undefined) this.#parts.push(this.#open.end());
    this.#open = undefined;
  }
}
