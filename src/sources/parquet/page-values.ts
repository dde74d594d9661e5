/** What is in a page beside its levels: values, or numbers of those of a dictionary. */
import type { Leaf } from "./columns.ts";
import { Damage } from "./damage.ts";
import type { Kernel, Range } from "./kernel.ts";
import type { Page } from "./pages.ts";
import type { PlainLayout } from "./plain-layout.ts";

/** What a reading of runs takes of the memory. */
export const RUNS_BYTES = 32;

/** How many bits a level takes. */
export function levelBits(highest: number): number {
  return 32 - Math.clz32(highest);
}

export type PageValues =
  /** Numbers in runs, of a dictionary, or 0 and 1 of booleans. */
  | { by: "numbers" }
  /** They lie there in their plain form. */
  | { by: "plain"; data: Range };

/**
 * Opens the values of a page.
 *
 * @param runs Where numbers are read by.
 * @param countPresent How many values there are, without nulls; asked where that must be known.
 * @throws {Damage}
 */
export function openValues(
  kernel: Kernel,
  {
    page,
    leaf,
    runs,
    layout,
    countPresent,
  }: {
    page: Page;
    leaf: Leaf;
    runs: number;
    layout: PlainLayout;
    countPresent: () => number;
  },
): PageValues {
  const { encoding, data } = page;
  const { from, to } = data;
  if (encoding === "PLAIN_DICTIONARY" || encoding === "RLE_DICTIONARY") {
    const width = from < to ? (kernel.bytes[from] ?? 0) : 0;
    if (width > 32) throw new Damage("the numbers in a page are too long");
    kernel.openRuns(runs, { from: Math.min(from + 1, to), to }, width);
    return { by: "numbers" };
  }
  if (leaf.type === "BOOLEAN") {
    if (encoding === "PLAIN") kernel.openPacked(runs, data);
    // How long they are stands before them.
    else if (encoding === "RLE" && to - from >= 4) kernel.openRuns(runs, { from: from + 4, to }, 1);
    else throw new Damage(`it is encoded by ${encoding}, which is not read`);
    return { by: "numbers" };
  }
  if (encoding === "PLAIN") return { by: "plain", data };
  return { by: "plain", data: layout.take(encoding, data, countPresent()) };
}
