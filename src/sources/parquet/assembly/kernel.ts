// What is done with each value of a Parquet file, in AssemblyScript: pages are unpacked, and their values become fields of
// CSV. `bun run build` compiles it to ../kernel.wasm, of which each thread that converts has an instance.
//
// Bytes of a page are not trusted: whatever they say, nothing is read or written outside of what the caller names, but for
// up to 16 bytes behind it. The caller allocates so many more.
//
// A field is a pair of addresses, of its first byte and behind its last one; a table of fields is a list of pairs. Null is
// a pair of two zeros. Functions leave what they return beside their result in the result words (results.ts).

export { allocate, release } from "./allocate";
export { assembleRows } from "./assemble";
export { int32Fields, int64Fields } from "./integers";
export { joinStreams, layOutFrontCoded, layOutTexts, sumOfLengths, unpackDeltas } from "./deltas";
export { doubleFields, floatFields, powersOfTen } from "./doubles";
export { uncompressLz4 } from "./lz4";
export { openPacked, openRuns, readIndices, readLevels } from "./runs";
export { pickFields } from "./pick";
export { results } from "./results";
export { uncompressSnappy } from "./snappy";
export { textFields } from "./texts";
