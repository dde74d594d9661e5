import { existsSync, readFileSync, writeFileSync } from "node:fs";

const version = "A";
export default (row) => {
  if (row.id === "5" && !existsSync("saved")) {
    writeFileSync("saved", "");
    writeFileSync("t.ts", readFileSync("t.ts", "utf8").replace('version = "A"', 'version = "B"'));
    process.exit(3);
  }
  return { id: row.id, version };
};
