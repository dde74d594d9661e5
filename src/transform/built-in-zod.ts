/** Rowmill's own zod: for transforms whose folder has none, and for what Rowmill does with schemas itself. */

/**
 * Rowmill's own zod. In the executable an entry of its own, so that only transforms that import it pay for it; elsewhere
 * the file of the package, since by its name it would be looked for here again, for ever, once it is served from here.
 */
const ZOD = import.meta.url.endsWith("/transform/built-in-zod.ts")
  ? Bun.resolveSync("zod", import.meta.dir)
  : new URL("./zod.ts", import.meta.url).href;

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
      for (const specifier of ["zod", "zod/v4"]) {
        build.module(specifier, async () => ({ exports: await import(ZOD), loader: "object" }));
      }
    },
  });
}
