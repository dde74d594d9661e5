/**
 * What the tsconfig.json of a transform says of its code: decorators of the old kind, what they tell of types, JSX. Of
 * that file the runtime, when it is part of an executable, heeds `paths` alone (Bun 1.4.5), so modules for which more
 * counts are compiled by its bundler, one by one, which is what `rowmill compile` does with all of them.
 */
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { nearestAbove } from "../io/nearest-above.ts";

const MODULES = /\.(?:[cm]?tsx?|jsx)$/;
const JSX = /\.[tj]sx$/;
/** Options that count; an `extends` may bring any. */
const COUNTING = /"(?:experimentalDecorators|emitDecoratorMetadata|jsx\w*|extends)"/;
const PACKAGES = /[\\/]node_modules[\\/]/;

/** From now on modules of this worker are compiled as the tsconfig.json above each of them has it. */
export function heedTsconfig(transform: string): void {
  const config = configOf(transform);
  if (config === undefined || !COUNTING.test(textOf(config))) return;
  Bun.plugin({
    name: "rowmill:tsconfig",
    setup(build) {
      build.onLoad({ filter: MODULES }, ({ path }) => {
        const text = textOf(path);
        const own = JSX.test(path) || hasDecorator(text) ? configOf(path) : undefined;
        return own === undefined ? { contents: text, loader: loaderOf(path) } : compiled(path, own);
      });
    },
  });
}

function hasDecorator(text: string): boolean {
  return /(?:^|[\s;{}(,])@[\p{ID_Start}$_(]/mu.test(text);
}

/** The tsconfig.json of a module, if it is no package's. */
function configOf(path: string): string | undefined {
  return PACKAGES.test(path) ? undefined : nearestAbove(dirname(path), "tsconfig.json");
}

function textOf(path: string): string {
  return readFileSync(path, "utf8");
}

function loaderOf(path: string): "ts" | "tsx" | "jsx" {
  return path.endsWith(".tsx") ? "tsx" : path.endsWith(".jsx") ? "jsx" : "ts";
}

/** One module in JavaScript; what it imports is left to the runtime. Stacks show the lines of its own text. */
async function compiled(path: string, tsconfig: string): Promise<{ contents: string; loader: "js" }> {
  const { outputs } = await Bun.build({
    entrypoints: [path],
    tsconfig,
    target: "bun",
    external: ["*"],
    sourcemap: "external",
  });
  const [code = "", map = "{}"] = await Promise.all(outputs.map((output) => output.text()));
  // The bundler names the source as seen from the current folder.
  const own = JSON.stringify({ ...JSON.parse(map), sources: [basename(path)] });
  const url = `data:application/json;base64,${Buffer.from(own).toString("base64")}`;
  return { contents: `${code}\n//# sourceMappingURL=${url}\n`, loader: "js" };
}
