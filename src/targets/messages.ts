/** What a thread that makes files hears and says. `file` is the number of one of them. */
import type { ErrorWire } from "../errors.ts";
import type { TargetSetup } from "./target.ts";

export type ToTargets =
  | { type: "begin"; file: number; setup: TargetSetup }
  | { type: "write"; file: number; table: string; rows: Uint8Array<ArrayBuffer> }
  /** All rows are there: the first piece is wanted. */
  | { type: "end"; file: number }
  /** The next piece is wanted. */
  | { type: "more"; file: number };

export type FromTargets =
  /** Rows have been taken. */
  | { type: "taken"; file: number }
  | { type: "piece"; file: number; bytes: Uint8Array<ArrayBuffer> }
  /** There is no further piece. */
  | { type: "whole"; file: number }
  | { type: "failed"; file: number; error: ErrorWire };
