/** The outputs of rows that a function emits: each a file of its own, with the columns of its first row. */
import { type Place, RowmillError } from "../errors.ts";
import { sameColumns, shownColumn, shownColumns } from "../formats/columns.ts";
import type { Framing, MakeRowFinder, RowFinder } from "../formats/format.ts";
import { hasColumns } from "../formats/registry.ts";
import type { ManyFile, PartFiles } from "../io/part-files.ts";
import type { BatchResult, EmittedRows } from "../transform/wire.ts";
import { type FramingNeeds, outputFraming } from "./framing.ts";
import type { OutputPlan } from "./options.ts";

/** An output that was asked for. */
export interface AskedEmit {
  name: string;
  file: string;
  columns: string[] | undefined;
  plan: OutputPlan;
  finder: MakeRowFinder;
}

interface EmitOutput extends AskedEmit {
  to: ManyFile;
  framing: Framing;
  rows: number;
  /** What finds the fields of rows with other columns, by the list of these. */
  finders: Map<string, RowFinder>;
}

/** The columns of outputs, as far as they are known, by name. */
type EmitColumns = Record<string, string[]>;

export class EmitOutputs {
  readonly #outputs: EmitOutput[];
  readonly #files: PartFiles;

  /** @param before The columns that an earlier run has found, which this one goes on with. */
  constructor(
    emits: readonly AskedEmit[],
    { files, before, target }: { files: PartFiles; before: EmitColumns | undefined; target: FramingNeeds["target"] },
  ) {
    this.#files = files;
    this.#outputs = emits.map((emit) => {
      const to = files.file(emit.file, { isAlways: true });
      const framing = outputFraming(emit.plan, { hasBegun: to.bytes > 0, target });
      return { ...emit, columns: before?.[emit.name] ?? emit.columns, to, framing, rows: 0, finders: new Map() };
    });
  }

  get columns(): EmitColumns {
    return Object.fromEntries(
      this.#outputs.flatMap(({ name, columns }) => (columns === undefined ? [] : [[name, columns]])),
    );
  }

  /** How many rows each has had, in this run. */
  get rows(): Record<string, number> {
    return Object.fromEntries(this.#outputs.map(({ name, rows }) => [name, rows]));
  }

  /** Writes what the rows of a result have emitted. */
  async write({ emits }: Pick<BatchResult, "emits">): Promise<void> {
    if (emits === undefined) return;
    let start = 0;
    for (const stretch of emits.stretches) {
      const output = this.#outputs[stretch.emit];
      const end = stretch.ends.at(-1) ?? start;
      if (output === undefined) throw new Error("a row has gone to an output that there is not");
      const framed = output.framing.batch(fitting(output, stretch, { bytes: emits.bytes, start }), output.columns);
      this.#files.append(output.to, framed instanceof Promise ? await framed : framed);
      output.rows += stretch.rows.length;
      start = end;
    }
    await this.#files.writeOut();
  }

  /** All rows are written. */
  async end(): Promise<void> {
    for (const { framing, to, columns } of this.#outputs) this.#files.append(to, await framing.end(columns));
  }
}

/** Rows with the columns of their output. */
function fitting(
  output: EmitOutput,
  { columns, file, line, ends }: EmittedRows["stretches"][number],
  { bytes, start }: { bytes: Uint8Array; start: number },
): Uint8Array {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset + start, (ends.at(-1) ?? start) - start);
  if (columns === undefined || !hasColumns(output.plan.format)) return all;
  output.columns ??= columns;
  const known = output.columns;
  if (sameColumns(known, columns)) return all;
  const strange = columns.find((name) => !known.includes(name));
  if (strange !== undefined) throw strangeColumn(output, strange, { file, line });
  const key = JSON.stringify(columns);
  const { format, dialect } = output.plan;
  const finder = output.finders.get(key) ?? output.finder({ format, dialect }, columns, known);
  output.finders.set(key, finder);
  const pieces: Uint8Array[] = [];
  const missing = Buffer.from(dialect.nullText);
  const between = Buffer.from(dialect.delimiter);
  const lineEnd = Buffer.from(dialect.newline);
  // A line with nothing on it is no row: an empty field that is the only one stands in quotes.
  const lone = Buffer.from(
    columns.length === 1 && !dialect.quoteAll && !dialect.isTyped ? dialect.quote.repeat(2) : "\n",
  );
  for (let at = 0; at < all.length;) {
    at = finder.next(all, at, all.length);
    for (const [field, from] of finder.from.entries()) {
      if (field > 0) pieces.push(between);
      const raw = from < 0 ? missing : all.slice(from, finder.to[field] ?? from);
      pieces.push(raw.equals(lone) ? Buffer.alloc(0) : raw);
    }
    pieces.push(lineEnd);
  }
  return Buffer.concat(pieces);
}

function strangeColumn({ name, file, columns = [] }: EmitOutput, column: string, place: Place): RowmillError {
  return new RowmillError(
    "row-encode",
    `the row emits a column ${shownColumn(column)} to ${name}, which ${file} has not: the first row that was emitted had ${shownColumns(columns)}`,
    {
      place,
      hint: `name all columns: --emit ${name}:${[...columns, column].join(",")}=${file}; or write .jsonl, which takes any keys`,
    },
  );
}
