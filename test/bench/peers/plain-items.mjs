// A plain loop: `bun plain-items.mjs TASK ITEMS`.
import { argv } from "node:process";
import { age, checksum, makeItems, mix } from "./items.mjs";

const [, , task, count] = argv;
console.log(checksum(makeItems(task, Number(count)).map((item) => (task === "age" ? age(item) : mix(item)))));
