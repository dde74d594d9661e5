/**
 * What a TypeScript type says of values, as data: it is read from the source once, and travels in programs that are made
 * of a transform.
 */

/** A type, as far as values can be held against it. */
export type Shape =
  | { kind: "string" | "number" | "boolean" | "bigint" | "date" | "null" | "undefined" | "unknown" }
  | { kind: "literal"; value: string | number | boolean }
  /** Digits, since JSON has no such number. */
  | { kind: "bigint literal"; digits: string }
  | { kind: "array"; items: Shape }
  /** The last `optional` of the items may be missing; `rest` are all behind them. */
  | { kind: "tuple"; items: readonly Shape[]; optional: number; rest: Shape | undefined }
  /** `rest` is what fields must be that are not named; undefined where they may be anything. */
  | { kind: "object"; fields: readonly ShapeField[]; rest: Shape | undefined }
  | { kind: "union"; options: readonly Shape[] }
  /** A type that holds itself: one of {@linkcode RecordType.named}. */
  | { kind: "named"; name: string };

export interface ShapeField {
  name: string;
  shape: Shape;
  isOptional: boolean;
}

/** The type of a transform's rows. */
export interface RecordType {
  /** As it stands in the source: `Scientist`. */
  name: string;
  /** File and line: `scientist.ts:3`. */
  place: string;
  fields: readonly ShapeField[];
  /** The types that hold themselves. */
  named: Readonly<Record<string, Shape>>;
}

/** What was found where the row of a transform has a type; of one that cannot be used, why not. */
export type RecordAnswer =
  | { kind: "used"; type: RecordType; files: readonly string[] }
  | { kind: "unused"; name: string; place: string; why: string; files: readonly string[] };

/** What a field may be, a missing one included. */
export function fieldShape({ shape, isOptional }: ShapeField): Shape {
  return isOptional ? { kind: "union", options: [shape, { kind: "undefined" }] } : shape;
}

/** More of a type is not written out. */
const MAX_SHOWN = 60;

/** A shape as TypeScript has it; a long one is cut. */
export function shownShape(shape: Shape): string {
  const text = written(shape);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function written(shape: Shape): string {
  switch (shape.kind) {
    case "literal":
      return JSON.stringify(shape.value);
    case "bigint literal":
      return `${shape.digits}n`;
    case "date":
      return "Date";
    case "array": {
      const items = written(shape.items);
      return shape.items.kind === "union" ? `(${items})[]` : `${items}[]`;
    }
    case "tuple": {
      const firstOptional = shape.items.length - shape.optional;
      const items = shape.items.map((item, at) => `${written(item)}${at < firstOptional ? "" : "?"}`);
      return `[${[...items, ...(shape.rest === undefined ? [] : [`...${written(shape.rest)}[]`])].join(", ")}]`;
    }
    case "object": {
      const fields = shape.fields.map((field) => `${shownKey(field)}: ${written(field.shape)}`);
      const rest =
        shape.rest === undefined || shape.rest.kind === "unknown" ? [] : [`[key: string]: ${written(shape.rest)}`];
      return fields.length + rest.length === 0 ? "object" : `{ ${[...fields, ...rest].join("; ")} }`;
    }
    case "union":
      return shape.options.map(written).join(" | ");
    case "named":
      return shape.name;
    default:
      return shape.kind;
  }
}

function shownKey({ name, isOptional }: ShapeField): string {
  const key = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
  return isOptional ? `${key}?` : key;
}
