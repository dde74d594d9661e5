import { appendFileSync } from "node:fs";
// The first row ends the run. Then rows run in processes: one takes long, and another one waits behind it.
export default async ({ id }: { id: string }) => {
  if (id === "1") process.abort();
  appendFileSync("calls.txt", `${id}\n`);
  await Bun.sleep(id === "20" ? 500 : 20);
  return { id };
};
