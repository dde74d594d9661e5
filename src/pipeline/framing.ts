/** What stands around the rows of an output: that of its format, and what comes before it. */
import type { Framing, Target } from "../formats/format.ts";
import { writerOf } from "../formats/registry.ts";
import type { OutputPlan } from "./options.ts";

/** Of a run in which no row comes out. */
const NO_FRAMING: Framing = { hasBegun: true, batch: (output) => output, end: () => new Uint8Array(0) };

const BYTE_ORDER_MARK = "\uFEFF";

/** Where a terminal does not say how wide it is. */
const DEFAULT_WIDTH = 80;

/** What a framing needs beside the plan. */
export interface FramingNeeds {
  /** An earlier run has written its start. */
  hasBegun: boolean;
  /** Has a thread make a file. */
  target: (kind: string) => Target;
}

/** The framing of an output, which may be none. */
export function outputFraming(plan: OutputPlan | undefined, { hasBegun, target }: FramingNeeds): Framing {
  if (plan === undefined) return NO_FRAMING;
  const { dialect, hasHeader, isStdout } = plan;
  return writerOf(plan.format).framing({
    dialect,
    hasHeader,
    before: () => beforeHeader(plan),
    keepsHead: plan.head !== undefined,
    hasBegun,
    terminalWidth: () => (isStdout ? terminalWidth() : undefined),
    table: plan.table,
    target,
  });
}

/** The bytes that a framing has at the end. */
export async function* endOf(framing: Framing, columns: readonly string[] | undefined): AsyncGenerator<Uint8Array> {
  if (framing.endPieces === undefined) yield await framing.end(columns);
  else yield* framing.endPieces(columns);
}

function terminalWidth(): number | undefined {
  const { stdout } = process;
  return stdout.isTTY ? stdout.columns || DEFAULT_WIDTH : undefined;
}

/** All that stands before the header, or the first row. */
function beforeHeader({ hasBom, sepLine = "", head }: OutputPlan): Buffer {
  const mark = Buffer.from(hasBom ? BYTE_ORDER_MARK : "");
  return Buffer.concat([mark, ...(head === undefined ? [] : [head.skipped, Buffer.from(sepLine), head.comments])]);
}
