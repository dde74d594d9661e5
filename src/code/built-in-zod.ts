/** Rowmill's own zod: for transforms whose folder has none, and for what Rowmill does with schemas itself. */

/** The parts of zod that are built in, by their bundle entries, each with the name by which its package has it. */
const PARTS = { zod: "zod", "zod-mini": "zod/mini", "zod-core": "zod/v4/core" } as const;
type ZodPart = keyof typeof PARTS;

/** Which part each import name of zod stands for. */
export const ZOD_NAMES: Readonly<Record<string, ZodPart>> = {
  zod: "zod",
  "zod/v4": "zod",
  "zod/mini": "zod-mini",
  "zod/v4/mini": "zod-mini",
  "zod/v4-mini": "zod-mini",
  "zod/v4/core": "zod-core",
};

const isSource: boolean = import.meta.url.endsWith("/built-in-zod.ts");

/**
 * Where a part is. In the executable an entry of its own, so that only transforms that import it pay for it; elsewhere the
 * file of the package, since by its name it would be looked for here again, for ever, once it is served from here.
 */
function placeOf(part: ZodPart): string {
  return isSource ? Bun.resolveSync(PARTS[part], import.meta.dir) : new URL(`./${part}.ts`, import.meta.url).href;
}

const ZOD: string = placeOf("zod");

/** Rowmill's own zod, for Rowmill's own code. */
export async function loadZod(): Promise<typeof import("zod")> {
  return (await import(ZOD)) as typeof import("zod");
}

let isServed = false;

/** From now on `import "zod"` in this worker gives Rowmill's own. */
export function serveZod(): void {
  if (isServed) return;
  isServed = true;
  Bun.plugin({
    name: "rowmill:zod",
    setup(build) {
      for (const [specifier, part] of Object.entries(ZOD_NAMES)) {
        const place = placeOf(part);
        build.module(specifier, async () => ({ exports: await import(place), loader: "object" }));
      }
    },
  });
}
