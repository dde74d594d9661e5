/** The result of a batch that is one bad row. */
import type { BatchResult, RowFailure } from "../transform/wire.ts";

/** The result of a row that no worker needs to see. */
export function badRow(failure: RowFailure): BatchResult {
  return {
    rowsIn: 1,
    rowsOut: 0,
    rowsDropped: 0,
    output: new Uint8Array(0),
    failures: [failure],
    columns: undefined,
    concurrency: 1,
    isProvisional: false,
  };
}
