/**
 * What transforms may import of Rowmill itself: the module `rowmill`, where their folder has no package of that name, and
 * files of rows (`import cities from './cities.csv'`).
 */

/** Files whose rows are what an import of them gives. */
export const ROW_FILES: RegExp = /\.(?:csv|tsv|jsonl|ndjson)$/i;

/**
 * The global symbol under which a worker keeps the loader of the module, so that the transform's part of a program
 * finds it too.
 */
const HOOK = "rowmill:library";

/** What the module exports. */
type Library = Record<string, unknown> & { readRows: (path: string) => unknown };
const NAMES = ["parse", "stringify", "readRows", "window"];

/** Sets how the module is loaded. Called by the entry of the worker, which may import all parts. */
export function provideRowmill(load: () => Promise<Library>): void {
  Reflect.set(globalThis, Symbol.for(HOOK), load);
}

/** The module `rowmill` as a program of one transform has it, in JavaScript. */
export const LINKED_ROWMILL: string = `const { ${NAMES.join(", ")} } = await globalThis[Symbol.for("${HOOK}")]();
export { ${NAMES.join(", ")} };`;

async function library(): Promise<Library> {
  const load = Reflect.get(globalThis, Symbol.for(HOOK)) as () => Promise<Library>;
  return await load();
}

let isServed = false;
let isModuleServed = false;

/** From now on, imports of files in this worker give their rows, and `import "rowmill"` Rowmill's own module. */
export function serveRowmill({ hasOwn }: { hasOwn: boolean }): void {
  if (!isServed) {
    isServed = true;
    Bun.plugin({
      name: "rowmill:rows",
      setup(build) {
        build.onLoad({ filter: ROW_FILES }, async ({ path }) => {
          const { readRows } = await library();
          return { exports: { default: readRows(path) }, loader: "object" };
        });
      },
    });
  }
  if (hasOwn || isModuleServed) return;
  isModuleServed = true;
  Bun.plugin({
    name: "rowmill:library",
    setup(build) {
      build.module("rowmill", async () => ({ exports: await library(), loader: "object" }));
    },
  });
}
