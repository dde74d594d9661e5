/** The declarations that editors get say what the program itself means. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rowmillDeclarations } from "../../src/cli/commands/declarations/text.ts";
import type * as declared from "../../src/cli/commands/declarations/rowmill.ts";
import type * as library from "../../src/index.ts";
import type { Row } from "../../src/formats/format.ts";
import type { ModuleDescription } from "../../src/options/module-options.ts";
import type { RowContext, WorkerContext } from "../../src/code/context.ts";
import type { BatchFunction, LoadedTransform } from "../../src/transform/transform.ts";
import type { ReduceFunctions } from "../../src/stages/reduce/reduce-stage.ts";
import type { StandardSchema } from "../../src/fields/standard-schema.ts";
import { FIELD_TYPES, type FieldType } from "../../src/fields/typed-fields.ts";

/** `true` for types that are assignable to each other, and have the same keys. */
type Equal<A, B> = [A, keyof A] extends [B, keyof B] ? ([B, keyof B] extends [A, keyof A] ? true : false) : false;
/** Rowmill's own business. */
type Hidden = "abort";

// Each line does not compile when the two sides differ.
// Its options come from their table: see below.
const described: Equal<keyof ModuleDescription, keyof declared.TransformOptions> = true;
const fieldType: Equal<FieldType, declared.FieldType> = true;
const rowNames: Equal<Exclude<keyof RowContext, Hidden>, keyof declared.RowContext> = true;
const rowTypes: RowContext extends declared.RowContext ? true : false = true;
const worker: Equal<WorkerContext, declared.WorkerContext> = true;
const exported: Equal<
  Exclude<keyof LoadedTransform, "call" | "isPassedOn" | "record" | "window" | "zod"> | "default",
  keyof declared.TransformModule
> = true;
const lookup: Equal<library.Lookup, declared.Lookup> = true;
const joined: Equal<library.JoinOption, declared.JoinOption> = true;
const lookedUp: Equal<library.LookupOption, declared.LookupOption> = true;
const call: declared.Transform<Row> extends LoadedTransform["call"] ? true : false = true;
const batch: declared.BatchTransform<Row> extends BatchFunction ? true : false = true;
const reduce: keyof ReduceFunctions extends keyof declared.Reduce<unknown> ? true : false = true;
const result: Equal<declared.Result, object | null | undefined> = true;
const parsing: declared.ParseOptions extends library.ParseOptions ? true : false = true;
const parsed: ReturnType<typeof declared.parse> extends Record<string, string>[] ? true : false = true;
const written: declared.StringifyOptions extends library.StringifyOptions ? true : false = true;
const writes: ReturnType<typeof declared.stringify> extends ReturnType<typeof library.stringify> ? true : false = true;
const reading: Equal<library.ReadRowsOptions, declared.ReadRowsOptions> = true;
const reads: Equal<typeof library.readRows, typeof declared.readRows> = true;
const rowWindow: Equal<library.RowWindow, declared.RowWindow> = true;
const windowing: Equal<library.WindowOptions<Row>, declared.WindowOptions<Row>> = true;
const windows: typeof library.window extends typeof declared.window ? true : false = true;
const schema: StandardSchema extends declared.Schema ? true : false = true;

test("the declared types are those of the program", () => {
  const same = [described, fieldType, rowNames, rowTypes, worker, exported, call, batch, reduce, result, schema];
  expect([rowWindow, windowing, windows]).not.toContain(false);
  expect([lookup, joined, lookedUp]).not.toContain(false);
  expect([...same, parsing, parsed, written, writes, reading, reads]).not.toContain(false);
  expect(FIELD_TYPES).toContain("int");
});

const folder = mkdtempSync(join(tmpdir(), "rowmill-declarations-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the options that are declared are those that a module may set, with their types", () => {
  const checkout = resolve(import.meta.dir, "../..");
  writeFileSync(join(folder, "rowmill.d.ts"), rowmillDeclarations());
  writeFileSync(
    join(folder, "same.ts"),
    `import type { TransformOptions } from "rowmill";
import type { TuningOptions } from "${checkout}/src/options/run-options.ts";
type Same<A, B> = [A, keyof A] extends [B, keyof B] ? ([B, keyof B] extends [A, keyof A] ? true : false) : false;
type Declared = Omit<TransformOptions, "name" | "description" | "version">;
export const all: Same<TuningOptions, Declared> = true;
export const jobs: Declared["jobs"] = 2;
// @ts-expect-error what is not in the table is not declared
export const nope: Declared["nope"] = 2;
`,
  );
  const types = [join(checkout, "node_modules/bun-types")];
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(checkout, "tsconfig.json"),
      compilerOptions: { types },
      include: [],
      files: ["rowmill.d.ts", "same.ts"],
    }),
  );
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, "check"], { cwd: folder });
  expect({ exitCode, said: exitCode === 0 ? "" : stdout.toString() + stderr.toString() }).toEqual({
    exitCode: 0,
    said: "",
  });
});
