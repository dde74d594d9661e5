/** Rowmill's own zod: for transforms whose folder has none, and for what Rowmill does with schemas itself. */
import { type ZodPart, zodImporter } from "./zod-place.ts";

/** Which part each import name of zod stands for. */
export const ZOD_NAMES: Readonly<Record<string, ZodPart>> = {
  zod: "zod",
  "zod/v4": "zod",
  "zod/mini": "zod-mini",
  "zod/v4/mini": "zod-mini",
  "zod/v4-mini": "zod-mini",
  "zod/v4/core": "zod-core",
};

const importZod = zodImporter("zod");

/** Rowmill's own zod, for Rowmill's own code. */
export async function loadZod(): Promise<typeof import("zod")> {
  return (await importZod()) as unknown as typeof import("zod");
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
        const load = zodImporter(part);
        build.module(specifier, async () => ({ exports: await load(), loader: "object" }));
      }
    },
  });
}
