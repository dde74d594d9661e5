/**
 * The ways that rows can take through a worker. Each has a name: plans are told in them, blocks are counted by them, and
 * a test can ask for one.
 */

/** All of them: a kind of way, and how it reads or writes. Results of batches count blocks in this order. */
export const WAYS = [
  "woven-numbers",
  "woven-texts",
  "woven-objects",
  "woven-joined",
  "copied",
  "groups",
  "steps-interned",
  "steps-numbers",
  "steps-texts",
  "steps-objects",
  "rows-block",
  "rows",
  "rows-async",
  "rows-folded",
  "batch",
] as const;

/** One way of a block. */
export type Way = (typeof WAYS)[number];

/** A kind of way: what a plan decides. How a block is read then, its own bytes say. */
export type WayKind = "woven" | "copied" | "groups" | "steps" | "rows" | "batch";

/** What the kinds are called. */
export const WAY_NAMES: Readonly<Record<WayKind, string>> = {
  woven: "woven",
  copied: "copied",
  groups: "straight into groups",
  steps: "step by step",
  rows: "row by row",
  batch: "batch by batch",
};

/** Blocks counted by way, in the order of {@linkcode WAYS}. */
export type BlocksByWay = number[];

export function noBlocks(): BlocksByWay {
  return WAYS.map(() => 0);
}

/** Counts one block. */
export function countBlock(blocks: BlocksByWay, way: Way): void {
  const at = WAYS.indexOf(way);
  blocks[at] = (blocks[at] ?? 0) + 1;
}

/** Adds the blocks of a batch to those of a run. */
export function addBlocks(all: BlocksByWay, blocks: BlocksByWay): void {
  for (const [at, count] of blocks.entries()) all[at] = (all[at] ?? 0) + count;
}

/** The ways that blocks took, by name. */
export function blocksByName(blocks: BlocksByWay): Partial<Record<Way, number>> {
  return Object.fromEntries(WAYS.map((way, at) => [way, blocks[at] ?? 0] as const).filter(([, count]) => count > 0));
}

export function kindOf(way: Way): WayKind {
  return way.replace(/-.*/, "") as WayKind;
}

/** The ways that a name stands for: one, or all of a kind. */
export function waysNamed(name: string): Way[] {
  return WAYS.filter((way) => way === name || way.startsWith(`${name}-`));
}

/** Whether a way may be taken where a test asks for one by name. */
export function isAsked(asked: string | undefined, way: Way): boolean {
  return asked === undefined || waysNamed(asked).includes(way);
}

/** Either what a way needs, or what stands in its way. */
export type Fit<T> = { fits: T } | Unfit;

/** Why a way cannot be taken: an option or a piece of code, in words. */
interface Unfit {
  because: string;
}

export function fitOf<T>(fit: Fit<T>): T | undefined {
  return "fits" in fit ? fit.fits : undefined;
}
