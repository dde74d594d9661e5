/** Where Rowmill's own zod is. In the package for programs src/package/zod-place.ts stands in place of this file. */

/** The parts of zod that are built in, by their bundle entries, each with the name by which its package has it. */
const PARTS = { zod: "zod", "zod-mini": "zod/mini", "zod-core": "zod/v4/core" } as const;
export type ZodPart = keyof typeof PARTS;

const isSource: boolean = import.meta.url.endsWith("/zod-place.ts");

/**
 * What loads a part. In the executable it is an entry of its own, so that only transforms that import it pay for it;
 * elsewhere the file of the package, since by its name it would be looked for here again, for ever, once it is served from
 * here.
 */
export function zodImporter(part: ZodPart): () => Promise<Record<string, unknown>> {
  const place = isSource
    ? Bun.resolveSync(PARTS[part], import.meta.dir)
    : new URL(`./${part}.ts`, import.meta.url).href;
  return async () => (await import(place)) as Record<string, unknown>;
}
