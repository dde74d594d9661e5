// workerpool, one task an item: `node workerpool.mjs FOLDER TASK ITEMS WORKERS`. FOLDER is one whose node_modules holds
// it.
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { checksum, makeItems } from "./items.mjs";

/** With all items in its queue at once it takes twice as long. */
const UNDER_WAY = 64;

const [folder, task, count, workers] = process.argv.slice(2);
const workerpool = createRequire(join(folder, "package.json"))("workerpool");
const pool = workerpool.pool(fileURLToPath(new URL("./workerpool-worker.mjs", import.meta.url)), {
  minWorkers: Number(workers),
  maxWorkers: Number(workers),
  workerType: "thread",
  workerThreadOpts: { argv: [folder] },
});
const items = makeItems(task, Number(count));
const results = Array.from({ length: items.length });
let next = 0;
async function work() {
  while (next < items.length) {
    const index = next++;
    results[index] = await pool.exec(task, [items[index]]);
  }
}
await Promise.all(Array.from({ length: UNDER_WAY }, work));
console.log(checksum(results));
await pool.terminate();
