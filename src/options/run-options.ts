/** The options of a run as callers give them: those of the table, and what only a program can give. */
import type { RowCounts } from "../transform/wire.ts";
import type { Kind, Scope, Values } from "./option.ts";
import type { OPTIONS, OptionName } from "./table.ts";

type ValueOfEntry<Entry> = Entry extends { kind: "word"; words: readonly (infer Word)[] }
  ? Word
  : Entry extends { kind: infer K extends Kind }
    ? Values[K]
    : never;

/** What an option may be. */
export type ValueOf<Name extends OptionName> = ValueOfEntry<(typeof OPTIONS)[Name]>;

/** The options that are said in some places, each of which may be left out. */
export type OptionsOf<Where extends Scope> = {
  -readonly [
    Name in keyof typeof OPTIONS as (typeof OPTIONS)[Name]["scope"] extends Where ? Name : never
  ]?: ValueOf<Name>;
};

/** How rows are read and written, and how the work is spread: what a transform module may set defaults for. */
export type TuningOptions = OptionsOf<"module">;

/** What becomes of failed rows. */
export type ErrorPolicy = ValueOf<"onError">;

/** What the command line's main job needs. */
export interface RunOptions extends OptionsOf<"module" | "run"> {
  /** What of the output file is written, where `output` names the file alone: a sheet of a workbook. */
  outputTable?: string;
  /** Gets what `ctx.log` says, a line at a time. @default standard error */
  onLog?: (text: string) => void;
  /**
   * Gets what is worth knowing of a run that can be done all the same, a line at a time and each once: names that could
   * mean two things, and the like.
   */
  onNote?: (text: string) => void;
  /** Is told how far the run has come, each time a batch was written. */
  onProgress?: (progress: RunProgress) => void;
  /** Ends the run early. What was done stays beside the output file, for `resume`. */
  signal?: AbortSignal;
}

/** How far a run has come. */
export interface RunProgress extends RowCounts {
  /** Bytes of the inputs that were done, those that an earlier run has done among them. */
  bytes: number;
}
