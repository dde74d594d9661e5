/** The short way of `rowmill report` over CSV: fields are surveyed as they lie in blocks, and no row is made. */
import { ColumnTexts } from "../../formats/indexed/column-texts.ts";
import { RowFields } from "../../formats/indexed/row-fields.ts";
import type { Memory } from "../../formats/memory.ts";
import { MAX_SURVEYED } from "../../stages/survey/survey.ts";
import { surveyorOf } from "../../stages/survey/survey-stage.ts";
import type { SurveyedFile } from "../../stages/survey/surveyed-rows.ts";
import type { CallSetup } from "../call-setup.ts";
import type { PlacedBlock } from "../placed-block.ts";
import type { FoldedRows, ShortFold } from "../reduce/short-fold.ts";

export class SurveyFold implements ShortFold {
  /** Undefined where not all columns are surveyed: then which are, rows decide. */
  readonly #file: SurveyedFile | undefined;
  readonly keepsBytes = true;

  /** @param file The columns of the file. */
  constructor(
    memory: Memory,
    { file, quote, emptyIsNull = false }: { file: readonly string[]; quote: string; emptyIsNull?: boolean | undefined },
  ) {
    if (file.length > MAX_SURVEYED) return;
    const fields = new RowFields(memory, { columns: file.length, quote });
    this.#file = {
      columns: file,
      texts: new ColumnTexts(memory, { columns: file.length, quote }),
      emptyIsNull,
      rowOf: (block, row) => {
        const texts = fields.of(block, row);
        return Object.fromEntries(file.map((name, at) => [name, emptyIsNull && texts[at] === "" ? null : texts[at]]));
      },
    };
  }

  take(_rows: CallSetup, { block, firstRow }: PlacedBlock, accumulator: unknown): FoldedRows | undefined {
    const { fields } = block;
    if (fields === undefined || this.#file === undefined) return undefined;
    surveyorOf(accumulator).lookAtFields(this.#file, fields, firstRow);
    return { way: "groups", accumulator, rowsIn: fields.rows, rowsOut: fields.rows, failures: [] };
  }
}
