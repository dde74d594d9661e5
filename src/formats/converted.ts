/** How formats are read of which a thread makes CSV: see src/sources. */
import type { Reader } from "./format.ts";

/** @param csv How CSV is read. */
export function convertedReader(csv: Reader): Reader {
  return {
    traits: csv.traits,
    isConverted: true,
    dialect: { emptyIsNull: true },
    splitter: (form) => csv.splitter(form),
    decoder: () => csv.decoder(),
    outputFormat: () => "csv",
  };
}
