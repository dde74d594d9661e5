import { appendFileSync } from "node:fs";
export default (row) => {
  Bun.sleepSync(200);
  appendFileSync("calls", `${row.id}\n`);
  return row;
};
