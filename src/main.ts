/**
 * The binary's entry: starts the first worker's thread, and has another one compile the kernel, then loads the command line
 * meanwhile. The only file that ends the process.
 *
 * What it loads by URL is an entry of the bundle of its own: a compiled binary then reads only what a run needs (zod is
 * several times the size of all the rest).
 */
import { startCompiling } from "./formats/memory-code.ts";
import { hasOperands, needsThread } from "./short-line.ts";
import { ROW_PROCESS } from "./spawn.ts";
import { refuseToStart } from "./thread-room.ts";
import { newThread } from "./thread.ts";

if (process.argv[2] === ROW_PROCESS) await import(new URL("./worker.ts", import.meta.url).href);
else process.exit(refuseToStart() ?? (await start(process.argv.slice(2))));

async function start(argv: readonly string[]): Promise<number> {
  const firstThread = needsThread(argv) ? newThread() : undefined;
  firstThread?.postMessage({ type: "preload" });
  if (hasOperands(argv)) startCompiling();
  const commandLine = new URL("./command-line.ts", import.meta.url).href;
  const commands = new URL("./commands.ts", import.meta.url).href;
  const { main } = (await import(commandLine)) as typeof import("./command-line.ts");
  return await main(argv, { firstThread, loadCommands: () => import(commands) });
}
