// piscina, one task an item: `node piscina.mjs FOLDER TASK ITEMS WORKERS`. FOLDER is one whose node_modules holds it.
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { checksum, makeItems, runAll } from "./items.mjs";

const [folder, task, count, workers] = process.argv.slice(2);
const { Piscina } = createRequire(join(folder, "package.json"))("piscina");
const pool = new Piscina({
  filename: new URL("./items.mjs", import.meta.url).href,
  minThreads: Number(workers),
  maxThreads: Number(workers),
});
const items = makeItems(task, Number(count));
console.log(checksum(await runAll(items, 1000, (item) => pool.run(item, { name: task }))));
await pool.destroy();
