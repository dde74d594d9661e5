/**
 * What the commands beside this file share: their flags, the binary under test, the way in which a difference is shown.
 *
 * A command prints its seed first; with `--seed` it does the same again. It ends at the first difference with exit code
 * 1, showing the command line of Rowmill and what differs, and leaves the files where they are for a look.
 */
import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { Binary } from "../cli/binary.ts";

/** Flags by name, with their defaults. */
type Flags = Record<string, string>;

/** What a command was asked to do. */
export interface Settings {
  binary: Binary;
  seed: number;
  text: (name: string) => string;
  number: (name: string) => number;
}

/** The binary and the seed of a short form, inside `bun test`. */
export type Harness = Pick<Settings, "binary" | "seed">;

/** Runs a command: reads its flags, installs the binary, turns a difference into exit code 1. */
export async function runCommand(flags: Flags, command: (settings: Settings) => Promise<void>): Promise<void> {
  const all: Flags = { binary: "", seed: String(Date.now() % 2 ** 31), ...flags };
  const options = Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name, { type: "string" as const, default: value }]),
  );
  const { values } = parseArgs({ options });
  const text = (name: string): string => {
    const value = values[name];
    return typeof value === "string" ? value : "";
  };
  const binary = text("binary") === "" ? new Binary() : new Binary(resolve(text("binary")));
  const seed = Number(text("seed"));
  console.log(`seed ${seed}`);
  binary.install();
  try {
    await command({ binary, seed, text, number: (name) => Number(text(name)) });
  } catch (error) {
    console.log(`\nFAILED: ${error instanceof Error ? error.message : String(error)}`);
    console.log(`seed ${seed}; the files are in ${binary.root}`);
    process.exit(1);
  }
  binary.remove();
}

/** Carries out `work` on all items, so many at a time; the first failure ends it. */
export async function eachOf<T>(items: Iterable<T>, atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const workOn = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true && failures.length === 0; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, workOn));
  if (failures.length > 0) throw failures[0];
}

/** So much is shown on either side of the first difference. */
const SHOWN_CHARS = 300;

/** What differs between two outputs, in words; undefined when nothing does. */
export function difference(what: string, found: Uint8Array, wanted: Uint8Array | string): string | undefined {
  const right = typeof wanted === "string" ? Buffer.from(wanted) : wanted;
  if (Buffer.compare(found, right) === 0) return undefined;
  let at = 0;
  while (at < found.length && found[at] === right[at]) at++;
  const line =
    1 + Buffer.from(found.buffer, found.byteOffset, at).reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
  const show = (bytes: Uint8Array): string => {
    const start = Math.max(0, at - SHOWN_CHARS / 3);
    return JSON.stringify(Buffer.from(bytes).toString("utf8", start, at + SHOWN_CHARS));
  };
  return [
    `${what} differs at byte ${at} (line ${line}); ${found.length} bytes, wanted ${right.length}`,
    `found:  ${show(found)}`,
    `wanted: ${show(right)}`,
  ].join("\n");
}

/** A value as the reader of a difference needs it. */
export function shown(value: unknown): string {
  return JSON.stringify(value, null, 1) ?? String(value);
}
