/** What figures are made of where they need not be exact. */
import { DistinctCounts } from "./distinct-counts.ts";
import { sketching } from "./number-sketches.ts";
import type { Sketches } from "../group-plan.ts";

export const sketches: Sketches = {
  numbers: sketching,
  distinct: { make: () => new DistinctCounts(), unpack: (packed) => new DistinctCounts(packed) },
};
