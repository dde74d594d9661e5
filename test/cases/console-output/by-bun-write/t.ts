import { writeSync } from "node:fs";
import { write, stdout } from "bun";
export default async (row: any) => {
  await Bun.write(Bun.stdout, "a: written\n");
  await write(stdout, "b: by imports\n");
  const writer = Bun.stdout.writer();
  writer.write("c: by a writer\n");
  await writer.flush();
  writeSync(process.stdout.fd, "d: by its number\n");
  return row;
};
