/**
 * The short way of a join: rows that are passed on as they are go from input to output as bytes, with the bytes that the
 * table has for them.
 */
import type { DecodedBlock } from "../formats/format.ts";
import { Joiner } from "../formats/indexed/joiner.ts";
import type { Memory } from "../formats/memory.ts";
import { sameColumns } from "../formats/columns.ts";
import type { OutputDialect } from "../formats/text/output-dialect.ts";
import type { ProvenResult } from "../code/proof.ts";
import { addsColumns } from "../tables/asked.ts";
import type { OpenJoin } from "./joined-rows.ts";
import { type BlockWay, MAX_SHORT_BYTES, type OpenWay } from "./short-way.ts";

/** A run whose joined rows can be woven, as far as one knows before its output columns are settled. */
export interface JoinWeaving {
  from: "joined";
  /** Of the input. */
  columns: readonly string[];
  /** So many of the table come behind them. */
  added: number;
  quote: string;
  output: OutputDialect;
  result: Extract<ProvenResult, { kind: "row" }>;
  /** Nothing of a row is looked at by code. */
  looksAt: ReadonlySet<string>;
}

class JoinedWay implements BlockWay {
  readonly name = "woven-joined";
  readonly #join: OpenJoin;
  readonly #joiner: Joiner;

  constructor(join: OpenJoin, joiner: Joiner) {
    this.#join = join;
    this.#joiner = joiner;
  }

  open({ fields }: DecodedBlock): OpenWay | undefined {
    if (fields === undefined || fields.bytes > MAX_SHORT_BYTES) return undefined;
    const found = this.#joiner.find(fields, this.#join.table);
    if (found === undefined) return undefined;
    this.#join.note(found);
    const { rows } = fields;
    return {
      name: this.name,
      rows,
      mapRows: (state) => {
        state.row = rows;
        state.kept = found.count;
      },
      // The parent may want what is done before any of them is.
      output: ({ row }) => (row === 0 ? NO_BYTES : this.#joiner.weave(fields)),
    };
  }
}

const NO_BYTES = new Uint8Array(0);

/** How the rows of a file are joined as bytes; undefined where they cannot be. */
export function joinedWay(
  memory: Memory,
  { columns, quote, output }: JoinWeaving,
  { join, file, written }: { join: OpenJoin; file: readonly string[]; written: readonly string[] },
): BlockWay | undefined {
  const { kind, on, names } = join.setup;
  const [key = ""] = on;
  if (!sameColumns(file, columns) || !sameColumns(written, [...columns, ...names])) return undefined;
  const joiner = new Joiner(memory, {
    columns: columns.length,
    key: columns.indexOf(key),
    quote,
    output,
    added: names.length,
    found: addsColumns(kind) ? "each" : kind === "semi" ? "once" : "none",
    missing: kind === "left" || kind === "anti" ? "once" : "none",
    findText: (text) => join.findText(text),
  });
  return new JoinedWay(join, joiner);
}
