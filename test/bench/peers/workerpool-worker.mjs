// The worker's side of workerpool.mjs; its argument is the folder whose node_modules holds workerpool.
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { age, mix } from "./items.mjs";

const [folder] = process.argv.slice(2);
createRequire(join(folder, "package.json"))("workerpool").worker({ age, mix });
