/** Where the reader of row types is. In the package for programs src/package/reader-place.ts stands in place of this file. */

const isSource: boolean = import.meta.url.endsWith("/reader-place.ts");

/** In the executable it is a bundle entry of its own, as zod is: programs made of a transform do not contain it. */
export async function recordTypeReader(): Promise<typeof import("./read-record-type.ts")> {
  const place = new URL(isSource ? "../../record-type.ts" : "./record-type.ts", import.meta.url).href;
  return (await import(place)) as typeof import("./read-record-type.ts");
}
