// The same as a script on one core: `bun plain.mjs INPUT OUTPUT`. No result holds a comma or a quote.
import { argv } from "node:process";
import { inferSchema, initParser } from "udsv";
import { visit } from "./visit.mjs";

const [, , input, output] = argv;
const text = await Bun.file(input).text();
const rows = initParser(inferSchema(text, { col: "," })).stringObjs(text);
const out = ["id,slug,browser,version,os,platform,visitor"];
for (const row of rows) out.push(Object.values(visit(row)).join(","));
await Bun.write(output, `${out.join("\n")}\n`);
