import { rmSync, writeFileSync } from "node:fs";

export default (row) => {
  if (row.id === "5") {
    if (process.env.BY === "gone") rmSync("t.ts");
    else writeFileSync("t.ts", "export default (row) => {");
    process.exit(3);
  }
  return row;
};
