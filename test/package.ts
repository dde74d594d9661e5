/**
 * `bun run package`: the package for programs, as it is published: `dist/package`, and the tarball beside it. It is JavaScript
 * with declarations: one build for Bun, one for Node. Both contain the packages that they need, so that installing it
 * installs nothing else.
 *
 * The sources are those of the program; what differs is which files stand in place of which (src/package/). The kernels are
 * built first, as `bun run build` does.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { dts } from "rollup-plugin-dts";
import { rollup } from "rollup";
import { licences } from "./release/bundled.ts";

const ROOT = resolve(import.meta.dir, "..");
const SRC = join(ROOT, "src");

/** Which file stands in place of which, in all builds and in each. */
const IN_PLACE: Record<string, string> = {
  "code/zod-place.ts": "package/zod-place.ts",
  "fields/record-type/reader-place.ts": "package/reader-place.ts",
};
const ON_BUN = { ...IN_PLACE, "thread.ts": "package/bun-thread.ts" };
const IN_WORKER = { ...IN_PLACE, "thread.ts": "package/worker-thread.ts" };
const ON_NODE = { ...IN_PLACE, "thread.ts": "package/node-thread.ts" };

/** Modules that load a kernel from a file beside them. */
const KERNELS: Record<string, string> = {
  "formats/kernel/code.ts": "formats/kernel/kernel.wasm",
  "sources/parquet/kernel.ts": "sources/parquet/kernel.wasm",
  "targets/parquet/kernel.ts": "targets/parquet/kernel.wasm",
};
const KERNEL_IMPORT = 'import wasmPath from "./kernel.wasm" with { type: "file" };';

/** Names that stand for files of the package itself: src/package/built.d.ts. */
const FILES: Record<string, string> = {
  "rowmill-built:worker": "./worker.js",
  "rowmill-built:pool-worker": "./pool-worker.js",
};

interface Build {
  entry: string;
  target: "bun" | "node";
  inPlace: Record<string, string>;
  /** What is wanted later is in files of its own. */
  splitting?: boolean;
  /** Text modules by their names. */
  texts?: Record<string, string>;
}

/** The files that an entry is made into: their names, and what is in them. */
async function bundle({ entry, target, inPlace, splitting = false, texts = {} }: Build): Promise<Map<string, string>> {
  const { outputs } = await Bun.build({
    entrypoints: [join(SRC, entry)],
    target,
    format: "esm",
    splitting,
    // Stacks and error messages show lines of these files: they stay lines.
    minify: { syntax: true, whitespace: entry === "worker.ts" },
    // What @datadog/sketches-js would write its sketches to Protobuf with, which is not done here.
    external: ["protobufjs"],
    plugins: [
      {
        name: "package",
        setup(build) {
          build.onResolve({ filter: /^rowmill-built:/ }, ({ path }) =>
            path in texts ? { path, namespace: "text" } : { path, external: true },
          );
          build.onLoad({ filter: /./, namespace: "text" }, ({ path }) => ({
            contents: texts[path] ?? "",
            loader: "text",
          }));
          build.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, importer }) => {
            const place = inPlace[resolve(dirname(importer), path).slice(SRC.length + 1)];
            return place === undefined ? undefined : { path: join(SRC, place) };
          });
          build.onLoad({ filter: /\/(?:code|kernel)\.ts$/ }, ({ path }) => {
            const kernel = KERNELS[path.slice(SRC.length + 1)];
            return kernel === undefined ? undefined : { contents: withKernel(path, kernel), loader: "ts" };
          });
        },
      },
    ],
  });
  const files = await Promise.all(outputs.map(async (output) => [output.path, await output.text()] as const));
  return new Map(files.map(([path, text]) => [path.split("/").at(-1) ?? path, withFiles(text)]));
}

/** A module with its kernel inside. */
function withKernel(path: string, kernel: string): string {
  const text = readFileSync(path, "utf8");
  const bytes = readFileSync(join(SRC, kernel)).toString("base64");
  const loaded = text.replace(KERNEL_IMPORT, "").replace("readFileSync(wasmPath)", `Buffer.from("${bytes}", "base64")`);
  if (loaded.includes("wasmPath"))
    throw new Error(`${path} loads its kernel in some new way: test/package.ts must know it`);
  return loaded;
}

/** A bundle with its imports of files of the package, in the words that other bundlers know as well. */
function withFiles(text: string): string {
  return text.replaceAll(/(["'])(rowmill-built:[\w-]+)\1/g, (_, quote: string, name: string) => {
    const file = FILES[name];
    if (file === undefined) throw new Error(`${name} is no file of the package`);
    return `${quote}${file}${quote} with{type:"file"}`;
  });
}

/** The one output of an entry. */
async function textOf(build: Build): Promise<string> {
  const [text, ...others] = (await bundle(build)).values();
  if (text === undefined || others.length > 0) throw new Error(`${build.entry} is not one file`);
  return text;
}

/**
 * Libraries without `AsyncDisposable` are those of TypeScript before 5.2, and of projects that name an older one. These are
 * the declarations of TypeScript itself: where they are there already, nothing changes.
 */
const GLOBALS = `/// <reference lib="es2022" />
declare global {
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
  interface AsyncDisposable {
    [Symbol.asyncDispose](): PromiseLike<void>;
  }
}
`;

async function declarations(): Promise<string> {
  const build = await rollup({
    input: join(SRC, "index.ts"),
    plugins: [dts({ tsconfig: join(ROOT, "tsconfig.json"), compilerOptions: { noEmit: false } })],
    external: /^node:/,
    onwarn: () => {},
  });
  const { output } = await build.generate({ format: "es" });
  await build.close();
  if (output.length !== 1) throw new Error("the declarations are not one file");
  const inside = output[0].code
    // What formats are inside is in here for their names only: of Node's types nothing is needed.
    .replaceAll(/\bBuffer\b/g, "Uint8Array")
    // Names with # are an error where the target is ES5, as it is by default before TypeScript 6.
    .replaceAll(/^( +)#private;$/gm, "$1private readonly _inside;");
  return `${GLOBALS}${inside}`;
}

/** What is imported first is evaluated first: a Node that is too old hears of that, and of nothing else. */
const NODE_INDEX = `import "./version.js";
export * from "./main.js";
`;

/** Writes the package for programs to a folder. */
export async function writePackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const [bun, worker, poolWorker, nodeWorker, types] = await Promise.all([
    bundle({ entry: "index.ts", target: "bun", inPlace: ON_BUN, splitting: true }),
    textOf({ entry: "worker.ts", target: "bun", inPlace: IN_WORKER }),
    textOf({ entry: "package/pool-worker.ts", target: "bun", inPlace: IN_WORKER }),
    textOf({ entry: "package/node-worker.ts", target: "node", inPlace: ON_NODE }),
    declarations(),
  ]);
  const texts = { "rowmill-built:node-worker": nodeWorker };
  const [node, nodeVersion] = await Promise.all([
    textOf({ entry: "package/node.ts", target: "node", inPlace: ON_NODE, texts }),
    textOf({ entry: "package/node-version.ts", target: "node", inPlace: ON_NODE }),
  ]);
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  for (const [name, text] of bun) write(`lib/bun/${name}`, text);
  write("lib/bun/worker.js", worker);
  write("lib/bun/pool-worker.js", poolWorker);
  write("lib/node/main.js", node);
  write("lib/node/version.js", nodeVersion);
  write("lib/node/index.js", NODE_INDEX);
  write("lib/index.d.ts", types);
  write("package.json", `${JSON.stringify(packageJson(), undefined, 2)}\n`);
  write("THIRD-PARTY-LICENSES.txt", licences(ROOT));
  for (const name of ["LICENSE", "README.md", "CHANGELOG.md"]) cpSync(join(ROOT, name), join(folder, name));
}

interface OwnPackage {
  name: string;
  version: string;
  description: string;
  license: string;
}

/** What the published package says of itself. */
export function packageJson(): object {
  const own = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as OwnPackage;
  const { name, version, description, license } = own;
  return {
    name,
    version,
    description,
    license,
    keywords: ["csv", "jsonl", "parquet", "parallel", "worker", "pool", "multiprocessing", "etl"],
    type: "module",
    // `main` and `types` are for what does not read `exports`.
    main: "./lib/node/index.js",
    types: "./lib/index.d.ts",
    exports: {
      ".": { types: "./lib/index.d.ts", bun: "./lib/bun/index.js", default: "./lib/node/index.js" },
      "./package.json": "./package.json",
    },
    engines: { bun: ">=1.4.5", node: ">=22" },
  };
}

/** Packs a folder; gives the tarball's path. */
export function pack(folder: string, destination: string): string {
  const words = ["pm", "pack", "--ignore-scripts", "--destination", destination];
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, ...words], {
    cwd: folder,
    stdout: "ignore",
    stderr: "pipe",
  });
  if (exitCode !== 0) throw new Error(`cannot pack ${folder}: ${stderr.toString()}`);
  const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as OwnPackage;
  return join(destination, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
}

if (import.meta.main) {
  const folder = resolve(process.argv[2] ?? "dist/package");
  await writePackage(folder);
  console.log(pack(folder, dirname(folder)));
}
