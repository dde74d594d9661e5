/** The role of a thread that converts a source: it opens it, and converts the parts that it is asked for. */
import { RowmillError, messageOf, toWire, withoutSecrets } from "../errors.ts";
import type { FromSource, ToSource } from "./messages.ts";
import { sourceOf } from "./registry.ts";
import { type ComingColumns, NextRowError, type Source, type SourceSetup } from "./source.ts";

type Post = (message: FromSource, transfer: ArrayBuffer[]) => void;

export async function serveSource(setup: SourceSetup, post: Post): Promise<(message: { type: string }) => void> {
  const failed = (error: unknown): void =>
    post({ type: "failed", error: toWire(described(error, setup)), isOfRow: error instanceof NextRowError }, []);
  let source: Source;
  try {
    const open = await sourceOf(setup.kind);
    source = await open(setup);
  } catch (error) {
    failed(error);
    return () => {};
  }
  post({ type: "opened", table: source.table }, []);
  const credit = new Credit();
  const convert = async (part: number, columns: ComingColumns): Promise<void> => {
    for await (const rows of source.rows(part, columns)) {
      post({ type: "rows", rows }, [rows.bytes.buffer]);
      await credit.spend();
    }
    post({ type: "ended", notices: source.found?.() ?? [] }, []);
  };
  const tellRanges = (columns: readonly number[]): void => {
    try {
      post({ type: "ranges", parts: source.ranges?.(columns) ?? [] }, []);
    } catch (error) {
      failed(error);
    }
  };
  return (message) => {
    const asked = message as ToSource;
    if (asked.type === "more") credit.add(asked.pieces);
    else if (asked.type === "ranges") tellRanges(asked.columns);
    else convert(asked.part, asked.columns).catch(failed);
  };
}

/** How many pieces may be sent before somebody has taken one. */
class Credit {
  #pieces = 0;
  #wake: (() => void) | undefined;

  add(pieces: number): void {
    this.#pieces += pieces;
    this.#wake?.();
  }

  async spend(): Promise<void> {
    this.#pieces--;
    while (this.#pieces < 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    // Messages are heard between two pieces, also where the next one is there at once.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

function described(error: unknown, { input }: SourceSetup): unknown {
  if (error instanceof RowmillError) return error;
  if (error instanceof NextRowError) return new RowmillError("input", `cannot read on: ${messageOf(error)}`);
  return new RowmillError("input", `cannot read ${withoutSecrets(input.name)}: ${messageOf(error)}`, { cause: error });
}
