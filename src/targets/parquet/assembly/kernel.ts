// What is done with each field on its way into a Parquet file, in AssemblyScript: rows of CSV are indexed, columns are looked
// at, their fields become values, and these the bytes of pages. `bun run build` compiles it to ../kernel.wasm.
//
// The rows come from workers of ours (see src/formats/parquet/format.ts), and need no proof. A table of fields lists those of
// a column: where each begins, and its length with its kind above it (fields.ts). Functions leave what they return beside
// their result in the result words.

export { allocate, release } from "../../../sources/parquet/assembly/allocate";
export { results } from "../../../sources/parquet/assembly/results";
export { dictionaryOfNumbers, dictionaryOfTexts } from "./dictionary";
export { cutRows, indexFields } from "./index-fields";
export { profileFields } from "./profile";
export { boundsOfDoubles, boundsOfIntegers, boundsOfTexts } from "./bounds";
export { packBits, packLevels, packRuns } from "./runs";
export { compressLz4 } from "./lz4";
export { compressSnappy } from "./snappy";
export { dayValues, decimalValues, doubleValues, integerValues, momentValues, presentFields, timeValues, truthValues } from "./values";
export { layOutFields, layOutPicked, plainBytes, otherThanJson } from "./texts";
