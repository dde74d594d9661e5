/**
 * The binary's entry: starts the first worker's thread, then loads the command line while that boots. The only file
 * that ends the process.
 *
 * What it loads by URL is an entry of the bundle of its own: a compiled binary then reads only what a run needs (zod is
 * several times the size of all the rest).
 */
import { writeSync } from "node:fs";
import { newThread } from "./spawn.ts";
import { tooFewThreads } from "./thread-room.ts";

const argv = process.argv.slice(2);
const refusal = tooFewThreads();
if (refusal !== undefined) {
  writeSync(2, refusal);
  process.exit(1);
}
// A line without an operand asks for help or the version: no rows, no worker.
const firstThread = argv.some((word) => !word.startsWith("-")) ? newThread() : undefined;
firstThread?.postMessage({ type: "preload" });
const commandLine = new URL("./command-line.ts", import.meta.url).href;
const commands = new URL("./commands.ts", import.meta.url).href;
const { main } = (await import(commandLine)) as typeof import("./command-line.ts");
process.exit(await main(argv, { firstThread, loadCommands: () => import(commands) }));
