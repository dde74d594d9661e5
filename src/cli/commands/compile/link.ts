/**
 * Makes a program of a transform, out of this executable alone: its own bundle entries lie inside it as text, and the
 * runtime that it holds has the bundler. They are written to a folder beside an entry that names the transform, and
 * compiled as Rowmill itself is.
 */
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { RowmillError, messageOf } from "../../../errors.ts";
import { readRows } from "../../../pipeline/read-rows.ts";
import { LINKED_ROWMILL, ROW_FILES } from "../../../code/built-in-rowmill.ts";
import { ZOD_NAMES } from "../../../code/built-in-zod.ts";
import { LINKED_FOLDER, LINKED_RECORD, LINKED_ZOD, OWN_PARTS_FOLDER } from "../../../code/linked.ts";
import { compileFailure, hasPackage } from "../../../transform/load.ts";
import { mayTypeRows, recordTypeReader } from "../../../fields/record-type/load-reader.ts";
import { inWorkFolder } from "../../../io/work-folder.ts";
import { copyUnfinished, finishExecutable } from "./finish.ts";
import { type OwnFiles, ownFiles } from "./own-files.ts";
import { TARGETS, type Target } from "./targets.ts";

/** The bundle entries that a program needs beside its transform. */
const ENTRIES = ["standalone.js", "command-line.js", "worker.js"];
const IS_ZOD = new RegExp(
  `^(?:${Object.keys(ZOD_NAMES)
    .map((name) => RegExp.escape(name))
    .join("|")})$`,
);
/** The entry that names the transform. */
const TRANSFORM = `${LINKED_FOLDER}/transform.ts`;

export interface LinkOptions {
  /** Real path of the transform. */
  transform: string;
  /** The program is written there: an absolute path. */
  outfile: string;
  target: Target | undefined;
  /** Files that the transform reads by its own path: absolute, in its folder or below. */
  included: readonly string[];
}

/** What somebody who makes a program should know: files that its modules read by their own path, and that it lacks. */
export interface LinkNotes {
  /** Absolute paths of modules, each with what it reads. */
  reads: ReadonlyMap<string, OwnFiles>;
}

/**
 * Writes the program.
 *
 * @throws {RowmillError} `transform`, if it does not compile; `output`, if the runtime of the target cannot be had.
 */
export async function link(options: LinkOptions): Promise<LinkNotes> {
  const { transform, outfile } = options;
  const hasZod = importsZod(transform);
  return await inWorkFolder("rowmill-compile", [dirname(outfile)], async (folder) => {
    const parts = join(folder, OWN_PARTS_FOLDER);
    mkdirSync(join(parts, LINKED_FOLDER), { recursive: true });
    writeOwnParts(parts);
    const path = JSON.stringify(transform);
    const entry = [`export * from ${path};`, `export { default } from ${path};`];
    if (hasZod) entry.push(`export * as ${JSON.stringify(LINKED_ZOD)} from "zod";`);
    entry.push(...(await recordEntry(transform)));
    for (const name of copyIncluded(parts, options))
      entry.push(`import ${JSON.stringify(name)} with { type: "file" };`);
    writeFileSync(join(parts, TRANSFORM), entry.join("\n"));
    const back = process.cwd();
    try {
      // A tsconfig.json of the current folder would say what the program's own parts are (Bun 1.4.5 asks it for every entry).
      process.chdir(folder);
      return await build(parts, options);
    } finally {
      process.chdir(back);
    }
  });
}

/** What the source of the transform says of its rows: the program has no parser that could read it. */
async function recordEntry(transform: string): Promise<string[]> {
  if (!mayTypeRows(transform, readFileSync(transform, "utf8"))) return [];
  const { readRecordType } = await recordTypeReader();
  const record = readRecordType(transform);
  if (record === undefined) return [];
  // The files are those of this machine.
  const text = JSON.stringify({ ...record, files: [] });
  return [`const record = ${text};`, `export { record as ${JSON.stringify(LINKED_RECORD)} };`];
}

/** Copies what is to lie beside the transform; gives its names as seen from there. */
function copyIncluded(parts: string, { transform, included }: LinkOptions): string[] {
  return included.map((path) => {
    const name = relative(dirname(transform), path);
    const copy = join(parts, LINKED_FOLDER, name);
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(path, copy);
    return `./${name.replaceAll("\\", "/")}`;
  });
}

/** What a transform has one of. */
const FUNCTIONS = ["default", "batch", "reduce"];

/**
 * Whether the transform imports zod. It is also checked here that it exports a function: the bundler takes a missing
 * default export for undefined, without an error.
 */
function importsZod(transform: string): boolean {
  const text = readFileSync(transform, "utf8");
  let scan: ReturnType<Bun.Transpiler["scan"]>;
  try {
    scan = new Bun.Transpiler({ loader: loaderOf(transform) }).scan(text);
  } catch {
    // What does not compile is said by the bundler, with its place.
    return false;
  }
  const isCommonJs = /\bexports\b/.test(text);
  if (isCommonJs || FUNCTIONS.some((name) => scan.exports.includes(name)))
    return scan.imports.some(({ path }) => IS_ZOD.test(path));
  throw new RowmillError("transform", `${transform}: there is no default export`, {
    hint: "add: export default (row) => ({ ...row })",
  });
}

function loaderOf(path: string): "ts" | "tsx" {
  return path.endsWith("x") ? "tsx" : "ts";
}

/** Writes the parts of this executable that a program is made of. */
function writeOwnParts(folder: string): void {
  const own = import.meta.dir;
  const names = readdirSync(own);
  const kernel = names.find((name) => /^kernel-\w+\.wasm$/.test(name));
  if (kernel === undefined) {
    throw new RowmillError("output", "compile needs the compiled Rowmill, and this one runs from its sources", {
      hint: "bun run build, then dist/rowmill compile",
    });
  }
  writeFileSync(join(folder, kernel), readFileSync(join(own, kernel)));
  // Entries, and the chunks that these share. Zod is taken from here where the transform's folder has none.
  for (const name of names.filter((one) => one.endsWith(".js"))) {
    writeFileSync(join(folder, name), relinked(readFileSync(join(own, name), "utf8"), kernel));
  }
}

/**
 * A piece of the bundle as a source. It imports other pieces from its own folder, and the kernel again, whose place inside
 * the executable it had as a text.
 */
function relinked(text: string, kernel: string): string {
  const body = text
    // Without the mark of a file that was compiled already.
    .replace(/^\/\/ @bun.*\n/, "")
    .replaceAll(/"(?:\/\$bunfs|[A-Z]:\/~BUN)\/root\/(?<name>[\w.-]+\.js)"/g, '"./$<name>"');
  const place = new RegExp(`"[^"]*/${kernel.replaceAll(".", "\\.")}"`, "g");
  if (!place.test(body)) return body;
  const name = "rowmillKernelPath";
  return `import ${name} from ${JSON.stringify(`./${kernel}`)} with { type: "file" };\n${body.replaceAll(place, name)}`;
}

/** The runtime that goes into the program: that of this executable, as the bundler made it. */
function ownRuntime(folder: string): string {
  const path = join(folder, "runtime");
  copyUnfinished(process.execPath, path);
  return path;
}

async function build(folder: string, { transform, outfile, target, included }: LinkOptions): Promise<LinkNotes> {
  const reads = new Map<string, OwnFiles>();
  const result = await Bun.build({
    entrypoints: [...ENTRIES, TRANSFORM].map((name) => join(folder, name)),
    root: folder,
    target: "bun",
    format: "esm",
    // Stacks show the transform as it was written.
    sourcemap: "inline",
    bytecode: true,
    // Files beside the transform are called there as they are here.
    ...(included.length > 0 && { naming: { asset: "[dir]/[name].[ext]" } }),
    plugins: [builtInZod(folder, transform), builtInRowmill(), transformModules(folder, { transform, reads })],
    throw: false,
    compile: {
      outfile,
      ...(target === undefined ? { executablePath: ownRuntime(folder) } : { target: TARGETS[target] }),
      // Nothing beside the data may run.
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  }).catch((error: unknown) => {
    throw notMade(messageOf(error), target, error);
  });
  if (result.success) {
    finishExecutable(outfile);
    return { reads };
  }
  throw compileError(result.logs, { target, folder: dirname(folder) });
}

const MODULES = /\.(?:[cm]?[jt]s|[jt]sx)$/;

/** Takes the transform for TypeScript whatever it is called, and notes what it and its modules read by their own path. */
function transformModules(
  folder: string,
  { transform, reads }: { transform: string; reads: Map<string, OwnFiles> },
): Bun.BunPlugin {
  const named = new RegExp(`^${RegExp.escape(transform)}$`);
  return {
    name: "rowmill:transform",
    setup(bundler) {
      for (const filter of MODULES.test(transform) ? [MODULES] : [named, MODULES]) {
        bundler.onLoad({ filter }, ({ path }) => {
          if (path.startsWith(folder) || /[\\/]node_modules[\\/]/.test(path)) return undefined;
          const contents = readFileSync(path, "utf8");
          reads.set(path, ownFiles(path, contents));
          return MODULES.test(path) ? undefined : { contents, loader: "ts" };
        });
      }
    },
  };
}

/** Packages that the transform's folder has win; the entry beside it means the transform's own zod. */
function builtInZod(folder: string, transform: string): Bun.BunPlugin {
  const entry = join(folder, TRANSFORM);
  return {
    name: "rowmill:zod",
    setup(bundler) {
      bundler.onResolve({ filter: IS_ZOD }, ({ path, importer }) => {
        const from = dirname(importer === entry ? transform : importer);
        if (!hasPackage("zod", from)) return { path: join(folder, `${ZOD_NAMES[path]}.js`) };
        return importer === entry ? { path: Bun.resolveSync(path, from) } : undefined;
      });
    },
  };
}

/** A package that the transform's folder has wins here, too; rows of files go into the program as data. */
function builtInRowmill(): Bun.BunPlugin {
  return {
    name: "rowmill:library",
    setup(bundler) {
      bundler.onResolve({ filter: /^rowmill$/ }, ({ path, importer }) =>
        hasPackage("rowmill", dirname(importer)) ? undefined : { path, namespace: "rowmill" },
      );
      bundler.onLoad({ filter: /^rowmill$/, namespace: "rowmill" }, () => ({ contents: LINKED_ROWMILL, loader: "js" }));
      bundler.onLoad({ filter: ROW_FILES }, ({ path }) => ({ contents: rowsModule(readRows(path)), loader: "js" }));
    },
  };
}

/** A module whose default export is these rows, undefined fields among them. */
function rowsModule(rows: readonly Record<string, unknown>[]): string {
  const plain = rows.map((row) => {
    const entries = Object.entries(row);
    return [Object.fromEntries(entries), entries.flatMap(([name, value]) => (value === undefined ? [name] : []))];
  });
  const missing = "for (const name of missing) row[name] = undefined; return row;";
  return `export default JSON.parse(${JSON.stringify(JSON.stringify(plain))}).map(([row, missing]) => { ${missing} });`;
}

function compileError(
  logs: readonly (BuildMessage | ResolveMessage)[],
  { target, folder }: { target: Target | undefined; folder: string },
): RowmillError {
  const first = logs.find(({ level }) => level === "error");
  const position = first?.position ?? undefined;
  if (first === undefined || position === undefined)
    return notMade(first?.message ?? "the bundler said nothing", target);
  // Files are named as seen from the folder of the build.
  const message = first.message.replaceAll(/"(\.\.\/[^"]*)"/g, (_, path: string) => `"${resolve(folder, path)}"`);
  return compileFailure({ message, position });
}

function notMade(reason: string, target: Target | undefined, cause?: unknown): RowmillError {
  return new RowmillError("output", `cannot make the program: ${reason}`, {
    ...(target !== undefined && { hint: `the runtime for ${target} comes from the npm registry: is there a network?` }),
    cause,
  });
}
