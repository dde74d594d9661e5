import { appendFileSync, existsSync } from "node:fs";
export default async ({ id }) => {
  await Bun.sleep(id === "5" && existsSync("wait") ? 60_000 : 20);
  appendFileSync("calls", `${id}\n`);
  return { id };
};
