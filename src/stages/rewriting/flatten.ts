/**
 * `--flatten`: fields of objects and lists become columns of their own, `place.lat` and `tags.0`; `--unflatten`: back again.
 * What is empty, `{}` and `[]`, stays as it is.
 */
import { RowmillError } from "../../errors.ts";
import { inputOrder, shownColumn } from "../../formats/columns.ts";
import { fieldJson } from "../../formats/values/field-json.ts";
import { FieldText } from "../../formats/values/field-text.ts";
import { parseJson } from "../../formats/values/json.ts";
import { NestedText } from "../../formats/values/nested-text.ts";
import { spellingOfValue } from "../../formats/values/spelling.ts";
import type { Spelling } from "../../formats/values/spelling-tree.ts";
import type { MakeStage, RewritingStage, TableRow } from "../stage.ts";
import { namePart, partsOfName } from "./flat-names.ts";
import { SharedNames } from "./shared-names.ts";

export const flatten: MakeStage = () => rowByRow("flatten", flattener());

export const unflatten: MakeStage = (_, { areTexts }) => rowByRow("unflatten", unflattener(areTexts));

/** A step that makes each row of one. */
function rowByRow(name: string, each: (row: TableRow) => TableRow): RewritingStage {
  return {
    name,
    what: "",
    kind: "rewriting",
    keepsRows: false,
    columns: () => undefined,
    checked: [],
    check: () => {},
    each,
    rewriter: () => ({ take: (rows) => rows.map(each), end: () => [] }),
  };
}

function flattener(): (row: TableRow) => TableRow {
  const shared = new SharedNames();
  return (row) => {
    if (!row.values.some(isNested) && !row.names.some((name) => namePart(name) !== name)) return row;
    const names: string[] = [];
    const values: unknown[] = [];
    for (const [at, name] of row.names.entries()) {
      const value = row.values[at];
      const nested = nestedIn(value);
      if (nested === undefined) {
        names.push(namePart(name));
        values.push(value);
      } else {
        const text = nested.text;
        spread({ value: parseJson(text), spelling: spellingOfValue(text), name: namePart(name) }, names, values);
      }
    }
    return { names: shared.of(names), values };
  };
}

function isNested(value: unknown): boolean {
  return nestedIn(value) !== undefined;
}

/** An object or a list, also where it is written as the text of a column that was read as JSON. */
function nestedIn(value: unknown): NestedText | undefined {
  if (value instanceof NestedText) return value;
  return value instanceof FieldText && value.value instanceof NestedText ? value.value : undefined;
}

/** A part of a field, and what it is called. */
interface Part {
  value: unknown;
  spelling: Spelling | undefined;
  name: string;
}

function spread({ value, spelling, name }: Part, names: string[], values: unknown[]): void {
  const members = membersOf(value, spelling);
  if (members !== undefined && members.length > 0) {
    for (const member of members) spread({ ...member, name: `${name}.${namePart(member.name)}` }, names, values);
    return;
  }
  names.push(name);
  if (members !== undefined) values.push(new NestedText(Array.isArray(value) ? "[]" : "{}"));
  else values.push(spelling?.kind === "number" ? new FieldText(spelling.text, value) : value);
}

/** The parts of an object or a list, in their order; undefined for what is none. */
function membersOf(value: unknown, spelling: Spelling | undefined): Part[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) {
    const parts = spelling?.kind === "list" ? spelling.parts : undefined;
    return value.map((item: unknown, at) => ({ value: item, spelling: parts?.get(at), name: String(at) }));
  }
  const { keys, parts } = spelling?.kind === "object" ? spelling : { keys: undefined, parts: undefined };
  const own = Object.keys(value);
  const ordered = keys === undefined ? own : inputOrder(own, keys);
  return ordered.map((name) => ({ value: Reflect.get(value, name), spelling: parts?.get(name), name }));
}

/** An object that is being made: its fields, which are objects or values. */
class Tree {
  readonly parts: Map<string, unknown> = new Map();

  /** A list has its places as names, from 0 on. */
  get json(): string {
    const entries = [...this.parts];
    const isList = entries.length > 0 && entries.every(([name], at) => name === String(at));
    const members = entries.map(([name, part]) => {
      const text = part instanceof Tree ? part.json : fieldJson(part);
      return isList ? text : `${JSON.stringify(name)}:${text}`;
    });
    return isList ? `[${members.join(",")}]` : `{${members.join(",")}}`;
  }
}

/** @param areTexts Fields are texts: nothing else tells that one was an empty object or list. */
function unflattener(areTexts: boolean): (row: TableRow) => TableRow {
  const shared = new SharedNames();
  const known = new Map<string, readonly string[]>();
  const partsOf = (name: string): readonly string[] => {
    let parts = known.get(name);
    if (parts === undefined) known.set(name, (parts = partsOfName(name)));
    return parts;
  };
  return (row) => {
    const all = new Tree();
    for (const [at, name] of row.names.entries()) {
      const value = row.values[at];
      // A field that is not there makes no object around it.
      if (value === undefined && partsOf(name).length > 1) continue;
      put(all, partsOf(name), { value: areTexts ? emptyNested(value) : value, name });
    }
    const names = shared.of([...all.parts.keys()]);
    return {
      names,
      values: names.map((name) => {
        const part = all.parts.get(name);
        return part instanceof Tree ? new NestedText(part.json) : part;
      }),
    };
  };
}

function emptyNested(value: unknown): unknown {
  return value === "{}" || value === "[]" ? new NestedText(value) : value;
}

function put(all: Tree, path: readonly string[], { value, name }: { value: unknown; name: string }): void {
  let tree = all;
  for (const part of path.slice(0, -1)) {
    const there = tree.parts.get(part);
    if (there !== undefined && !(there instanceof Tree)) throw bothWays(name);
    const next = there instanceof Tree ? there : new Tree();
    tree.parts.set(part, next);
    tree = next;
  }
  const last = path.at(-1) ?? "";
  if (tree.parts.has(last)) throw bothWays(name);
  tree.parts.set(last, value);
}

function bothWays(name: string): RowmillError {
  return new RowmillError(
    "row-encode",
    `--unflatten cannot place ${shownColumn(name)}: another column holds a value where this one wants an object`,
    { hint: "leave one of them out, or write a dot that belongs to a name as \\." },
  );
}
