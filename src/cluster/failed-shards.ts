/**
 * Notes of shards that a process could not do (`failed/`): whoever waits for them learns that it may be in vain, and why.
 * Nothing else depends on them. A shard that is done has none.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { type ErrorCode, type RowmillError, shownPlace } from "../errors.ts";
import type { Work } from "./work.ts";

export interface FailedShard {
  code: ErrorCode;
  message: string;
  host: string;
  when: string;
  /** It will fail again, however often it is tried. */
  isForEver: boolean;
}

/** Errors that come again however often it is tried. */
const FOR_EVER: ReadonlySet<string> = new Set([
  "usage",
  "transform",
  "transform-changed",
  "work-changed",
  "too-many-errors",
  "processor",
]);

export function isForEver({ code }: RowmillError): boolean {
  return FOR_EVER.has(code) || code.startsWith("row-");
}

/** Notes that a shard has failed, as well as that can be done. */
export function noteFailure(work: Work, shard: number, error: RowmillError): void {
  const { code, place } = error;
  const message = place === undefined ? error.message : `${shownPlace(place)}: ${error.message}`;
  const note = { code, message, host: hostname(), when: new Date().toISOString(), isForEver: isForEver(error) };
  try {
    const path = work.failurePath(shard);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify(note satisfies FailedShard)}\n`);
  } catch {
    // The disk may be full: then nobody knows more than without a note.
  }
}

/** It is done: what was in its way is over. */
export function forgetFailure(work: Work, shard: number): void {
  try {
    rmSync(work.failurePath(shard), { force: true });
  } catch {
    // Of a shard that is done nobody reads it.
  }
}

/** Why a shard failed last; undefined where it did not, or its note is being written. */
export function failureOf(work: Work, shard: number): FailedShard | undefined {
  try {
    return JSON.parse(readFileSync(work.failurePath(shard), "utf8")) as FailedShard;
  } catch {
    return undefined;
  }
}

/** The first shard of some that failed, with the reason, for people. */
export function describeFailure(work: Work, shards: readonly number[]): string | undefined {
  for (const shard of shards) {
    const failure = failureOf(work, shard);
    if (failure !== undefined) return `shard ${shard} failed on ${failure.host}: ${failure.message}`;
  }
  return undefined;
}
