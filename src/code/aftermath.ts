/**
 * Whether code may begin something that goes on when its functions have returned: a promise that nobody waits for, a
 * timer, a connection. Where it cannot, a run need not wait for uncaught errors and unfinished work.
 *
 * Decided by the text of the code: to begin something like that takes one of these words, or another module.
 */
import { readFileSync } from "node:fs";

const BEGINS =
  /\b(?:async|await|fromasync|promise|then|set(?:timeout|interval|immediate)|queueMicrotask|fetch|reporterror|postmessage|import|require|process|bun|global\w*|self|window|eval|constructor|navigator|crypto|performance|atomics|webassembly|re(?:sponse|quest)|blob|file|htmlrewriter|event(?:source|target|emitter)|messageport|\w*(?:worker|socket|channel|stream|signal|registry)\w*)\b|\bfrom\s*["']|\\u/i;

/** Imports of types, and of schemas, which begin nothing. */
const HARMLESS_IMPORTS =
  /^\s*import\s+(?:type\b[^;"']*?\bfrom\s*["'][^"']+["']|[^;"']*?\bfrom\s*["']zod(?:\/mini|\/v4|\/v4\/mini|\/v4\/core)?["'])\s*;?/gm;

/** Whether what an expression begins may go on. */
export function mayGoOn(code: string): boolean {
  return BEGINS.test(code);
}

/** Whether what a module begins may go on. */
export function moduleMayGoOn(path: string): boolean {
  try {
    return mayGoOn(readFileSync(path, "utf8").replace(HARMLESS_IMPORTS, ""));
  } catch {
    // What cannot be read is said when it is imported.
    return true;
  }
}
