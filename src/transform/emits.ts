/**
 * What rows give to outputs of their own, by `ctx.emit`: encoded at once, kept with the outcome of their row, and handed
 * over when that has not failed.
 */
import { RowmillError } from "../errors.ts";
import { encodeError } from "../formats/encode-error.ts";
import type { Encoded, Encoder, Row } from "../formats/format.ts";
import { hasColumns } from "../formats/registry.ts";
import { sameColumns, shownColumn } from "../formats/columns.ts";
import { resultEncoder } from "../formats/encoder.ts";
import type { ObjectSpelling } from "../formats/values/spelling-tree.ts";
import { type RowContext, listenTo, unknownEmit } from "../code/context.ts";
import type { TypedRows } from "../fields/typed-rows.ts";
import { ANYTHING, type MakeLast, lastingRows } from "./lasting-results.ts";
import { type EmittedRow, Emitting } from "./emitted.ts";
import type { Outcome } from "./outcome.ts";
import type { EmitSetup } from "./wire.ts";

interface EmitOutput extends EmitSetup {
  makeLast: MakeLast;
  /** That of the columns of the row before. */
  last: { columns: readonly string[]; encoder: Encoder } | undefined;
}

/** Takes what the rows of a worker emit. */
export class Emits {
  readonly #outputs: EmitOutput[];
  readonly #byName: Map<string, number>;
  readonly #typed: TypedRows | undefined;

  constructor(emits: readonly EmitSetup[], typed: TypedRows | undefined) {
    this.#outputs = emits.map((emit) => ({
      ...emit,
      makeLast: lastingRows(emit.output, ANYTHING, undefined),
      last: undefined,
    }));
    this.#byName = new Map(emits.map(({ name }, at) => [name, at]));
    this.#typed = typed;
  }

  /** A row is about to be called; the function that it returns takes its outcome. */
  begin(ctx: RowContext, row: Row, spelling: ObjectSpelling | undefined): (outcome: Outcome) => Outcome {
    let rows: EmittedRow[] | undefined;
    listenTo(ctx, (name, value) => {
      (rows ??= []).push(this.#emitted(name, value, { row, spelling }));
    });
    return (outcome) => {
      listenTo(ctx, tooLate);
      return rows === undefined ? outcome : new Emitting(outcome, rows);
    };
  }

  #emitted(
    name: string,
    value: unknown,
    { row, spelling }: { row: Row; spelling: ObjectSpelling | undefined },
  ): EmittedRow {
    const emit = this.#byName.get(name);
    const output = emit === undefined ? undefined : this.#outputs[emit];
    if (emit === undefined || output === undefined) throw unknownEmit(name, [...this.#byName.keys()]);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new RowmillError("row-function", `what is emitted to ${name} is no object`, {
        hint: "give a row: ctx.emit(name, { id })",
      });
    }
    const last = output.makeLast(
      this.#typed === undefined ? value : this.#typed.finishOther(value, row),
      row,
      spelling,
    );
    const encoder = encoderOf(output, last);
    return {
      emit,
      columns: hasColumns(output.output.format) ? output.last?.columns : undefined,
      text: encoded(encoder, last, output),
    };
  }
}

/** What is wrong with a result is said of what is emitted. */
function encoded({ encode }: Encoder, row: unknown, { name, columns }: EmitSetup): Encoded {
  const strange = columns && Object.keys(Object(row)).find((key) => !columns.includes(key));
  if (strange !== undefined) {
    throw new RowmillError(
      "row-encode",
      `what is emitted to ${name} has a column ${shownColumn(strange)}, which is none of its output`,
      {
        hint: `its columns are those that --emit ${name}:… names`,
      },
    );
  }
  try {
    return encode(row);
  } catch (thrown) {
    const error = encodeError(thrown, row);
    if (!(error instanceof RowmillError)) throw error;
    const { message, hint } = error;
    const what = message.replace(/^the result\b/, `what is emitted to ${name}`);
    throw new RowmillError("row-encode", what, { cause: thrown, ...(hint !== undefined && { hint }) });
  }
}

/** The columns of a row are those that are given, or its own. */
function encoderOf(output: EmitOutput, row: unknown): Encoder {
  const columns = output.columns ?? (hasColumns(output.output.format) ? Object.keys(Object(row)) : []);
  if (output.last === undefined || !sameColumns(output.last.columns, columns)) {
    if (columns.length === 0 && hasColumns(output.output.format))
      throw new RowmillError("row-function", `what is emitted to ${output.name} has no field`, { hint: "give it one" });
    output.last = { columns, encoder: resultEncoder(output.output, columns) };
  }
  return output.last.encoder;
}

function tooLate(name: string): never {
  throw new RowmillError("row-function", `ctx.emit(${JSON.stringify(name)}, …) comes when its row is done`, {
    hint: "await what emits, or do it before the function returns",
  });
}
