/** When rows of JSON lines can be woven (see woven-objects.ts), and of what. */
import type { ObjectPattern, ObjectThread } from "../formats/indexed/object-weaver.ts";
import type { OutputDialect } from "../formats/text/output-dialect.ts";
import type { ProvenResult } from "../code/proof.ts";
import { Kind } from "../formats/indexed/object-code.ts";
import { type RecordType, type Shape, fieldShape } from "../fields/record-type/shape.ts";
import type { Predicate } from "./outcome.ts";

/** A run of JSON lines whose rows can be woven. */
export interface ObjectWeaving {
  /** Of JSON lines. */
  from: "objects";
  result: Extract<ProvenResult, { kind: "object" }>;
  /** The keys that the code looks at. */
  looksAt: ReadonlySet<string>;
  /** The code may be given one object for all rows. */
  forgetsRow: boolean;
  /** The kinds of values that the type of the row says keys to have. */
  kinds: ReadonlyMap<string, readonly number[]>;
  /** Rows are objects of JSON with these keys, in order; undefined where they are fields. */
  keys: readonly string[] | undefined;
  output: OutputDialect;
  /** What is handed on is all that results are, and is written as it is spelled. */
  copiesSpelled: boolean;
  call: Predicate;
  filter: Predicate | undefined;
}

/** The kinds of values of each shape that fits by that alone, and is left as it is. */
const SHAPE_KINDS: Partial<Record<Shape["kind"], readonly number[]>> = {
  string: [Kind.string],
  number: [Kind.integer, Kind.number],
  boolean: [Kind.true, Kind.false],
  null: [Kind.null],
  undefined: [Kind.missing],
};

/** The kinds of values that a type of rows says keys to have; undefined where it is not told by these. */
export function kindsOfRecord({ fields }: RecordType): ObjectWeaving["kinds"] | undefined {
  const all = new Map<string, number[]>();
  for (const field of fields) {
    const options = optionsOf(fieldShape(field));
    if (options.some(({ kind }) => kind === "unknown")) continue;
    const kinds = options.map(({ kind }) => SHAPE_KINDS[kind]);
    if (!kinds.every((one) => one !== undefined)) return undefined;
    all.set(field.name, kinds.flat());
  }
  return all;
}

function optionsOf(shape: Shape): Shape[] {
  return shape.kind === "union" ? shape.options.flatMap(optionsOf) : [shape];
}

/** How a run's rows are woven. */
export interface WovenObjectsSetup extends Pick<ObjectWeaving, "forgetsRow" | "call" | "filter"> {
  pattern: ObjectPattern;
  /** By key of the index: its name where the code looks at it. */
  given: readonly (string | undefined)[];
  /** Names of the computed values. */
  computed: readonly string[];
}

/**
 * How rows are woven; undefined when a result has a column that the output has not.
 *
 * @param index The keys of the index, in its order.
 * @param tail What stands behind an object.
 */
export function wovenObjectsSetup(
  { result: { fields }, looksAt, forgetsRow, kinds, keys, output, copiesSpelled, call, filter }: ObjectWeaving,
  { index, columns, tail }: { index: readonly string[]; columns: readonly string[]; tail: string },
): WovenObjectsSetup | undefined {
  const names = keys ?? columns;
  const known = new Set(names);
  if (names.length === 0 || ![...fields.keys()].every((name) => known.has(name))) return undefined;
  const computed: string[] = [];
  const threads = names.map((name): ObjectThread => {
    const source = fields.get(name);
    if (source === undefined) return { kind: "empty" };
    if (source.kind === "carried") {
      return { kind: "carried", key: index.indexOf(source.column), isSeen: looksAt.has(source.column) };
    }
    computed.push(name);
    return { kind: "computed", index: computed.length - 1 };
  });
  return {
    pattern: {
      keys: index.length,
      output,
      threads,
      objects: keys && { keys, tail },
      computed: computed.length,
      checks: index.flatMap((name, key) => {
        const wanted = kinds.get(name);
        return wanted === undefined ? [] : [{ key, kinds: wanted }];
      }),
      copiesSpelled,
    },
    given: index.map((name) => (looksAt.has(name) ? name : undefined)),
    computed,
    forgetsRow,
    call,
    filter,
  };
}
