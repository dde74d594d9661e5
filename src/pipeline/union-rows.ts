/**
 * The rows of a run with `--union`, in a temporary file until all are there: then it is known which columns they have, and
 * workers read them again and write them.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { unionColumn, unionKey } from "../formats/union-encoder.ts";
import { MAX_INDEXED_KEYS } from "../formats/indexed/object-code.ts";
import { MOST_ROW_BYTES } from "../formats/long-rows.ts";
import type { Sink } from "../io/sink.ts";
import { spillError } from "../io/spill-file.ts";
import { tmpdir } from "../io/system.ts";
import { openSpillFolder } from "../io/work-folder.ts";
import type { RunOptions } from "../options/run-options.ts";
import { unpackKeys } from "../stages/digest/digest-stage.ts";
import type { OutputPlan } from "./options.ts";
import type { RunParts } from "./prepare.ts";

/** Runs a step of the run. */
type RunStep = (options: RunOptions, parts: RunParts) => Promise<unknown>;

function handedOn(key: string): string {
  const name = JSON.stringify(key);
  return `${name}: row[${name}]`;
}

export class UnionRows {
  readonly #tempDir: string | undefined;
  readonly #folder: ReturnType<typeof openSpillFolder>;
  readonly #path: string;
  readonly #fd: number;
  readonly #step: { options: RunOptions; parts: RunParts; run: RunStep };
  #isOpen = true;

  /** @param step How its rows are read again: the options of the run that say how work is spread. */
  constructor(step: { options: RunOptions; parts: RunParts; run: RunStep }) {
    this.#step = step;
    this.#tempDir = step.options.tempDir;
    this.#folder = openSpillFolder("rowmill-union", this.#tempDir);
    this.#path = join(this.#folder.path, "rows.jsonl");
    this.#fd = openSync(this.#path, "wx", 0o600);
  }

  /** Takes rows that come out, in their order. */
  add(rows: Uint8Array): void {
    try {
      for (let at = 0; at < rows.length;) at += writeSync(this.#fd, rows, at);
    } catch (error) {
      throw spillError(error, "written", this.#tempDir ?? tmpdir());
    }
  }

  /** The keys of all rows, in the order in which they first come. */
  async columns(): Promise<string[]> {
    const keys = new Set<string>();
    const take = (part: Uint8Array): void => {
      for (const key of unpackKeys(part)) keys.add(key);
    };
    const { options, parts, run } = this.#step;
    await run(this.#reading(options), { ...parts, profiling: { asked: { kind: "keys" }, opened: () => {}, take } });
    return [...keys].map(unionColumn);
  }

  /** Has the rows written with these columns; `write` takes them in their order, without what stands around them. */
  async write(columns: readonly string[], output: OutputPlan, write: Sink["write"]): Promise<void> {
    const { options, parts, run } = this.#step;
    const keys = columns.map(unionKey);
    const inner = { outputColumns: keys, obstacle: "", rows: { output, write } };
    // Said as code, the values of these keys are handed on as the bytes that they are.
    const expression = keys.length > MAX_INDEXED_KEYS ? undefined : `{ ${keys.map(handedOn).join(", ")} }`;
    const how = { ...this.#reading(options), to: output.format, ...(expression !== undefined && { expression }) };
    await run(how, { ...parts, inner });
  }

  #reading({ jobs, signal, onLog }: RunOptions): RunOptions {
    return {
      inputs: [this.#path],
      from: "jsonl",
      maxRowBytes: MOST_ROW_BYTES,
      ...(jobs !== undefined && { jobs }),
      ...(signal !== undefined && { signal }),
      ...(onLog !== undefined && { onLog }),
    };
  }

  /** Removes the file. */
  remove(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#fd);
    this.#folder.remove();
  }
}
