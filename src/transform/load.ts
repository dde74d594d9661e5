/**
 * Loads a transform in a worker: a module from its real folder, with zod built in where the folder has none, or an
 * expression. Only workers load transforms; the parent hears what they export.
 */
import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { RowmillError, messageOf } from "../errors.ts";
import { readFailure } from "../io/files.ts";
import { serveRowmill } from "../code/built-in-rowmill.ts";
import { ZOD_NAMES, loadZod, serveZod } from "../code/built-in-zod.ts";
import { compiledZod, isZod } from "../fields/compiled-zod.ts";
import { userFrames } from "../code/frames.ts";
import { LINKED_RECORD, LINKED_TRANSFORM, LINKED_ZOD, importLinked } from "../code/linked.ts";
import type { RecordAnswer } from "../fields/record-type/shape.ts";
import { singleCall } from "./row-batch.ts";
import { REDUCE_FUNCTIONS, type ReduceFunctions } from "../stages/reduce/reduce-stage.ts";
import { schemaColumns } from "../fields/schema/fields.ts";
import { type StandardSchema, isStandardSchema } from "../fields/standard-schema.ts";
import { toldWindow, windowParts } from "../code/window.ts";
import { heedTsconfig } from "../code/tsconfig.ts";
import type { BatchFunction, LoadedTransform } from "./transform.ts";

/** A transform that is only a function. */
export function transformOf(call: LoadedTransform["call"]): LoadedTransform {
  return {
    call,
    isPassedOn: false,
    batch: undefined,
    reduce: undefined,
    schema: undefined,
    record: undefined,
    output: undefined,
    zod: {},
    columns: undefined,
    window: undefined,
    options: undefined,
    setup: undefined,
    teardown: undefined,
  };
}

/** The output columns that a transform fixes: those of `output`, else `columns`. */
export function fixedColumns(transform: LoadedTransform): string[] | undefined {
  return outputColumns(transform) ?? transform.columns;
}

/** The export by which it does that. */
export function fixingExport(transform: LoadedTransform): "output" | "columns" | undefined {
  if (outputColumns(transform) !== undefined) return "output";
  return transform.columns === undefined ? undefined : "columns";
}

function outputColumns({ output }: LoadedTransform): string[] | undefined {
  return output === undefined ? undefined : schemaColumns(output, "output");
}

/**
 * Imports a transform module and checks its exports.
 *
 * @param path As the user named it.
 * @param at Where it is.
 * @throws {RowmillError} `transform`, when it cannot be read, does not compile, throws at import, or exports something
 * else than it should.
 */
export async function loadModule(path: string, at: string): Promise<LoadedTransform> {
  if (path === LINKED_TRANSFORM) return await loadLinked();
  const real = resolveFile(path, at);
  // Installed packages win.
  const hasZod = hasPackage("zod", dirname(real));
  if (!hasZod) serveZod();
  serveRowmill({ hasOwn: hasPackage("rowmill", dirname(real)) });
  heedTsconfig(real);
  let module: Record<string, unknown>;
  let zod: object | undefined;
  try {
    module = await importFrom(real);
    if (isZod(module["schema"]) || isZod(module["output"]))
      zod = hasZod ? await importFrom(Bun.resolveSync("zod", dirname(real))) : await loadZod();
  } catch (error) {
    throw importError(path, error);
  }
  return checkExports(path, module, { zod });
}

async function loadLinked(): Promise<LoadedTransform> {
  try {
    const module = await importLinked();
    const record = module[LINKED_RECORD] as RecordAnswer | undefined;
    return checkExports("the transform", module, { zod: Object(module[LINKED_ZOD]), record });
  } catch (error) {
    throw error instanceof RowmillError ? error : importError("the transform", error);
  }
}

/**
 * Imports a module as its own folder sees it: imported from here, a tsconfig.json of the current folder could say that
 * its path means another file (Bun 1.4.5 asks it for whatever the executable's own code imports).
 */
async function importFrom(real: string): Promise<Record<string, unknown>> {
  // What has no module does not load it.
  const { constants, runInThisContext } = process.getBuiltinModule("node:vm");
  const importModule = runInThisContext("(path) => import(path)", {
    filename: real,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as (path: string) => Promise<Record<string, unknown>>;
  return await importModule(real);
}

function resolveFile(path: string, at: string): string {
  const cannotRead = (reason: string, hint: string, cause?: unknown): RowmillError =>
    new RowmillError("transform", `cannot read the transform ${path}: ${reason}`, { hint, cause });
  let real: string;
  try {
    real = realpathSync(at);
  } catch (error) {
    throw cannotRead(...readFailure(error, path), error);
  }
  if (statSync(real).isDirectory())
    throw cannotRead("it is a folder", "name the file in it that has the default export");
  if (real.includes("?")) throw cannotRead("its path has a question mark, which no import can name", "rename it");
  return real;
}

/** Whether a package is installed where a folder looks for it. */
export function hasPackage(name: string, folder: string): boolean {
  try {
    // The install cache of a Bun on this machine is no part of the transform's folder.
    return Bun.resolveSync(name, folder).includes("/node_modules/");
  } catch {
    return false;
  }
}

function importError(path: string, error: unknown): RowmillError {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (isBuildMessage(first)) {
    const { message, position } = first;
    return compileFailure({ message, position: { ...position, file: position.file || path } }, error);
  }
  const frames = userFrames(first);
  const missing = missingPackage(first);
  return new RowmillError("transform", `cannot load ${path}: ${missing?.message ?? messageOf(first)}`, {
    ...(missing !== undefined && { hint: missing.hint }),
    ...(frames !== undefined && { frames }),
    cause: error,
  });
}

/** A package that is not there, or a part of zod that is not built in. */
function missingPackage(error: unknown): { message: string; hint: string } | undefined {
  const specifier: unknown = Reflect.get(Object(error), "specifier");
  const isMissing = /^Cannot find (?:package|module)/.test(messageOf(error));
  if (!isMissing || typeof specifier !== "string" || /^[./#]|:/.test(specifier)) return undefined;
  const [name = ""] = /^(?:@[^/]+\/)?[^/]+/.exec(specifier) ?? [];
  const message =
    name === "zod"
      ? `${specifier} is not built in; of zod these are: ${Object.keys(ZOD_NAMES).join(", ")}`
      : messageOf(error);
  return { message, hint: `in the folder of the transform: rowmill add ${name}` };
}

interface BuildMessageLike {
  message: string;
  position: { file: string; line: number; column: number; lineText: string };
}

/** What the compiler objects to, with its place as far as it has one. */
export function compileFailure({ message, position }: BuildMessageLike, cause?: unknown): RowmillError {
  const { file, line, column, lineText } = position;
  // What is wrong with a file as a whole is at line -1.
  if (line < 1) return new RowmillError("transform", `cannot compile ${file}: ${message}`, { cause });
  const marker = `${" ".repeat(Math.max(0, column - 1))}^`;
  return new RowmillError("transform", `cannot compile ${file}:${line}:${Math.max(1, column)}: ${message}`, {
    frames: `${String(line).padStart(4)} | ${lineText}\n     | ${marker}`,
    // `=> { a: 1, b: 2 }`.
    ...(message.startsWith('Expected ";" but found ":"') && {
      hint: "an object that a function gives stands in brackets: (row) => ({ … })",
    }),
    cause,
  });
}

/** Bun's own errors of compiling and resolving carry a position. */
function isBuildMessage(error: unknown): error is BuildMessageLike {
  if (typeof error !== "object" || error === null) return false;
  const position: unknown = Reflect.get(error, "position");
  return typeof position === "object" && position !== null && typeof Reflect.get(position, "line") === "number";
}

/** What is known of a module beside its exports. */
interface BesideModule {
  /** The module of zod that its schemas were made with, where they are of zod. */
  zod: object | undefined;
  /** What its source says of its rows, where that travels with it. */
  record?: RecordAnswer | undefined;
}

function checkExports(
  path: string,
  module: Record<string, unknown>,
  { zod = {}, record }: BesideModule,
): LoadedTransform {
  const wrong: Wrong = (message, hint) => new RowmillError("transform", `${path}: ${message}`, { hint });
  const schemaOf = (name: string): StandardSchema | undefined => {
    const value = module[name];
    if (value === undefined) return undefined;
    if (isStandardSchema(value)) return compiledZod(value, zod);
    throw wrong(`the export ${name} is no schema`, `make it one of zod: export const ${name} = z.object({ … })`);
  };
  const functionOf = (name: string): ((...args: unknown[]) => unknown) | undefined => {
    const value = module[name];
    if (value === undefined) return undefined;
    if (typeof value === "function") return named(path, name, value as (...args: unknown[]) => unknown);
    throw wrong(`the export ${name} is no function`, `export function ${name}() { … }, or remove it`);
  };
  const schema = schemaOf("schema");
  const loaded = {
    ...rowFunctions(module, wrong),
    schema,
    // A schema decides alone.
    record: schema === undefined ? record : undefined,
    output: schemaOf("output"),
    zod,
    columns: checkColumns(module["columns"], wrong),
    options: withTypes(module["options"], module["types"]),
    window: undefined,
    setup: functionOf("setup"),
    teardown: functionOf("teardown"),
  };
  return withWindow(loaded, module["default"], wrong);
}

/** Takes the window of a module out of it: what is told of its options says where it stands among the steps. */
function withWindow(loaded: LoadedTransform, exported: unknown, wrong: Wrong): LoadedTransform {
  const { options, output } = loaded;
  const isObject = typeof options === "object" && options !== null;
  const among: unknown = isObject ? Reflect.get(options, "window") : undefined;
  const ofOptions = windowParts(among);
  if (among !== undefined && ofOptions === undefined) throw wrong("options.window is no window", WINDOW_EXAMPLE);
  const ofDefault = windowParts(exported);
  if (ofDefault !== undefined && ofOptions !== undefined)
    throw wrong("the default export is a window, and there is one among the options", "leave one of them out");
  if (ofOptions !== undefined) {
    const told = toldWindow(ofOptions, { isDefault: false, names: [] });
    return {
      ...loaded,
      // In its place: steps run in the order of the properties.
      options: { ...Object(options), window: told },
      window: { parts: ofOptions, output: undefined, columns: undefined },
    };
  }
  if (ofDefault === undefined) return loaded;
  // What is said of results is said of those of the window.
  const own = { ...loaded, output: undefined, columns: undefined };
  const fixed = fixedColumns(loaded);
  return {
    ...own,
    options: { window: toldWindow(ofDefault, { isDefault: true, names: fixed ?? [] }), ...Object(options) },
    window: { parts: ofDefault, output, columns: fixed },
  };
}

const WINDOW_EXAMPLE = "make it one: window({ size: 7 }, (rows, row) => ({ ...row }))";

/** `export const types` is an option of its own name. */
function withTypes(options: unknown, types: unknown): unknown {
  if (types === undefined) return options;
  return typeof options === "object" && options !== null ? { ...options, types } : { types };
}

type Wrong = (message: string, hint: string) => RowmillError;

/** What a module does with rows: a function of one or of many, a reduce, or one of the two and a reduce. */
function rowFunctions(
  { default: call, batch, reduce }: Record<string, unknown>,
  wrong: Wrong,
): Pick<LoadedTransform, "call" | "isPassedOn" | "batch" | "reduce"> {
  const isWindow = windowParts(call) !== undefined;
  if (call !== undefined && typeof call !== "function" && !isWindow) {
    throw wrong("the default export is no function", "write in its place: export default (row) => ({ ...row })");
  }
  if (batch !== undefined && typeof batch !== "function") {
    throw wrong("the export batch is no function", "write: export const batch = (rows) => rows.map((row) => …)");
  }
  if (call !== undefined && batch !== undefined) {
    throw wrong("there is a default export and a batch", "export the one that is to be called");
  }
  if (call === undefined && batch === undefined && reduce === undefined) {
    throw wrong("there is no default export", "add: export default (row) => ({ ...row })");
  }
  if (isWindow && reduce !== undefined) {
    throw wrong(
      "the default export is a window, and there is a reduce",
      "a window over what finish gives stands among the options: export const options = { window: window(…) }",
    );
  }
  const many = batch as BatchFunction | undefined;
  const own = isWindow ? undefined : (call as LoadedTransform["call"] | undefined);
  return {
    call: own ?? (many === undefined ? (row) => row : singleCall(many)),
    isPassedOn: own === undefined && many === undefined,
    batch: many,
    reduce: checkReduce(reduce, wrong),
  };
}

function checkReduce(value: unknown, wrong: Wrong): ReduceFunctions | undefined {
  if (value === undefined) return undefined;
  const missing = REDUCE_FUNCTIONS.find((name) => typeof Reflect.get(Object(value), name) !== "function");
  if (missing === undefined) return value as ReduceFunctions;
  throw wrong(
    typeof value === "object" && value !== null
      ? `the export reduce has no function ${missing}`
      : "the export reduce is no object",
    "write: export const reduce = { init() { … }, step(acc, row) { … }, merge(a, b) { … }, finish(acc) { … } }",
  );
}

/** A function of the module whose error says which function of which file it was. */
function named(
  path: string,
  name: string,
  call: (...args: unknown[]) => unknown,
): (...args: unknown[]) => Promise<unknown> {
  return async (...args) => {
    try {
      return await call(...args);
    } catch (error) {
      const frames = userFrames(error);
      throw new RowmillError("transform", `${path}: ${name} failed: ${messageOf(error)}`, {
        ...(frames !== undefined && { frames }),
        cause: error,
      });
    }
  };
}

function checkColumns(value: unknown, wrong: Wrong): string[] | undefined {
  if (value === undefined) return undefined;
  const isNames = Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string");
  if (!isNames || new Set(value).size !== value.length) {
    throw wrong("the export columns is no list of different names", 'write: export const columns = ["a", "b"]');
  }
  return value;
}
