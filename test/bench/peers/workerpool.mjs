// workerpool, one task an item: `node workerpool.mjs FOLDER TASK ITEMS WORKERS`. FOLDER is one whose node_modules holds
// it.
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { checksum, makeItems, runAll } from "./items.mjs";

const [folder, task, count, workers] = process.argv.slice(2);
const workerpool = createRequire(join(folder, "package.json"))("workerpool");
const pool = workerpool.pool(fileURLToPath(new URL("./workerpool-worker.mjs", import.meta.url)), {
  minWorkers: Number(workers),
  maxWorkers: Number(workers),
  workerType: "thread",
  workerThreadOpts: { argv: [folder] },
});
const items = makeItems(task, Number(count));
console.log(checksum(await runAll(items, 64, (item) => pool.exec(task, [item]))));
await pool.terminate();
