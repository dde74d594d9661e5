/** Where zod is in the package, in place of src/code/zod-place.ts: in the file itself, made when it is wanted. */
export type ZodPart = "zod" | "zod-mini" | "zod-core";

const PARTS: Readonly<Record<ZodPart, () => Promise<Record<string, unknown>>>> = {
  zod: () => import("../zod.ts"),
  "zod-mini": () => import("../zod-mini.ts"),
  "zod-core": () => import("../zod-core.ts"),
};

export function zodImporter(part: ZodPart): () => Promise<Record<string, unknown>> {
  return PARTS[part];
}
