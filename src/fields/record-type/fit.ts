/**
 * Holds values against a shape: made once a run, of one function for each part of it.
 *
 * Texts of JSON become dates where nothing else is wanted, and whole numbers bigints: JSON has neither.
 */
import { FIELD_READERS } from "../typed-fields.ts";
import { type RecordType, type Shape, fieldShape } from "./shape.ts";

/** The answer for a value that does not fit. */
export const NO_FIT: unique symbol = Symbol("no fit");

/** Gives the value, or what it stands for, or {@linkcode NO_FIT}; objects and lists are changed in place. */
export type Fit = (value: unknown) => unknown;

export function fitOf(shape: Shape, named: RecordType["named"]): Fit {
  return new Fitting(named).of(shape);
}

class Fitting {
  readonly #named: RecordType["named"];
  readonly #made = new Map<string, Fit>();

  constructor(named: RecordType["named"]) {
    this.#named = named;
  }

  of(shape: Shape): Fit {
    switch (shape.kind) {
      case "number":
        return fitNumber;
      case "string":
      case "boolean": {
        const { kind } = shape;
        return (value) => (typeof value === kind ? value : NO_FIT);
      }
      case "bigint":
        return (value) =>
          typeof value === "bigint" ? value : Number.isSafeInteger(value) ? BigInt(value as number) : NO_FIT;
      case "date":
        return fitDate;
      case "null":
        return (value) => (value === null ? value : NO_FIT);
      case "undefined":
        return (value) => (value === undefined ? value : NO_FIT);
      case "unknown":
        return (value) => value;
      case "literal": {
        const { value: wanted } = shape;
        return (value) => (value === wanted ? value : NO_FIT);
      }
      case "bigint literal": {
        const wanted = BigInt(shape.digits);
        return (value) =>
          value === wanted || (Number.isSafeInteger(value) && BigInt(value as number) === wanted) ? wanted : NO_FIT;
      }
      case "array":
        return listFit([], 0, this.of(shape.items));
      case "tuple":
        return listFit(
          shape.items.map((item) => this.of(item)),
          shape.optional,
          shape.rest === undefined ? undefined : this.of(shape.rest),
        );
      case "object":
        return this.#object(shape);
      case "union":
        return this.#union(shape.options);
      case "named":
        return this.#ofName(shape.name);
    }
  }

  /** A type may hold itself: it is looked up when a value comes. */
  #ofName(name: string): Fit {
    return (value) => {
      let fit = this.#made.get(name);
      if (fit === undefined) {
        fit = this.of(this.#named[name] ?? { kind: "unknown" });
        this.#made.set(name, fit);
      }
      return fit(value);
    };
  }

  #object({ fields, rest }: Shape & { kind: "object" }): Fit {
    const fits = fields.map(({ name, shape, isOptional }) => ({ name, fit: this.of(shape), isOptional }));
    const names = new Set(fields.map(({ name }) => name));
    const fitRest = rest === undefined || rest.kind === "unknown" ? undefined : this.of(rest);
    return (value) => {
      if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date) return NO_FIT;
      const changes: [name: string, value: unknown][] = [];
      for (const { name, fit, isOptional } of fits) {
        const field: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
        if (field === undefined && isOptional) continue;
        const fitted = fit(field);
        if (fitted === NO_FIT) return NO_FIT;
        if (fitted !== field) changes.push([name, fitted]);
      }
      if (fitRest !== undefined) {
        for (const [name, field] of Object.entries(value)) {
          if (names.has(name)) continue;
          const fitted = fitRest(field);
          if (fitted === NO_FIT) return NO_FIT;
          if (fitted !== field) changes.push([name, fitted]);
        }
      }
      // Changes are made only when all of the value fits: another option of a union must see it unchanged.
      for (const [name, fitted] of changes) Object.defineProperty(value, name, { value: fitted });
      return value;
    };
  }

  /** Options that take a value as it is come before those that convert it. */
  #union(options: readonly Shape[]): Fit {
    const fits = [...options.filter((one) => !isReading(one)), ...options.filter(isReading)].map((one) => this.of(one));
    return (value) => {
      for (const fit of fits) {
        const fitted = fit(value);
        if (fitted !== NO_FIT) return fitted;
      }
      return NO_FIT;
    };
  }
}

/** Of JSON, whole numbers beyond ±(2^53−1) are bigints: those that a number holds become one. */
function fitNumber(value: unknown): unknown {
  if (typeof value === "number") return value;
  return typeof value === "bigint" && BigInt(Number(value)) === value ? Number(value) : NO_FIT;
}

/** Whether a shape converts values. */
function isReading({ kind }: Shape): boolean {
  return kind === "date" || kind.startsWith("bigint");
}

function fitDate(value: unknown): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? NO_FIT : value;
  return typeof value === "string" ? (FIELD_READERS.date(value) ?? NO_FIT) : NO_FIT;
}

function listFit(first: readonly Fit[], optional: number, rest: Fit | undefined): Fit {
  return (value) => {
    if (!Array.isArray(value)) return NO_FIT;
    if (value.length < first.length - optional || (rest === undefined && value.length > first.length)) return NO_FIT;
    const fitted: unknown[] = [];
    let isSame = true;
    for (const [at, item] of value.entries()) {
      const fit = first[at] ?? rest;
      const one = fit === undefined ? item : fit(item);
      if (one === NO_FIT) return NO_FIT;
      isSame &&= one === item;
      fitted.push(one);
    }
    if (!isSame) for (const [at, one] of fitted.entries()) value[at] = one;
    return value;
  };
}

/** The part of a value that does not fit, as near as it can be said. */
export interface Misfit {
  path: readonly string[];
  value: unknown;
  wanted: Shape;
}

export function misfitOf(value: unknown, shape: Shape, named: RecordType["named"]): Misfit {
  const found = { path: [], value, wanted: shape };
  const known = shape.kind === "named" ? (named[shape.name] ?? shape) : shape;
  const inside = (key: string, part: unknown, wanted: Shape): Misfit => {
    const { path, ...misfit } = misfitOf(part, wanted, named);
    return { path: [key, ...path], ...misfit };
  };
  if (known.kind === "array" && Array.isArray(value)) {
    const at = value.findIndex((item) => fitOf(known.items, named)(item) === NO_FIT);
    return at === -1 ? found : inside(String(at), value[at], known.items);
  }
  if (known.kind === "tuple" && Array.isArray(value) && value.length >= known.items.length - known.optional) {
    for (const [at, item] of value.entries()) {
      const wanted = known.items[at] ?? known.rest;
      if (wanted !== undefined && fitOf(wanted, named)(item) === NO_FIT) return inside(String(at), item, wanted);
    }
  }
  if (known.kind === "union") {
    // Of several options only one can be what was meant: a list, or an object.
    const containers = known.options.filter(({ kind }) => ["array", "object", "named", "tuple"].includes(kind));
    const [only] = containers;
    const isMeant = containers.length === 1 && typeof value === "object" && value !== null;
    return isMeant && only !== undefined ? misfitOf(value, only, named) : found;
  }
  if (known.kind !== "object" || typeof value !== "object" || value === null || Array.isArray(value)) return found;
  for (const field of known.fields) {
    const part: unknown = Object.hasOwn(value, field.name) ? Reflect.get(value, field.name) : undefined;
    if ((part !== undefined || !field.isOptional) && fitOf(field.shape, named)(part) === NO_FIT)
      return inside(field.name, part, fieldShape(field));
  }
  return found;
}
