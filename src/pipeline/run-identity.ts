/**
 * What makes a run the same run: `--resume` goes on only with the transform, the inputs and the options that it began
 * with. How the work is spread does not count.
 */
import { type BigIntStats, stat } from "node:fs";
import { RowmillError, UsageError, withoutSecrets } from "../errors.ts";
import { readerOf } from "../formats/registry.ts";
import { compressionByName } from "../io/compression.ts";
import { isAddress, readFailure, shownName } from "../io/files.ts";
import { placed } from "../io/start-folder.ts";
import { linkedFile } from "../code/linked.ts";
import type { FileHashes } from "../code/loaded-files.ts";
import { VERSION } from "../version.ts";
import type { RunOptions } from "../options/run-options.ts";
import { OPTION_ENTRIES } from "../options/table.ts";
import { isRewriting, isRowLocal, stepWords } from "../stages/rewriting/asked.ts";
import { inputsOf, notResumable, stepsOf } from "./options.ts";
import { formatByName, inputPath } from "./told-format.ts";

/** An input as it was when the run began. */
interface InputIdentity {
  name: string;
  /** Undefined for standard input and other streams. */
  file: { device: string; inode: string; size: string; modifiedNs: string } | undefined;
}

export interface RunIdentity {
  version: string;
  /** SHA-256 of the transform and of every file that it imports. */
  modules: FileHashes;
  /** All options that may change a byte of the output. */
  options: Record<string, unknown>;
  inputs: InputIdentity[];
  /** Checksums of the tables beside the inputs, by their names, as they were read. */
  tables?: Readonly<Record<string, string>>;
}

/** What only a program can give. */
const FROM_PROGRAMS = ["signal", "onLog", "onNote", "onProgress"] as const satisfies readonly (keyof RunOptions)[];

/** Options that say how the work is done, not what comes out; and the inputs, which are looked at on their own. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  ...OPTION_ENTRIES.filter(([, { keepsResult }]) => keepsResult).map(([name]) => name),
  ...FROM_PROGRAMS,
]);

/** Describes a run. `modules` are the files of its transform. */
export async function runIdentity(options: RunOptions, modules: FileHashes): Promise<RunIdentity> {
  const kept = Object.entries(options).filter(([name, value]) => value !== undefined && !WITHOUT_EFFECT.has(name));
  return {
    version: VERSION,
    modules: Object.fromEntries(Object.entries(modules).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    options: forKeeps(Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)))) as Record<string, unknown>,
    inputs: await Promise.all(inputsOf(options).map((name) => startIdentity(name, options))),
  };
}

/** An input at the start of a run; of one that may change meanwhile no more than its name. */
async function startIdentity(name: string, { from }: RunOptions): Promise<InputIdentity> {
  const format = from ?? formatByName(name);
  const mayChange = format !== undefined && readerOf(format).isOfOneMoment === true;
  return mayChange ? { name: withoutSecrets(name), file: undefined } : await inputIdentity(name);
}

/** An option, or several: addresses among them without what nobody else may know. */
export function forKeeps(value: unknown): unknown {
  if (typeof value === "string") return isAddress(value) ? withoutSecrets(value) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(forKeeps);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, forKeeps(one)]));
}

/**
 * Why a run cannot be resumed, in words; undefined when it can.
 *
 * @throws {UsageError} If it cannot, and is to be.
 */
export function resumeObstacle(
  options: RunOptions,
  { inputs }: RunIdentity,
  { folds }: { folds: boolean },
): string | undefined {
  const stream = inputs.find(({ file }) => file === undefined);
  const formats = inputsOf(options).map((name) => options.from ?? formatByName(name));
  const ofFormat = formats.map((format) => format && readerOf(format).notResumable);
  const steps = stepsOf(options);
  const late = steps.find(({ isLate }) => isLate);
  // A step at the start that makes each row of one hangs on nothing.
  const step = steps.find((one, at) => !(isRowLocal(one) && steps.slice(0, at).every(isRowLocal)));
  const obstacle = folds
    ? "what rows are folded into comes out at the end"
    : late !== undefined
      ? `what ${stepWords(late.stage)} gives comes out when all rows are there, and those are not kept`
      : step !== undefined
        ? `${isRewriting(step) ? `what ${stepWords(step.stage)} gives` : `which rows --${step.stage} picks`} hangs on all rows before them, and those are not kept`
        : options.union === true
          ? "--union knows the columns when all rows are there, and those are not kept"
          : options.unordered === true
            ? "--unordered writes in an order that no second run repeats"
            : (notResumable(options) ??
              (options.splitBy === undefined && compressionByName(options.output ?? "") !== undefined
                ? "a compressed file is not written row by row"
                : (ofFormat.find((why) => why !== undefined) ??
                  (stream && `${shownName(stream.name)} cannot be read again`))));
  if (options.resume !== true || obstacle === undefined) return obstacle;
  throw new UsageError(`--resume is not possible: ${obstacle}`, ADVICE);
}

const ADVICE = "run without --resume: to go on later takes input files, and a plain output file";

/**
 * Checks that the inputs are still what they were when the run began.
 *
 * @throws {RowmillError} `input`, naming the one that is not.
 */
export async function checkUnchanged(identity: RunIdentity | undefined): Promise<void> {
  if (identity === undefined) return;
  const now = await Promise.all(identity.inputs.map(({ name }) => inputIdentity(name)));
  const change = movedInput(identity.inputs, now) ?? changedInput(identity.inputs, now);
  if (change === undefined) return;
  throw new RowmillError("input", `the input changed while it was read: ${change}`, {
    hint: "the output stays as it was: run again when nothing writes to the input any more",
  });
}

/** What is not the same in two runs, in words; undefined when they are the same. */
export function firstDifference(before: RunIdentity, now: RunIdentity): string | undefined {
  if (before.version !== now.version) return `Rowmill was version ${before.version} and is ${now.version}`;
  const option = firstChanged(before.options, now.options);
  if (option !== undefined) return `the option ${option} is another one`;
  const module = firstChanged(before.modules, now.modules);
  if (module === linkedFile()) return "the program has another transform";
  if (module !== undefined) return `the transform's file ${module} has changed`;
  const table = firstChanged(before.tables ?? {}, now.tables ?? {});
  return table === undefined ? changedInput(before.inputs, now.inputs) : `the table ${table} has changed`;
}

/**
 * Which input has changed, in words; undefined when none has. On another machine, or copied with its time, the same
 * bytes have other numbers: those do not count. The checksum of what was read is looked at when it is read again.
 */
function changedInput(before: readonly InputIdentity[], now: readonly InputIdentity[]): string | undefined {
  if (before.length !== now.length) return `there were ${before.length} inputs and are ${now.length}`;
  for (const [index, { name, file }] of before.entries()) {
    const other = now[index];
    if (other?.name !== name) return `input ${index + 1} was ${name} and is ${other?.name}`;
    if (file === undefined || other.file === undefined) continue;
    if (file.size !== other.file.size) return `${name} had ${file.size} bytes and has ${other.file.size}`;
    if (!isSameTime(file.modifiedNs, other.file.modifiedNs)) return `${name} was written to`;
  }
  return undefined;
}

/** In what units file systems and archives keep times, in nanoseconds: none, 100 ns, µs, ms, 1 s, 2 s. */
const TIME_UNITS_NS = [1n, 100n, 1_000n, 1_000_000n, 1_000_000_000n, 2_000_000_000n];

/** Whether two times are one, of which a copy may have lost the end. */
function isSameTime(one: string, other: string): boolean {
  const [earlier = 0n, later = 0n] = [BigInt(one), BigInt(other)].toSorted((a, b) => (a < b ? -1 : 1));
  return TIME_UNITS_NS.some((unit) => later - (((later % unit) + unit) % unit) === earlier);
}

/** Which input another file has taken the place of, while it was read. */
function movedInput(before: readonly InputIdentity[], now: readonly InputIdentity[]): string | undefined {
  const at = before.findIndex(({ file }, index) => {
    const other = now[index]?.file;
    return file !== undefined && other !== undefined && (file.device !== other.device || file.inode !== other.inode);
  });
  return at < 0 ? undefined : `${before[at]?.name} is another file now`;
}

/** An input as it is now. A server that does not answer is waited for elsewhere than on the main thread. */
async function inputIdentity(name: string): Promise<InputIdentity> {
  const path = inputPath(name);
  if (path === undefined) return { name: withoutSecrets(name), file: undefined };
  try {
    const found = await statElsewhere(placed(path));
    if (!found.isFile()) return { name, file: undefined };
    const { dev, ino, size, mtimeNs } = found;
    return {
      name,
      file: { device: String(dev), inode: String(ino), size: String(size), modifiedNs: String(mtimeNs) },
    };
  } catch (error) {
    const [reason, hint] = readFailure(error, name);
    throw new RowmillError("input", `cannot read ${name}: ${reason}`, { hint, cause: error });
  }
}

/** Without `node:fs/promises`, which takes a millisecond to load. */
function statElsewhere(path: string): Promise<BigIntStats> {
  return new Promise((resolve, reject) => {
    stat(path, { bigint: true }, (error, found) => (error === null ? resolve(found) : reject(error)));
  });
}

function firstChanged(before: Record<string, unknown>, now: Record<string, unknown>): string | undefined {
  return Object.keys({ ...before, ...now }).find((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]));
}
