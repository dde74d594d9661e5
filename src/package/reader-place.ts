/** Where the reader of row types is in the package, in place of src/fields/record-type/reader-place.ts: in the file itself. */
export function recordTypeReader(): Promise<typeof import("../record-type.ts")> {
  return import("../record-type.ts");
}
