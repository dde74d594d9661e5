// The wide map as a plain script with udsv, all in memory: `bun plain-udsv.mjs FOLDER INPUT OUTPUT`. FOLDER is one whose
// node_modules holds udsv.
import { createRequire } from "node:module";
import { join } from "node:path";
import { argv } from "node:process";

const [, , folder, input, output] = argv;
const { inferSchema, initParser } = createRequire(join(folder, "package.json"))("udsv");
const text = await Bun.file(input).text();
const schema = inferSchema(text, { col: ",", row: "\n" });
const rows = initParser(schema).stringArrs(text);
const [name, born] = ["name", "born"].map((column) => schema.cols.findIndex((col) => col.name === column));
const out = ["name,age"];
for (const row of rows) out.push(`${row[name]},${2017 - row[born]}`);
await Bun.write(output, `${out.join("\n")}\n`);
