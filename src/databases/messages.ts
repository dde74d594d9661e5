/** What a thread that writes a table hears and says. */
import type { ErrorWire } from "../errors.ts";
import type { AskedTable } from "./table.ts";

/** To the thread, in place of a message that opens a worker. */
export interface OpenDatabaseMessage {
  type: "open-database";
  setup: AskedTable;
}

export type ToDatabase = { type: "lines"; lines: Uint8Array } | { type: "commit" } | { type: "abandon" };

export type FromDatabase =
  | { type: "opened" }
  /** Lines were taken; their memory is free. */
  | { type: "taken" }
  | { type: "committed"; notices: string[] }
  | { type: "abandoned" }
  | { type: "failed"; error: ErrorWire };
