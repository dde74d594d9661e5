import { existsSync } from "node:fs";
import { join } from "node:path";

export default (row) => {
  while (row.id === "3" && !existsSync(join(import.meta.dir, "go"))) Bun.sleepSync(10);
  if (Number(row.id) % 2 === 0) throw new Error("even");
  return row;
};
