// The SIMD kernel, in AssemblyScript: the loops over bytes that every run spends its time in. `bun run build`
// compiles it to kernel.wasm, which the parent (boundary scan) and each worker (index of a block) instantiate.
//
// All functions work on the exported memory and keep no state between calls, but for the table of texts (csv-intern.ts):
// what a scan found is left in the result words at address 0 (see masks.ts), so that the same call on the same bytes gives
// the same answer.
// Blocks of 64 bytes are turned into one 64-bit mask a character; a prefix XOR of the quote mask tells inside from
// outside (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019, section 3.1.1).

export { countBytes } from "./csv-count";
export { isRectangular } from "./csv-fields";
export { gatherText } from "./csv-gather";
export { indexCsv } from "./csv-index";
export { hashFields, weaveJoined } from "./csv-join";
export { clearTexts, internFields } from "./csv-intern";
export { digestFields, digestTexts } from "./digest";
export { countGroups, foldDecimals, groupsOfIds } from "./group-rows";
export { copyObjects } from "./json-copy";
export { gatherObjectIds } from "./json-ids";
export { gatherObjectDecimals } from "./json-decimals";
export { indexJsonl, jsonScratchBytes } from "./json-index";
export { markOddObjects, weaveLinesToFields, weaveLinesToObjects } from "./json-weave";
export { gatherDecimals, gatherNumbers } from "./csv-numbers";
export { weaveObjects } from "./object-weave";
export { mergeRows, playRun } from "./merge-rows";
export { scanCsv } from "./csv-scan";
export { lineUpJson, scanJson, scanValues } from "./json-scan";
export { scanLines } from "./lines-scan";
export { enterAll, hashColumn, lookAtValues, tellApart, undoubleFields } from "./survey";
export { noteHashes, placesAbove, spread, summarize } from "./survey-figures";
export { countPiles, fillPiles, findEqual } from "./survey-keys";
export { weave } from "./csv-weave";
