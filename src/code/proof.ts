/**
 * What can be proven of a transform by its text: the columns whose values its code can look at, and how its results are
 * made of the row. What is not proven is everything: a branch that was not taken yet must not lose data.
 *
 * The proof is by the syntax tree alone. The row must not escape: each use of it is a plain member (`row.name`), or a place
 * in a result. A field is carried when a result hands it on as it is; carried fields need not become strings.
 */
import { type AnyNode, type Expression, type Identifier, type ObjectExpression } from "acorn";
import { childNodes, findOuterUses } from "../free-variables.ts";
import { functionTree } from "./function-tree.ts";
import {
  type Around,
  NOTHING_AROUND,
  type ProofOptions,
  type Subject,
  expressionAround,
  isFunction,
  keyName,
  subjectOf,
} from "./proof-subject.ts";
import { branches, isMadeNumber, isMissingNaN, isPlainUse, memberName, writtenPart } from "./proof-syntax.ts";
import { refillOf } from "./refilled.ts";
import { ROW_ALIAS, ROW_NAME } from "./row-names.ts";

export interface Proof {
  /** The columns whose values the code can look at, other than by handing them on. */
  looksAt: ReadonlySet<string>;
  /** Those of them whose values are only ever turned into numbers, as `Number()` does. */
  asNumbers: ReadonlySet<string>;
  /** Those to whose uses it makes no difference whether a number that is missing is NaN or undefined. */
  missingAsNaN: ReadonlySet<string>;
  /** What each result is, if it is not null or undefined; undefined when that is not known. */
  result: ProvenResult | undefined;
  /** Results take up the fields of a row, and may give some of them other values: these keep their places. */
  spreadsRow?: boolean;
  /** When a call ends, nothing of the code has hold of the row any more, such as a function that is called later. */
  forgetsRow?: boolean;
  /** The function fills an object anew for each row (see refilled.ts): what it looks at besides what it hands on in it. */
  refilled?: RefilledProof | undefined;
}

/** What is proven of a function that fills an object for each row. */
interface RefilledProof extends Looks {
  fields: ReadonlyMap<string, FieldSource>;
}

/** What code looks at. */
type Looks = Pick<Proof, "looksAt" | "asNumbers" | "missingAsNaN">;

export type ProvenResult =
  /** The row itself, unchanged. */
  | { kind: "row" }
  /** A plain object with these keys. */
  | { kind: "object"; fields: ReadonlyMap<string, FieldSource> };

/** What is true of a function that gives each row back. */
export const PASSES_ROWS_ON: Proof = {
  looksAt: new Set(),
  asNumbers: new Set(),
  missingAsNaN: new Set(),
  result: { kind: "row" },
};

/** Where a field of a result comes from. */
export type FieldSource =
  | { kind: "carried"; column: string }
  /** Some results may hand on one of these columns in it. */
  | { kind: "computed"; perhaps: readonly string[] };

const COMPUTED: FieldSource = { kind: "computed", perhaps: [] };

/** What a function does with the row, its first parameter. Columns are undefined for rows without a header. */
export function proveFunction(
  call: (...args: never[]) => unknown,
  columns: readonly string[] | undefined,
  options: ProofOptions = {},
): Proof | undefined {
  const parsed = functionTree(call);
  return parsed && proveTree(parsed.tree, parsed.source, columns, options);
}

/** What a function does, by its syntax tree; undefined for another expression. */
export function proveTree(
  tree: Expression,
  source: string,
  columns: readonly string[] | undefined,
  options: ProofOptions = {},
): Proof | undefined {
  if (!isFunction(tree)) return undefined;
  return prove({ tree, source, subject: subjectOf(tree, NOTHING_AROUND, options) }, columns);
}

/**
 * What an expression does with the row, in which columns go by their names, and the row by `row` and `r`. In rows without
 * a header any name may be that of a field, a global's too.
 */
export function proveExpression(
  tree: Expression,
  source: string,
  columns: readonly string[] | undefined,
  options: ProofOptions = {},
): Proof | undefined {
  // `row` is the row, whatever the columns are called.
  const names = (columns ?? findOuterUses(tree).names).filter((name) => name !== ROW_NAME);
  // It is the row, or a field of that name: which of both, each row says.
  if (columns === undefined && names.includes(ROW_ALIAS)) return undefined;
  const around = expressionAround(names);
  const subject = isFunction(tree) ? subjectOf(tree, around, options) : { ...around, roots: [tree], results: [tree] };
  return prove({ tree, source, subject }, columns);
}

/** The piece of a function for which nothing, or no result, is proven of it, as it stands there. */
export function obstacleInFunction(
  call: (...args: never[]) => unknown,
  columns: readonly string[] | undefined,
): string | undefined {
  const parsed = functionTree(call);
  return parsed && obstacleIn(parsed.tree, parsed.source, columns, NOTHING_AROUND);
}

/** The same of an expression. */
export function obstacleInTree(tree: Expression, source: string, columns: readonly string[]): string | undefined {
  return obstacleIn(tree, source, columns, expressionAround(columns));
}

function obstacleIn(
  tree: Expression,
  source: string,
  columns: readonly string[] | undefined,
  around: Around,
): string | undefined {
  const subject = isFunction(tree) ? subjectOf(tree, around) : { ...around, roots: [tree], results: [tree] };
  const found = subject && new Prover(subject, columns).obstacle(tree);
  return found && source.slice(found.start - tree.start, found.end - tree.start);
}

/** Code, and what it is about; undefined where the row could be had by another name. */
interface Code {
  tree: Expression;
  source: string;
  subject: Subject | undefined;
}

const NONE: ReadonlySet<AnyNode> = new Set();

function prove({ tree, source, subject }: Code, columns: readonly string[] | undefined): Proof | undefined {
  if (subject === undefined || /\b(?:arguments|eval)\b/.test(source)) return undefined;
  return new Prover(subject, columns).prove(tree);
}

/** One use of a column that hands it on. */
interface Carry {
  /** The identifier: of the row, or of the name that the column goes by. */
  node: AnyNode;
  column: string;
}

type Fields = Map<string, FieldSource>;

class Prover {
  readonly #subject: Subject;
  readonly #columns: readonly string[] | undefined;
  readonly #isColumn: (name: string) => boolean;
  readonly #uses: ReadonlyMap<string, ReadonlySet<AnyNode>>;
  /** Identifiers of the row that are the object of a plain member, with the member's name. */
  readonly #members = new Map<AnyNode, string>();
  /** Identifiers whose value, or whose member's value, is only turned into a number. */
  readonly #numeric = new Set<AnyNode>();
  /** Identifiers whose surroundings treat NaN as they treat undefined. */
  readonly #missingNaN = new Set<AnyNode>();
  /** Names that are assigned somewhere. */
  readonly #written = new Set<string>();
  /** Identifiers by which a result hands a field on. */
  readonly #carries = new Set<AnyNode>();
  /** The fields of each result that is an object. */
  readonly #objects: Fields[] = [];
  #spreadsRow = false;
  /** Identifiers of the row that stand for a whole result, or are spread in one. */
  readonly #wholes = new Set<AnyNode>();
  /** Where the row escapes, or the first result that is not known. */
  #obstacle: AnyNode | undefined;

  constructor(subject: Subject, columns: readonly string[] | undefined) {
    this.#subject = subject;
    this.#columns = columns;
    const known = new Set(columns);
    this.#isColumn = (name) => (columns === undefined ? !(name in Object.prototype) : known.has(name));
    this.#uses = findOuterUses(...subject.roots).uses;
    for (const root of subject.roots) this.#survey(root, undefined);
  }

  prove(tree: Expression): Proof | undefined {
    const result = this.#result();
    if (result === undefined && this.#wholes.size > 0) return undefined;
    const looks = this.#looks(result, result === undefined ? NONE : this.#carries);
    if (looks === undefined) return undefined;
    const proof: Proof = {
      ...looks,
      result,
      ...(this.#spreadsRow && { spreadsRow: true }),
      ...(this.#forgetsRow() && { forgetsRow: true }),
    };
    // In rows without a header any field may hold an object.
    return result !== undefined || this.#columns === undefined ? proof : { ...proof, refilled: this.#refilled(tree) };
  }

  /**
   * The piece of code that is in the way of a proof, or of a known result; where it is the row alone, with the code
   * around it.
   */
  obstacle(tree: Expression): AnyNode | undefined {
    this.prove(tree);
    const found = this.#obstacle;
    if (found?.type !== "Identifier") return found;
    const around = (node: AnyNode): AnyNode | undefined => {
      for (const child of childNodes(node)) {
        if (child === found) return node;
        const deeper = around(child);
        if (deeper !== undefined) return deeper;
      }
      return undefined;
    };
    return around(tree) ?? found;
  }

  /** Given that the row does not escape. */
  #forgetsRow(): boolean {
    const { results, roots, rowNames, columnOf } = this.#subject;
    // What is asynchronous goes on behind the call.
    if (results === undefined) return false;
    const uses = new Set<AnyNode>();
    for (const name of [...rowNames, ...columnOf.keys()]) for (const node of this.#uses.get(name) ?? []) uses.add(node);
    const keeps = (node: AnyNode, isWithin: boolean): boolean => {
      if (/^(?:Await|Yield)/.test(node.type) || (isWithin && uses.has(node))) return true;
      const isInside = isWithin || /Function|Class/.test(node.type);
      return childNodes(node).some((child) => keeps(child, isInside));
    };
    return !roots.some((root) => keeps(root, false));
  }

  #refilled(tree: Expression): RefilledProof | undefined {
    const refill = refillOf(tree, (node) => this.#isRow(node));
    if (refill === undefined || this.#subject.rowNames.has(refill.name) || this.#subject.columnOf.has(refill.name)) {
      return undefined;
    }
    const carries = new Set<AnyNode>();
    const fields: Fields = new Map();
    for (const [name, value] of refill.fields) {
      const carry = this.#carry(value);
      if (carry !== undefined) carries.add(carry.node);
      fields.set(name, carry === undefined ? COMPUTED : { kind: "carried", column: carry.column });
    }
    const looks = this.#looks(undefined, carries);
    return looks && { ...looks, fields };
  }

  /**
   * The columns that the code looks at, apart from these identifiers, by which it hands fields on; undefined where the
   * row escapes.
   */
  #looks(result: ProvenResult | undefined, carried: ReadonlySet<AnyNode>): Looks | undefined {
    const looksAt = new Set<string>();
    const asTexts = new Set<string>();
    const asUndefined = new Set<string>();
    const look = (column: string, node: AnyNode): void => {
      looksAt.add(column);
      if (!this.#numeric.has(node)) asTexts.add(column);
      if (!this.#missingNaN.has(node)) asUndefined.add(column);
    };
    for (const [name, column] of this.#subject.columnOf) {
      for (const node of this.#uses.get(name) ?? []) if (!carried.has(node)) look(column, node);
    }
    for (const name of this.#subject.rowNames) {
      for (const node of this.#uses.get(name) ?? []) {
        if (this.#wholes.has(node) || carried.has(node)) continue;
        const member = this.#members.get(node);
        // The row escapes.
        if (member === undefined || this.#written.has(name)) {
          this.#obstacle = node;
          return undefined;
        }
        look(member, node);
      }
    }
    if (result?.kind === "object") {
      for (const column of this.#partlyCarried(result.fields)) {
        looksAt.add(column);
        asTexts.add(column);
        asUndefined.add(column);
      }
    }
    const asNumbers = looksAt.difference(asTexts);
    return { looksAt, asNumbers, missingAsNaN: looksAt.difference(asUndefined) };
  }

  /** The columns that one result hands on in a field that another one computes. */
  #partlyCarried(united: ReadonlyMap<string, FieldSource>): string[] {
    const sources = this.#objects.flatMap((fields) => [...fields]);
    return sources.flatMap(([name, source]) =>
      source.kind === "carried" && united.get(name)?.kind === "computed" ? [source.column] : [],
    );
  }

  /** Notes members and written names; `parent` is the node above. */
  #survey(node: AnyNode, parent: AnyNode | undefined): void {
    if (node.type === "MemberExpression" && node.object.type === "Identifier" && isPlainUse(node, parent)) {
      const name = memberName(node.property, node.computed);
      if (name !== undefined && this.#isColumn(name)) this.#members.set(node.object, name);
    }
    const named =
      node.type === "MemberExpression" && this.#isRowName(node.object)
        ? node.object
        : node.type === "Identifier"
          ? node
          : undefined;
    if (named !== undefined && parent !== undefined) {
      if (isMadeNumber(node, parent)) this.#numeric.add(named);
      if (isMissingNaN(node, parent)) this.#missingNaN.add(named);
    }
    for (const child of childNodes(node)) this.#survey(child, node);
    const target = writtenPart(node);
    if (target !== undefined) this.#write(target);
  }

  /** A name, or a member, that is given a value; or a pattern of such. */
  #write(target: AnyNode): void {
    if (target.type === "Identifier") this.#written.add(target.name);
    else if (target.type === "MemberExpression") this.#members.delete(target.object);
    else for (const child of childNodes(target)) this.#write(child);
  }

  #result(): ProvenResult | undefined {
    const all = this.#subject.results?.flatMap(branches).filter((node) => !this.#isNothing(node));
    if (all === undefined || all.length === 0) return undefined;
    const proven = all.map((node) => this.#oneResult(node));
    const unknown = proven.indexOf(undefined);
    if (unknown >= 0) this.#obstacle = all[unknown];
    let united: ProvenResult | undefined = proven[0];
    for (const next of proven.slice(1)) united = uniteResults(united, next);
    return united;
  }

  #isNothing(node: Expression): boolean {
    if (node.type === "Literal") return node.value === null && node.raw === "null";
    const isUndefined = node.type === "Identifier" && node.name === "undefined" && this.#isUse(node, "undefined");
    return isUndefined && !this.#subject.columnOf.has("undefined");
  }

  #isUse(node: AnyNode, name: string): boolean {
    return this.#uses.get(name)?.has(node) ?? false;
  }

  #isRowName(node: AnyNode): node is Identifier {
    return node.type === "Identifier" && this.#subject.rowNames.has(node.name);
  }

  #isRow(node: AnyNode): node is Identifier {
    return this.#isRowName(node) && this.#isUse(node, node.name) && !this.#written.has(node.name);
  }

  #oneResult(node: Expression): ProvenResult | undefined {
    if (this.#isRow(node)) {
      this.#wholes.add(node);
      return { kind: "row" };
    }
    return node.type === "ObjectExpression" ? this.#object(node) : undefined;
  }

  #object({ properties }: ObjectExpression): ProvenResult | undefined {
    const fields: Fields = new Map();
    for (const property of properties) {
      if (property.type === "SpreadElement") {
        if (!this.#isRow(property.argument) || this.#columns === undefined) return undefined;
        this.#wholes.add(property.argument);
        this.#spreadsRow = true;
        for (const column of this.#columns) fields.set(column, { kind: "carried", column });
        continue;
      }
      const name = property.computed || property.kind !== "init" ? undefined : keyName(property.key);
      // `__proto__: value` is no field, and what has `toJSON` is written by that.
      if (name === undefined || name === "__proto__" || name === "toJSON") return undefined;
      const carry = this.#carry(property.value);
      if (carry !== undefined) this.#carries.add(carry.node);
      fields.set(name, carry === undefined ? COMPUTED : { kind: "carried", column: carry.column });
    }
    this.#objects.push(fields);
    return { kind: "object", fields };
  }

  /** The column that an expression is, if it is one as it stands in the row. */
  #carry(node: Expression): Carry | undefined {
    if (node.type === "Identifier") {
      const column = this.#subject.columnOf.get(node.name);
      if (column === undefined || !this.#isColumn(column)) return undefined;
      return this.#isUse(node, node.name) && !this.#written.has(node.name) ? { node, column } : undefined;
    }
    if (node.type !== "MemberExpression" || !this.#isRow(node.object)) return undefined;
    const column = this.#members.get(node.object);
    return column === undefined ? undefined : { node: node.object, column };
  }
}

/** What two results have in common: the same keys, each carried only where both carry the same column. */
function uniteResults(a: ProvenResult | undefined, b: ProvenResult | undefined): ProvenResult | undefined {
  if (a === undefined || b === undefined || a.kind !== b.kind) return undefined;
  if (a.kind === "row" || b.kind === "row") return a;
  if (a.fields.size !== b.fields.size) return undefined;
  const fields: Fields = new Map();
  for (const [name, source] of a.fields) {
    const other = b.fields.get(name);
    if (other === undefined) return undefined;
    const isSame = source.kind === "carried" && other.kind === "carried" && source.column === other.column;
    fields.set(name, isSame ? source : { kind: "computed", perhaps: [...perhaps(source), ...perhaps(other)] });
  }
  return { kind: "object", fields };
}

/** The columns that a field may be handed on from. */
function perhaps(source: FieldSource): readonly string[] {
  return source.kind === "carried" ? [source.column] : source.perhaps;
}
