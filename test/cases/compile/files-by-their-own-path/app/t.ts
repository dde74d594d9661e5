import { readFileSync } from "node:fs";
import { join } from "node:path";

const words = readFileSync(new URL("./data/words.txt", import.meta.url), "utf8").trim();
const again = readFileSync(`${import.meta.dir}/data/words.txt`, "utf8").trim();
const names = readFileSync(join(import.meta.dir, "names.txt"), "utf8").trim();
export default ({ id }: { id: string }) => ({ id, words, again, names });
