/**
 * Makes a program of a transform, out of this executable alone: its own bundle entries lie inside it as text, and the
 * runtime that it holds has the bundler. They are written to a folder beside an entry that names the transform, and
 * compiled as Rowmill itself is.
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { RowmillError, messageOf } from "../../../errors.ts";
import { LINKED_ZOD, OWN_PARTS_FOLDER } from "../../../transform/linked.ts";
import { hasPackage } from "../../../transform/load.ts";
import { TARGETS, type Target } from "./targets.ts";

/** The bundle entries that a program needs beside its transform. */
const ENTRIES = ["standalone.js", "command-line.js", "worker.js"];
/** Not an entry: the transform takes it into its own, where its folder has none. */
const ZOD = "zod.js";
const ZOD_NAMES = /^zod(?:\/v4)?$/;
/** The entry that names the transform. */
const TRANSFORM = "transform.ts";

export interface LinkOptions {
  /** Real path of the transform. */
  transform: string;
  /** The program is written there: an absolute path. */
  outfile: string;
  target: Target | undefined;
}

/**
 * Writes the program.
 *
 * @throws {RowmillError} `transform`, if it does not compile; `output`, if the runtime of the target cannot be had.
 */
export async function link({ transform, outfile, target }: LinkOptions): Promise<void> {
  const hasZod = importsZod(transform);
  const back = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "rowmill-compile-"));
  try {
    const parts = join(folder, OWN_PARTS_FOLDER);
    mkdirSync(parts);
    writeOwnParts(parts);
    const path = JSON.stringify(transform);
    const entry = [`export * from ${path};`, `export { default } from ${path};`];
    if (hasZod) entry.push(`export * as ${JSON.stringify(LINKED_ZOD)} from "zod";`);
    writeFileSync(join(parts, TRANSFORM), entry.join("\n"));
    // A tsconfig.json of the current folder would say what the program's own parts are (Bun 1.4.5 asks it for every entry).
    process.chdir(folder);
    await build(parts, { transform, outfile, target });
  } finally {
    process.chdir(back);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a transform has one of. */
const FUNCTIONS = ["default", "batch", "reduce"];

/**
 * Whether the transform imports zod. Its function is asked for here: a default export that is missing is undefined to the
 * bundler, which it may be beside another function.
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
    return scan.imports.some(({ path }) => ZOD_NAMES.test(path));
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
  const kernel = readdirSync(own).find((name) => /^kernel-\w+\.wasm$/.test(name));
  if (kernel === undefined) {
    throw new RowmillError("output", "compile needs the compiled Rowmill, and this one runs from its sources", {
      hint: "bun run build, then dist/rowmill compile",
    });
  }
  writeFileSync(join(folder, kernel), readFileSync(join(own, kernel)));
  for (const name of [...ENTRIES, ZOD]) {
    writeFileSync(join(folder, name), relinked(readFileSync(join(own, name), "utf8"), kernel));
  }
}

/** A bundle entry as a source: it imports the kernel again, whose place inside the executable it had as a text. */
function relinked(text: string, kernel: string): string {
  // The mark of what was compiled already.
  const body = text.replace(/^\/\/ @bun.*\n/, "");
  const place = new RegExp(`"[^"]*/${kernel.replaceAll(".", "\\.")}"`, "g");
  if (!place.test(body)) return body;
  const name = "rowmillKernelPath";
  return `import ${name} from ${JSON.stringify(`./${kernel}`)} with { type: "file" };\n${body.replaceAll(place, name)}`;
}

async function build(folder: string, { transform, outfile, target }: LinkOptions): Promise<void> {
  const result = await Bun.build({
    entrypoints: [...ENTRIES, TRANSFORM].map((name) => join(folder, name)),
    root: folder,
    target: "bun",
    format: "esm",
    // Stacks show the transform as it was written.
    sourcemap: "inline",
    bytecode: true,
    plugins: [builtInZod(folder, transform)],
    throw: false,
    compile: {
      outfile,
      ...(target !== undefined && { target: TARGETS[target] }),
      // Nothing beside the data may run.
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  }).catch((error: unknown) => {
    throw notMade(messageOf(error), target, error);
  });
  if (result.success) return;
  throw compileError(result.logs, target);
}

/** Packages that the transform's folder has win; the entry beside it means the transform's own zod. */
function builtInZod(folder: string, transform: string): Bun.BunPlugin {
  const entry = join(folder, TRANSFORM);
  return {
    name: "rowmill:zod",
    setup(bundler) {
      bundler.onResolve({ filter: ZOD_NAMES }, ({ path, importer }) => {
        const from = dirname(importer === entry ? transform : importer);
        if (!hasPackage("zod", from)) return { path: join(folder, ZOD) };
        return importer === entry ? { path: Bun.resolveSync(path, from) } : undefined;
      });
    },
  };
}

function compileError(logs: readonly (BuildMessage | ResolveMessage)[], target: Target | undefined): RowmillError {
  const first = logs.find(({ level }) => level === "error");
  const position = first?.position ?? undefined;
  if (position === undefined) return notMade(first?.message ?? "the bundler said nothing", target);
  const { file, line, column, lineText } = position;
  return new RowmillError("transform", `cannot compile ${file}:${line}:${column}: ${first?.message ?? ""}`, {
    frames: `${String(line).padStart(4)} | ${lineText}\n     | ${" ".repeat(Math.max(0, column - 1))}^`,
  });
}

function notMade(reason: string, target: Target | undefined, cause?: unknown): RowmillError {
  return new RowmillError("output", `cannot make the program: ${reason}`, {
    ...(target !== undefined && { hint: `the runtime for ${target} comes from the npm registry: is there a network?` }),
    cause,
  });
}
