/**
 * A first look at a command line, before anything else is loaded: whether it may be done without another thread. What it is
 * for certain is found out when the line has been read (pipeline/run-thread.ts).
 */
import { statSync } from "node:fs";

/** Files of no more bytes are short. */
export const SHORT_BYTES: number = 32 * 1024;

/** Words of code that is likely to be refused there. */
const OTHER_CODE =
  /=>|\b(?:function|for|while|ctx|i|match|matchAll|search|process|Bun|console|crypto|require|import)\b/;
const CODE_FILE = /\.[cm]?[jt]sx?$/i;

/** Whether a line may have rows to map: one without an operand asks for help or the version, or reads standard input. */
export function hasOperands(argv: readonly string[]): boolean {
  return argv.some((word) => !word.startsWith("-"));
}

/**
 * Whether a thread is worth its start before the line is read. A line without an operand asks for help or the version: no
 * rows, no worker. One that names short files, and no code that may do anything, may do without.
 */
export function needsThread(argv: readonly string[]): boolean {
  const operands = argv.filter((word) => !word.startsWith("-"));
  if (operands.length === 0) return false;
  if (argv.some((word) => OTHER_CODE.test(word) || CODE_FILE.test(word))) return true;
  const sizes = operands.map(fileSize).filter((size) => size !== undefined);
  return sizes.length === 0 || sizes.reduce((sum, size) => sum + size, 0) > SHORT_BYTES;
}

/** The size of a file; undefined for what is none, and for what cannot be reached. */
export function fileSize(path: string): number | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() === true ? stat.size : undefined;
  } catch {
    // An expression may be too long for a name; why a file cannot be reached is told when it is opened.
    return undefined;
  }
}
