/**
 * The entry of a program that `rowmill compile` makes: that of main.ts, for one transform. It is part of Rowmill's own
 * binary only to be linked from there.
 */
import { startCompiling } from "./formats/memory-code.ts";
import { ROW_PROCESS } from "./spawn.ts";
import { refuseToStart } from "./thread-room.ts";
import { newThread } from "./thread.ts";

if (process.argv[2] === ROW_PROCESS) await import(new URL("./worker.ts", import.meta.url).href);
else process.exit(refuseToStart() ?? (await start(process.argv.slice(2))));

async function start(argv: readonly string[]): Promise<number> {
  const firstThread = newThread();
  firstThread.postMessage({ type: "preload" });
  startCompiling();
  const commandLine = new URL("./command-line.ts", import.meta.url).href;
  const { standalone } = (await import(commandLine)) as typeof import("./command-line.ts");
  return await standalone(argv, firstThread);
}
