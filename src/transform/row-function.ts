/**
 * The whole way of one row through a transform: typed fields, schema, filter, function, output schema. Built once a
 * run; each step that a run does not need is not there.
 */
import { RowmillError } from "../errors.ts";
import type { Row } from "../formats/format.ts";
import type { RowContext } from "./context.ts";
import type { LoadedTransform } from "./load.ts";
import { withRetries } from "./retry.ts";
import { schemaFieldsReader } from "./schema/field-reading.ts";
import { validator } from "./schema/validator.ts";
import { inferNumbers, nullReader, typedFieldsReader } from "./typed-fields.ts";
import type { InputSetup } from "./wire.ts";

/** Several outputs of one row: all are written or none. */
export class Many {
  readonly values: unknown[];
  constructor(values: unknown[]) {
    this.values = values;
  }
}

/** What became of a row: undefined when it is dropped, one value, or many; or a promise of that. */
export type Outcome = unknown;

/** Takes a row all the way; throws, or rejects, when the row fails. */
export type RowFunction = (row: Row, ctx: RowContext) => Outcome;

export type Predicate = (row: Row, ctx: RowContext) => unknown;

export interface RowFunctionSetup {
  filter: Predicate | undefined;
  input: InputSetup;
  /** Attempts beyond the first, for rows whose function throws or rejects. */
  retries: number;
  onRetry: () => void;
}

/** Builds the function that a worker calls for each row. */
export function rowFunction(
  transform: LoadedTransform,
  { filter, input, retries, onRetry }: RowFunctionSetup,
): RowFunction {
  const once = functionStep(transform, filter, outputStep(transform));
  const call = retries === 0 ? once : withRetries(once, retries, onRetry);
  const validated = schemaStep(transform, call);
  const readers = fieldReaders(transform, input);
  if (readers.length === 0) return validated;
  return (row, ctx) => {
    for (const read of readers) read(row);
    return validated(row, ctx);
  };
}

function fieldReaders({ schema }: LoadedTransform, input: InputSetup): ((row: Row) => void)[] {
  const readers: ((row: Row) => void)[] = [];
  // What has a header has fields of text.
  const isText = input.columns !== undefined;
  if (input.nullText !== undefined) readers.push(nullReader(input.nullText));
  if (Object.keys(input.types).length > 0) readers.push(typedFieldsReader(input.types));
  if (input.infersNumbers && isText) readers.push(inferNumbers);
  const fromSchema = schema === undefined || !isText ? undefined : schemaFieldsReader(schema);
  if (fromSchema !== undefined) readers.push(fromSchema);
  return readers;
}

function schemaStep({ schema }: LoadedTransform, next: RowFunction): RowFunction {
  if (schema === undefined) return next;
  const validate = validator(schema, "schema");
  return (row, ctx) => {
    const value = validate(row);
    return value instanceof Promise ? value.then((late) => next(late as Row, ctx)) : next(value as Row, ctx);
  };
}

function functionStep(
  { call }: LoadedTransform,
  filter: Predicate | undefined,
  finish: (result: unknown) => Outcome,
): RowFunction {
  const run: RowFunction = (row, ctx) => {
    const result = call(row, ctx);
    return isPromise(result) ? Promise.resolve(result).then(finish) : finish(result);
  };
  if (filter === undefined) return run;
  return (row, ctx) => {
    const keeps = filter(row, ctx);
    if (isPromise(keeps)) return Promise.resolve(keeps).then((late) => (late ? run(row, ctx) : undefined));
    return keeps ? run(row, ctx) : undefined;
  };
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    value instanceof Promise ||
    (typeof value === "object" && value !== null && typeof Reflect.get(value, "then") === "function")
  );
}

/** What becomes of a result: nothing, a row or many, as the transform's `output` wants them. */
export function outputStep({ output }: Pick<LoadedTransform, "output">): (result: unknown) => Outcome {
  if (output === undefined) return toOutcome;
  const validate = validator(output, "output");
  return (result) => {
    const outcome = toOutcome(result);
    if (outcome === undefined) return undefined;
    if (!(outcome instanceof Many)) return validate(outcome);
    const values = outcome.values.map(validate);
    return values.some((value) => value instanceof Promise)
      ? Promise.all(values).then((late) => new Many(late))
      : new Many(values);
  };
}

/** Tells apart what a function may return: nothing, a row, or many rows. */
function toOutcome(result: unknown): Outcome {
  if (result === undefined || result === null) return undefined;
  if (typeof result === "object") {
    if (Array.isArray(result)) return new Many(result.filter((value) => value !== null && value !== undefined));
    if (Symbol.iterator in result) return many(result as Iterable<unknown>);
    if (Symbol.asyncIterator in result) return Array.fromAsync(result as AsyncIterable<unknown>).then(toOutcome);
    if (result instanceof Date || result instanceof RegExp || result instanceof Error) throw noRow(result);
    return result;
  }
  if (typeof result === "function" || typeof result === "symbol") throw noRow(result);
  return result;
}

function many(values: Iterable<unknown>): Many {
  return new Many(Array.from(values).filter((value) => value !== null && value !== undefined));
}

function noRow(value: unknown): RowmillError {
  const what = typeof value === "object" && value !== null ? `a ${value.constructor.name}` : `a ${typeof value}`;
  return new RowmillError("row-result", `the result is ${what}, not an object`, {
    hint: "return an object, an array of objects, or null to drop the row",
  });
}
