/** What the source of a transform says of its rows, held against a table. */
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mayTypeRows } from "../../../src/fields/record-type/load-reader.ts";
import { readRecordType } from "../../../src/fields/record-type/read-record-type.ts";
import { fieldShape, shownShape } from "../../../src/fields/record-type/shape.ts";

const folder = mkdtempSync(join(tmpdir(), "record-type-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Files beside the transform. */
const OTHERS = {
  "people.ts": `export interface Person { name: string; born: number }
    export type { Place as City } from "./places.ts";
    export * from "./things";
    interface Hidden { secret: string }
    export default interface Main { main: string }
    export const step = (sum: number, row: Person) => sum + row.born;
    export const personAge = ({ born }: Person) => ({ age: 2017 - born });
    export type Page<Item> = { items: Item[] };`,
  "places.ts": `export type Place = { city: string; at: [number, number] };`,
  "things.d.ts": `export interface Thing { weight: number }`,
  "plain.js": `export const plain = 1;`,
  "described.js": `export const one = 1;`,
  "described.d.ts": `export interface Described { one: 1 }`,
  "node_modules/typed/package.json": `{ "name": "typed", "main": "main.js", "types": "types.d.ts" }`,
  "node_modules/typed/main.js": `module.exports = {};`,
  "node_modules/typed/types.d.ts": `export interface Row { a: string }`,
  "node_modules/untyped/package.json": `{ "name": "untyped", "main": "main.js" }`,
  "node_modules/untyped/main.js": `module.exports = {};`,
};
for (const [name, text] of Object.entries(OTHERS)) {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** The answer in one line: its fields, or why it is none. */
function answerOf(source: string): string {
  const path = join(folder, "t.ts");
  writeFileSync(path, source);
  const answer = mayTypeRows(path, source) ? readRecordType(path) : undefined;
  if (answer === undefined) return "nothing";
  if (answer.kind === "unused") return `not used: it ${answer.why}`;
  return answer.type.fields.map((field) => `${field.name}: ${shownShape(fieldShape(field))}`).join("; ");
}

/** Annotations of `(row: …)`, and the fields that they give. */
const ANNOTATIONS: readonly [annotation: string, fields: string][] = [
  ["{ name: string; born: number }", "name: string; born: number"],
  ["{ a: string, b: boolean, }", "a: string; b: boolean"],
  ["{ a?: number }", "a: number | undefined"],
  ["{ a: number | null }", "a: number | null"],
  ["{ a?: number | null }", "a: number | null | undefined"],
  ["{ a: number | undefined }", "a: number | undefined"],
  ["{ a: void }", "a: undefined"],
  ["{ a: bigint; b: Date }", "a: bigint; b: Date"],
  ["{ a: any; b: unknown; c }", "a: unknown; b: unknown; c: unknown"],
  ["{ a: string | any }", "a: unknown"],
  [`{ a: "x" | "y" }`, 'a: "x" | "y"'],
  ["{ a: 1 | -2 | 0.5 | 3n | -4n | true }", "a: 1 | -2 | 0.5 | 3n | -4n | true"],
  ["{ a: `x` | 'y' }", 'a: "x" | "y"'],
  ["{ readonly a: string }", "a: string"],
  [`{ "b c": string; 3: number; ["d"]: string }`, "b c: string; 3: number; d: string"],
  [
    "{ a: string[]; b: readonly number[]; c: Array<boolean>; d: ReadonlyArray<string | null> }",
    "a: string[]; b: number[]; c: boolean[]; d: (string | null)[]",
  ],
  ["{ a: [string, number?, ...boolean[]] }", "a: [string, number?, ...boolean[]]"],
  ["{ a: [x: string, y?: number] }", "a: [string, number?]"],
  ["{ a: { b: { c: number }[] } }", "a: { b: { c: number }[] }"],
  ["{ a: (string) | (number) }", "a: string | number"],
  ["{ a: object }", "a: object"],
  ["{ a: Record<string, number> }", "a: { [key: string]: number }"],
  [`{ a: Record<"x" | "y", number> }`, "a: { x: number; y: number }"],
  ["{ a: string; [other: string]: string }", "a: string"],
  ["{ a: number; [other: string]: unknown }", "a: number"],
  ["{ a: number; [other: string]: number }", "not used: it says what columns are that it does not name"],
  ["{ a: string } & { b: number }", "a: string; b: number"],
  ["{ a: string } & { a: number }", "not used: it joins two types of a with &"],
  ["{ a: string } & string", "not used: it joins types with & that are no objects"],
  [`Record<"x" | "y", number>`, "x: number; y: number"],
  ["Record<string, string>", "not used: it names no columns"],
  ["Record<string, number>", "not used: it names no columns"],
  ["any", "not used: it names no columns"],
  ["unknown", "not used: it names no columns"],
  ["object", "not used: it names no columns"],
  ["{}", "not used: it names no columns"],
  ["string", "not used: it is no object with fields"],
  ["{ a: string }[]", "not used: it is no object with fields"],
  ["{ a: string } | { b: string }", "not used: it is a union, and not one kind of rows"],
  ["{ a: `x${string}` }", "not used: it has a template of texts"],
  ["{ a(): string }", "not used: it has a function, which no field is"],
  ["{ a: () => string }", "not used: it has a function, which no field is"],
  ["{ a: never }", "not used: it has never"],
  ["{ a: symbol }", "not used: it has a symbol, which no field is"],
  ["{ [K in 'a' | 'b']: number }", "not used: it has a mapped type"],
  ["{ a: typeof folder }", "not used: it has typeof, the type of a value"],
  ["{ a: Map<string, number> }", "not used: it has Map, which this file neither declares nor imports"],
  ["{ __proto__: string }", "not used: it has a field called __proto__"],
  ["{ a: string extends 'x' ? 1 : 2 }", "not used: it has a conditional type"],
];

test.each(ANNOTATIONS)("(row: %s)", (annotation, fields) => {
  expect(answerOf(`export default (row: ${annotation}) => row;`)).toBe(fields);
});

/** Types of the file, and of others: the row is an `A`. */
const DECLARATIONS: readonly [declarations: string, fields: string][] = [
  ["interface A { a: string }", "a: string"],
  ["export interface A { a: string }", "a: string"],
  ["type A = { a: string };", "a: string"],
  ["interface A { a: string } interface A { b: number }", "a: string; b: number"],
  ["interface A extends B { b: number } interface B { a: string; b: string | number }", "a: string; b: number"],
  ["interface A extends Pick<B, 'a'> {} interface B { a: string; b: string }", "a: string"],
  ["type A = Omit<B, 'b'>; interface B { a: string; b: string }", "a: string"],
  [
    "type A = Partial<B>; interface B { a: string; b: number | null }",
    "a: string | undefined; b: number | null | undefined",
  ],
  ["type A = Required<B>; interface B { a?: string; b?: number | undefined }", "a: string; b: number"],
  ["type A = Readonly<{ a: Readonly<string[]> }>;", "a: string[]"],
  ["type A = { a: NonNullable<B> }; type B = string | null | undefined;", "a: string"],
  [
    "type A = { a: Exclude<B, 'x'>; b: Extract<B, 'x' | 'z'> }; type B = 'x' | 'y' | 'z';",
    'a: "y" | "z"; b: "x" | "z"',
  ],
  ["type A = { a: B['x']; b: B['y'][number] }; type B = { x: number; y: string[] };", "a: number; b: string"],
  ["type A = { a: keyof B }; type B = { x: number; y: string };", 'a: "x" | "y"'],
  ["enum B { X = 'x', Y = 'y' } interface A { a: B }", 'a: "x" | "y"'],
  ["enum B { X, Y = 5, Z } interface A { a: B }", "a: 0 | 5 | 6"],
  ["interface A { name: string; children: A[] }", "name: string; children: A[]"],
  ["type A = { name: string; next?: A | null };", "name: string; next: A | null | undefined"],
  ["type A = { a: Json }; type Json = string | number | boolean | null | Json[] | { [key: string]: Json };", "a: Json"],
  ["type A = B; type B = A;", "not used: it is no object with fields"],
  ["interface A { a: Date } interface Date { x: 1 }", "a: { x: 1 }"],
  ["class A { a = 1 }", "not used: it has A, which is a class: rows are plain objects"],
  ["type A<T> = { a: T };", "not used: it has A, which is generic"],
  ["const A = 1;", "not used: it has A, which is no type that can be read"],
  ["", "not used: it has A, which this file neither declares nor imports"],
  [`import type { Person as A } from "./people.ts";`, "name: string; born: number"],
  [`import { type Person as A } from "./people";`, "name: string; born: number"],
  [`import type { City as A } from "./people.ts";`, "city: string; at: [number, number]"],
  [`import type { Thing as A } from "./people.ts";`, "weight: number"],
  [`import type A from "./people.ts";`, "main: string"],
  [`import type { Described as A } from "./described.js";`, "one: 1"],
  [`import type * as types from "./people.ts"; type A = types.Person;`, "name: string; born: number"],
  [`type A = import("./people.ts").Person;`, "name: string; born: number"],
  [`import type { Row as A } from "typed";`, "a: string"],
  [`import type { Row as A } from "untyped";`, "not used: it comes from untyped, which has no declarations"],
  [`import type { Row as A } from "not-there";`, "not used: it comes from not-there, which is not there"],
  [`import type { plain as A } from "./plain.js";`, "not used: it comes from ./plain.js, which has no declarations"],
  [`import type { Hidden as A } from "./people.ts";`, "not used: it has A, which ./people.ts does not export"],
  [`import type { Page } from "./people.ts"; type A = Page<string>;`, "not used: it has Page, which is generic"],
  [
    `import { z } from "zod"; const s = z.object({}); type A = z.infer<typeof s>;`,
    "not used: it is made of a schema: export that, as schema, and rows are checked by it",
  ],
];

test.each(DECLARATIONS)("%s (row: A)", (declarations, fields) => {
  expect(answerOf(`${declarations}\nexport default (row: A) => ({ ...row });`)).toBe(fields);
});

const A = "interface A { a: number }";

/** Where the row stands in a module. */
const MODULES: readonly [source: string, fields: string][] = [
  ["export default (row) => row;", "nothing"],
  ["export default row => ({ a: row.a ? 1 : 2 });", "nothing"],
  [`${A} export default function (row: A) { return row; }`, "a: number"],
  [`${A} export default function named(row: A, ctx: object) { return row; }`, "a: number"],
  [`${A} export default async ({ a }: A) => ({ a });`, "a: number"],
  [`${A} export default ({ a: b, ...rest }: A, { index }: { index: number }) => ({ b, index });`, "a: number"],
  [`${A} export default function* (row: A) { yield row; }`, "a: number"],
  [`${A} export default async function* ({ a }: A) { yield { a }; }`, "a: number"],
  [`${A} export default (row: A = { a: 1 }) => row;`, "a: number"],
  [`${A} export default (row?: A) => row;`, "a: number"],
  [`${A} const f = (row: A) => row; export default f;`, "a: number"],
  [`${A} function f(row: A) { return row; } export { f as default };`, "a: number"],
  [`export { personAge as default } from "./people.ts";`, "name: string; born: number"],
  [`import { personAge } from "./people.ts";\nexport default personAge;`, "name: string; born: number"],
  [`export { missing as default } from "./people.ts";`, "nothing"],
  [`export { default } from "./missing.ts";`, "not used: it comes from ./missing.ts, which is not there"],
  [`${A} export const batch = (rows: A[]) => rows;`, "a: number"],
  [`${A} export function batch(rows: readonly A[]) { return rows; }`, "a: number"],
  [`${A} export async function batch(rows: ReadonlyArray<A>) { return [...rows]; }`, "a: number"],
  [`${A} export const batch = (rows: A) => rows;`, "not used: it is no list of rows: write Row[]"],
  [
    `${A} export const reduce = { init: () => 0, step(sum: number, row: A) { return sum + row.a; }, merge: (a, b) => a + b, finish: (sum) => ({ sum }) };`,
    "a: number",
  ],
  [`${A} export const reduce = { init: () => 0, step: (sum, row: A) => sum + row.a } as const;`, "a: number"],
  [
    `${A} export const reduce = { step: (sum: number, row: { b: string }) => sum }; export default (row: A) => row;`,
    "a: number",
  ],
  [`import type { Transform } from "rowmill"; ${A} export default ((row) => row) satisfies Transform<A>;`, "a: number"],
  [`import type { Transform as T } from "rowmill"; ${A} const f: T<A> = (row) => row; export default f;`, "a: number"],
  [
    `import type { Transform } from "rowmill"; ${A} const f: Transform<A> = (row) => row; export default f;`,
    "a: number",
  ],
  [`import type { Transform } from "rowmill"; export default ((row) => row) satisfies Transform;`, "nothing"],
  [
    `import type { BatchTransform } from "rowmill"; ${A} export const batch: BatchTransform<A> = (rows) => rows;`,
    "a: number",
  ],
  [
    `import type { Reduce } from "rowmill"; ${A} export const reduce: Reduce<number, A> = { init: () => 0 };`,
    "a: number",
  ],
  [`type Transform<T> = T; ${A} export default ((row) => row) satisfies Transform<A>;`, "nothing"],
  [`import { step } from "./people.ts"; export const reduce = { step, init: () => 0 };`, "name: string; born: number"],
  [`${A} export default (row: A) => row satisfies object;`, "a: number"],
  [`${A} export default <T>(row: T) => row;`, "not used: it has T, which this file neither declares nor imports"],
  ["export const schema = 1; export default (...rows: string[]) => rows;", "nothing"],
  [`${A} export const schema = 1; export default (row: A) => row;`, "nothing"],
  [`${A} const schema = 1; export { schema }; export default (row: A) => row;`, "nothing"],
  [
    "const t = `\ninterface A { b: string }\n`;\ninterface A { a: number }\nexport default (row: A) => row;",
    "a: number",
  ],
  ["/*\ninterface A { b: string }\n*/\ninterface A { a: number }\nexport default (row: A) => row;", "a: number"],
  ["/*\nexport default (row: { b: 1 }) => row\n*/\nexport default (row: { a: number }) => row;", "a: number"],
  ["export default (row: A) => row;\ninterface A { a: number }\ninterface A { b: number }", "a: number; b: number"],
  [
    "const f = (x: number) => {\n  return x;\n};\nexport default async (row: { a: 'x' | 'y,' }, ctx: object) => f(row.a);",
    'a: "x" | "y,"',
  ],
  [
    "class A { b = 1 }\ninterface A { a: number }\nexport default (row: A) => row;",
    "not used: it has A, which is a class: rows are plain objects",
  ],
  ["export default memo((row: { a: string }) => row);", "nothing"],
  [
    `${A} export default (row: A) => { using x = open(); const y = <const T,>(z: T) => z!; return row as unknown as object; };`,
    "a: number",
  ],
  [
    `${A} abstract class C<T> { declare x: T; private y?: T; static #z = 1; abstract m(): void; accessor q = 1; constructor(readonly p: T) {} } export default (row: A) => row;`,
    "a: number",
  ],
  [
    `${A} declare module "x" { export const y: number } namespace N { export type B = 1 } export default (row: A): asserts row is A => {};`,
    "a: number",
  ],
];

test.each(MODULES)("%s", (source, fields) => {
  expect(answerOf(source)).toBe(fields);
});

test("a type has the name and the place of its declaration", () => {
  const path = join(folder, "t.ts");
  const placeOf = (source: string): string | undefined => {
    writeFileSync(path, source);
    const answer = readRecordType(path);
    return answer?.kind === "used" ? `${answer.type.name} ${answer.type.place}` : undefined;
  };
  expect(placeOf("\ninterface A { a: string }\n\nexport default (row: A) => row;")).toBe("A t.ts:2");
  expect(placeOf("\nexport default (row: { a: string }) => row;")).toBe(" t.ts:2");
  expect(placeOf(`import type { Thing } from "./people.ts";\nexport default (row: Thing) => row;`)).toBe(
    "Thing things.d.ts:1",
  );
  expect(placeOf("interface A { a: string }\nexport const batch = (rows: A[]) => rows;")).toBe("A t.ts:1");
});

test("the files that a type was read from are known", () => {
  const path = join(folder, "t.ts");
  writeFileSync(path, `import type { City } from "./people.ts"; export default (row: City) => row;`);
  expect(readRecordType(path)?.files).toEqual(["t.ts", "people.ts", "places.ts"].map((name) => join(folder, name)));
});
