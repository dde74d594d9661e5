// The heavy function as a plain script on one core: `bun plain-heavy.ts INPUT OUTPUT`. It splits at newlines and
// commas, which is enough for an input without quotes and less work than a CSV reader has.
import { argv } from "node:process";

const [, , input = "", output = ""] = argv;
const [, ...lines] = (await Bun.file(input).text()).trimEnd().split("\n");
const out = ["id,x"];
for (const line of lines) {
  const [id, seed] = line.split(",");
  let x = Number(seed);
  for (let round = 0; round < 1000; round++) x = (x * 16807) % 2147483647;
  out.push(`${id},${x}`);
}
await Bun.write(output, `${out.join("\n")}\n`);
