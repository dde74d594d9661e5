/** The columns of a file: what they are called, what they hold, and where in the footer their values are told of. */
import { type FileMetaData, type SchemaTree, parquetSchema } from "hyparquet";
import type { SourceType } from "../source.ts";
import { Damage, countOf } from "./damage.ts";
import { type Meaning, meaningOf, sourceTypeOf, writtenAsOf } from "./meaning.ts";

/** Values that are kept together: a column, or one of the columns of which a nested one is made. */
export interface Leaf {
  /** Its number among those of a row group. */
  index: number;
  type: NonNullable<SchemaTree["element"]["type"]>;
  /** Bytes of a value of fixed length. */
  bytes: number;
  meaning: Meaning;
  /** The level of a value that is there, and that of one that repeats the innermost list. */
  definition: number;
  repetition: number;
}

/** A part of a nested column. */
export type Node = {
  name: string;
  /** The definition level from which on there is one; that of what is above it, where it must be there. */
  definition: number;
  /** Where it repeats: the level of a further one. */
  repetition: number | undefined;
} & ({ leaf: Leaf } | { leaf?: undefined; children: readonly Node[]; shape: Shape });

/**
 * What a group stands for: its children by their names; the elements that its only child repeats; keys with values; or what
 * a variant says of itself. The child of a list is an `element`'s wrapping, where that is all that stands in it.
 */
type Shape = "object" | "list" | "map" | "variant" | "element";

export interface Column {
  name: string;
  type: SourceType;
  writtenAs: string | undefined;
  /** What it is made of, in its order. */
  leaves: readonly Leaf[];
  /** Set where it is no plain list of values. */
  nested: Node | undefined;
}

type Levels = Pick<Leaf, "definition" | "repetition">;

export function columnsOf(metadata: FileMetaData): Column[] {
  let index = 0;
  const leafOf = ({ element }: SchemaTree, levels: Levels): Leaf => ({
    index: index++,
    type: element.type ?? "BYTE_ARRAY",
    bytes: countOf(element.type_length ?? 0, "the length of values"),
    meaning: meaningOf(element),
    ...levels,
  });
  const nodeOf = (tree: SchemaTree, above: Levels, parent?: SchemaTree): Node => {
    const { name, repetition_type: occurs } = tree.element;
    if (typeof name !== "string") throw new Damage("a column has no name");
    const repetition = above.repetition + (occurs === "REPEATED" ? 1 : 0);
    const definition = above.definition + (occurs === "REQUIRED" || occurs === undefined ? 0 : 1);
    const head = { name, definition, repetition: occurs === "REPEATED" ? repetition : undefined };
    if (tree.element.type !== undefined) return { ...head, leaf: leafOf(tree, { definition, repetition }) };
    const children = tree.children.map((child) => nodeOf(child, { definition, repetition }, tree));
    return { ...head, children, shape: parent !== undefined && isWrapping(tree, parent) ? "element" : shapeOf(tree) };
  };
  return parquetSchema(metadata).children.map((tree): Column => {
    const node = nodeOf(tree, { definition: 0, repetition: 0 });
    const leaves = leavesOf(node);
    const { name } = node;
    if (node.leaf === undefined || node.repetition !== undefined)
      return { name, type: "json", writtenAs: "json", leaves, nested: node };
    const type = sourceTypeOf(node.leaf.meaning);
    return { name, type, writtenAs: writtenAsOf(tree.element), leaves, nested: undefined };
  });
}

function leavesOf(node: Node): Leaf[] {
  return node.leaf === undefined ? node.children.flatMap(leavesOf) : [node.leaf];
}

/** A list and a map are a group with one repeated group in it, whatever that and its parts are called. */
function shapeOf({ element, children }: SchemaTree): Shape {
  const { converted_type: converted, logical_type: logical } = element;
  if (logical?.type === "VARIANT") return "variant";
  const [only] = children;
  if (children.length !== 1 || only?.element.repetition_type !== "REPEATED") return "object";
  if (logical?.type === "LIST" || converted === "LIST") return "list";
  const isMap = logical?.type === "MAP" || converted === "MAP" || converted === "MAP_KEY_VALUE";
  return isMap && only.children.length === 2 ? "map" : "object";
}

/** Whether a group that repeats is no element of a list, but stands around each: by its name it is one in old files. */
function isWrapping({ element, children }: SchemaTree, parent: SchemaTree): boolean {
  const isOld = element.name === "array" || element.name === `${parent.element.name}_tuple`;
  return shapeOf(parent) === "list" && children.length === 1 && !isOld;
}
