import { existsSync, writeFileSync } from "node:fs";

export default async (row) => {
  const { version } = await import("./late.ts");
  if (row.id === "5" && !existsSync("saved")) {
    writeFileSync("saved", "");
    writeFileSync("late.ts", 'export const version = "B";\n');
    process.exit(3);
  }
  return { id: row.id, version };
};
