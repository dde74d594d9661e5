/**
 * Where the type of a transform's rows stands: at the parameter of its default function, of `batch`, or of the step of
 * `reduce`; or in the type that such a function is said to be, `Transform<Scientist>`.
 */
import { type Binding, type SourceFile, type TsNode, nameOf, part, parts } from "./source-file.ts";

/** A type, and the file in which its names are looked up. */
export interface Annotation {
  node: TsNode;
  file: SourceFile;
  /** It is a list of rows. */
  isList: boolean;
}

/** The parameter of a function that takes the row, or the rows. */
export interface RowParameter {
  node: TsNode;
  file: SourceFile;
  isList: boolean;
  /** Where its name, or its pattern, ends, and where its annotation does. */
  nameEnd: number;
  annotationEnd: number | undefined;
}

/** Something of a file. */
export interface Placed {
  node: TsNode;
  file: SourceFile;
}

/** Finds what names stand for, in whichever file that is. */
export interface Names {
  /** A name that a file declares or imports. */
  follow(file: SourceFile, name: string): Placed | undefined;
  /** A name that a file exports. */
  exported(file: SourceFile, name: string): Placed | undefined;
}

/** The roles that a function may have in a run: where its row stands, and which of Rowmill's types describes it. */
const ROLES = [
  { name: "default", parameter: 0, isList: false, typeName: "Transform", argument: 0 },
  { name: "batch", parameter: 0, isList: true, typeName: "BatchTransform", argument: 0 },
  { name: "reduce", parameter: 1, isList: false, typeName: "Reduce", argument: 1 },
] as const;

type Role = (typeof ROLES)[number];

/** What was found about the rows of a transform: the parameter of a function, a type, or both. */
export interface FoundRow {
  annotation: Annotation | undefined;
  parameter: RowParameter | undefined;
  /** The function is typed by one of Rowmill's types. */
  isTold: boolean;
}

/** The function that gets the rows of the input: a reduce only where there is no other. */
export function findRow(file: SourceFile, names: Names): FoundRow | undefined {
  for (const role of ROLES) {
    const found = names.exported(file, role.name);
    if (found !== undefined) return new RowFinder(role, names).find(found.node, found.file);
  }
  return undefined;
}

/** The longest chain of names that is followed. */
const MAX_STEPS = 20;

class RowFinder {
  readonly #role: Role;
  readonly #names: Names;
  #steps = 0;

  constructor(role: Role, names: Names) {
    this.#role = role;
    this.#names = names;
  }

  find(node: TsNode, file: SourceFile): FoundRow | undefined {
    if (this.#steps++ > MAX_STEPS) return undefined;
    switch (node.type) {
      case "ArrowFunctionExpression":
      case "FunctionExpression":
      case "FunctionDeclaration":
        return this.#ofFunction(node, file);
      case "VariableDeclarator": {
        const said = this.#ofType(part(part(node, "id") ?? node, "typeAnnotation"), file);
        const init = part(node, "init");
        return joined(init && this.find(init, file), said);
      }
      case "TSSatisfiesExpression":
      case "TSAsExpression": {
        const said = this.#ofType(part(node, "typeAnnotation"), file);
        const inner = part(node, "expression");
        return joined(inner && this.find(inner, file), said);
      }
      case "ParenthesizedExpression":
      case "TSNonNullExpression": {
        const inner = part(node, "expression");
        return inner && this.find(inner, file);
      }
      case "Identifier": {
        const found = this.#names.follow(file, nameOf(node) ?? "");
        return found && this.find(found.node, found.file);
      }
      case "ObjectExpression":
        return this.#role.name === "reduce" ? this.#ofReduce(node, file) : undefined;
      default:
        return undefined;
    }
  }

  #ofReduce(node: TsNode, file: SourceFile): FoundRow | undefined {
    const step = parts(node, "properties").find((property) => nameOf(part(property, "key")) === "step");
    const value = step && part(step, "value");
    return value && this.find(value, file);
  }

  #ofFunction(node: TsNode, file: SourceFile): FoundRow | undefined {
    const { parameter, isList } = this.#role;
    // `this` is the type of no argument.
    const given = parts(node, "params").filter((one) => nameOf(one) !== "this")[parameter];
    if (given === undefined || given.type === "RestElement") return undefined;
    const pattern = given.type === "AssignmentPattern" ? (part(given, "left") ?? given) : given;
    const type = typeOf(part(pattern, "typeAnnotation"));
    return {
      annotation: type && { node: type, file, isList },
      parameter: { node: pattern, file, isList, ...endsOf(pattern, file.text) },
      isTold: false,
    };
  }

  /** The type of Rowmill's that a function is said to be. */
  #ofType(annotation: TsNode | undefined, file: SourceFile): FoundRow | undefined {
    const type = typeOf(annotation);
    const name = nameOf(type && part(type, "typeName"));
    const binding = name === undefined ? undefined : file.names.get(name);
    const { typeName, argument } = this.#role;
    if (type === undefined || !isOfRowmill(binding, typeName)) return undefined;
    const row = typeArguments(type)[argument];
    return { annotation: row && { node: row, file, isList: false }, parameter: undefined, isTold: true };
  }
}

function isOfRowmill(binding: Binding | undefined, name: string): boolean {
  return binding?.kind === "imported" && binding.from === "rowmill" && binding.name === name;
}

/** The annotation at the parameter counts before the type of the whole function. */
function joined(own: FoundRow | undefined, said: FoundRow | undefined): FoundRow | undefined {
  if (own === undefined || said === undefined) return own ?? said;
  return {
    annotation: own.annotation ?? said.annotation,
    parameter: own.parameter ?? said.parameter,
    isTold: own.isTold || said.isTold,
  };
}

function endsOf(pattern: TsNode, text: string): Pick<RowParameter, "nameEnd" | "annotationEnd"> {
  const annotation = part(pattern, "typeAnnotation");
  // The name ends before blanks and a question mark.
  const nameEnd = text.slice(0, annotation?.start ?? pattern.end).replace(/[\s?]+$/, "").length;
  return { nameEnd, annotationEnd: annotation?.end };
}

/** The type of an annotation, behind its colon. */
export function typeOf(annotation: TsNode | undefined): TsNode | undefined {
  return annotation?.type === "TSTypeAnnotation" ? part(annotation, "typeAnnotation") : annotation;
}

export function typeArguments(node: TsNode): TsNode[] {
  const list = part(node, "typeArguments") ?? part(node, "typeParameters");
  return list === undefined ? [] : parts(list, "params");
}
