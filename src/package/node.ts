/**
 * What the package exports on Node, which has neither the bundler nor the databases that runs over files need: the pool and
 * the CSV codec.
 */
import type { run as runOnBun } from "../pipeline/library-run.ts";
import type { readRows as readRowsOnBun } from "../pipeline/read-rows.ts";
import { RowmillError } from "../errors.ts";

export { Pool } from "../pool/pool.ts";
export { ItemError } from "../pool/item-error.ts";
export { parse } from "../csv/parse.ts";
export { window } from "../code/window.ts";
export { stringify } from "../csv/stringify.ts";
export { CsvParseStream, CsvStringifyStream } from "../csv/stream.ts";
export { RowmillError, UsageError } from "../errors.ts";

export const run: typeof runOnBun = () => Promise.reject(needsBun("run()", "start the program rowmill"));
export const readRows: typeof readRowsOnBun = () => {
  throw needsBun("readRows()", "use parse() on the text of the file");
};

function needsBun(name: string, advice: string): RowmillError {
  return new RowmillError("usage", `${name} needs Bun 1.4.5 or later, and this is Node ${process.versions.node}`, {
    hint: `run the program with bun, or ${advice}`,
  });
}
