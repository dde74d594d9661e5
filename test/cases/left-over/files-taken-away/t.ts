import { existsSync } from "node:fs";

export default async ({ id }: { id: string }) => {
  while (id === "9" && !existsSync("go")) await Bun.sleep(5);
  return { id };
};
