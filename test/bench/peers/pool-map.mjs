// Our Pool: `bun pool-map.mjs TASK ITEMS WORKERS`.
import { argv } from "node:process";
import { Pool } from "../../../src/index.ts";
import { age, checksum, makeItems, mix } from "./items.mjs";

const [, , task, count, workers] = argv;
const pool = new Pool({ jobs: Number(workers) });
console.log(checksum(await pool.map(task === "age" ? age : mix, makeItems(task, Number(count)))));
await pool.close();
