/**
 * The whole way of one row through a transform: typed fields, schema, filter, function, output schema. Built once a
 * run; each step that a run does not need is not there.
 */
import { RowmillError } from "../errors.ts";
import type { Row } from "../formats/format.ts";
import { kindOf } from "../formats/values/form.ts";
import type { ObjectSpelling } from "../formats/values/spelling-tree.ts";
import type { Emits } from "./emits.ts";
import type { MakeLast } from "./lasting-results.ts";
import type { LoadedTransform } from "./transform.ts";
import { Many, type Outcome, type Predicate, type RowFunction } from "./outcome.ts";
import { withRetries } from "./retry.ts";
import type { SharedResults } from "./shared-results.ts";
import { recordReader } from "../fields/record-type/record-rows.ts";
import { schemaFieldsReader } from "../fields/schema/field-reading.ts";
import { inOrderOf } from "../fields/schema/input-order.ts";
import { validator } from "../fields/schema/validator.ts";
import { nullReader, numberTextsReader } from "../fields/typed-fields.ts";
import type { TypedRows } from "../fields/typed-rows.ts";
import type { InputSetup } from "./wire.ts";

export interface RowFunctionSetup {
  /** Has a function called for the rows that joins make of one; undefined where there are none. */
  joined: ((call: RowFunction) => RowFunction) | undefined;
  filter: Predicate | undefined;
  input: InputSetup;
  /** How fields are typed; undefined where none is that the code can look at. */
  typed: TypedRows | undefined;
  /** The filter alone gets typed rows: what makes groups are texts. */
  typesFilterOnly: boolean;
  /** Attempts beyond the first, for rows whose function throws or rejects. */
  retries: number;
  onRetry: () => void;
  /** Has results stay as they are. */
  makeLast: MakeLast;
  /** The same for what an iterator gives that is no list. */
  makeItemLast: MakeLast;
  /** Watches results that come late. */
  shared: SharedResults | undefined;
  /** The function gives a row each time, or nothing, and that is proven: there is nothing to ask of it. */
  givesRows: boolean;
  /** Takes what rows emit, where there are outputs for that. */
  emits?: Emits | undefined;
  /** Rows that a schema gives have their keys in the order of the input. */
  keepsOrder: boolean;
}

/** Builds the function that a worker calls for each row. */
export function rowFunction(transform: LoadedTransform, setup: RowFunctionSetup): RowFunction {
  const call = attemptFunction(transform, setup);
  // Of the rows that a join makes of one, each is tried again by itself.
  const tried = setup.retries === 0 ? call : withRetries(call, setup.retries, setup.onRetry);
  return setup.joined?.(tried) ?? tried;
}

/** All of the way, once. */
function attemptFunction(
  transform: LoadedTransform,
  {
    filter,
    input,
    typed,
    typesFilterOnly,
    makeLast,
    makeItemLast,
    shared,
    keepsOrder,
    givesRows,
    emits,
  }: RowFunctionSetup,
): RowFunction {
  const ownFilter = filter !== undefined && typed !== undefined && typesFilterOnly ? typedCopy(filter, typed) : filter;
  const isBare =
    givesRows &&
    emits === undefined &&
    ownFilter === undefined &&
    typed === undefined &&
    transform.output === undefined;
  const once = isBare
    ? bareStep(transform, makeLast)
    : functionStep(transform, ownFilter, {
        finish: outputStep(transform, { typed, makeLast, makeItemLast, shared }),
        shared,
        emits,
      });
  const validated = schemaStep(transform, keepsOrder, once);
  const typedCall = typed === undefined || typesFilterOnly ? validated : typedStep(typed, validated);
  const readers = fieldReaders(transform, input);
  const [first, ...others] = readers;
  if (first === undefined) return typedCall;
  if (others.length === 0) {
    return (row, ctx, spelling) => {
      first(row, spelling);
      return typedCall(row, ctx, spelling);
    };
  }
  return (row, ctx, spelling) => {
    for (const read of readers) read(row, spelling);
    return typedCall(row, ctx, spelling);
  };
}

function typedStep(typed: TypedRows, next: RowFunction): RowFunction {
  return (row, ctx, spelling) => {
    typed.read(row);
    return next(row, ctx, typed.spelling(spelling));
  };
}

function typedCopy(filter: Predicate, typed: TypedRows): Predicate {
  return (row, ctx) => {
    const copy = { ...row };
    typed.read(copy);
    return filter(copy, ctx);
  };
}

function fieldReaders(
  { schema, record }: LoadedTransform,
  input: InputSetup,
): ((row: Row, spelling: ObjectSpelling | undefined) => void)[] {
  const readers: ReturnType<typeof fieldReaders> = [];
  const isText = input.traits.values === "text";
  // Where fields have escapes, null is told by how it stands in the file.
  if (input.nullTexts !== undefined && !input.dialect.hasEscapes) readers.push(nullReader(input.nullTexts));
  if (!isText && Object.values(input.types).includes("string")) readers.push(numberTextsReader(input.types));
  const fromSchema = schema === undefined || !isText ? undefined : schemaFieldsReader(schema);
  if (fromSchema !== undefined) readers.push(fromSchema);
  if (record?.kind === "used" && !isText) readers.push(recordReader(record.type));
  return readers;
}

function schemaStep({ schema }: LoadedTransform, keepsOrder: boolean, next: RowFunction): RowFunction {
  if (schema === undefined) return next;
  const validateOnly = validator(schema, "schema");
  const validate = keepsOrder ? inOrder(validateOnly) : validateOnly;
  return (row, ctx, spelling) => {
    const value = validate(row);
    return value instanceof Promise
      ? value.then((late) => next(late as Row, ctx, spelling))
      : next(value as Row, ctx, spelling);
  };
}

function inOrder(validate: (row: unknown) => unknown): (row: unknown) => unknown {
  return (row) => {
    const made = validate(row);
    return made instanceof Promise ? made.then((late) => inOrderOf(row, late)) : inOrderOf(row, made);
  };
}

/** What a function needs whose results are rows. */
function bareStep({ call }: LoadedTransform, makeLast: MakeLast): RowFunction {
  return (row, ctx, spelling) => {
    const result = call(row, ctx);
    return result === undefined || result === null ? undefined : makeLast(result, row, spelling);
  };
}

function functionStep(
  { call }: LoadedTransform,
  filter: Predicate | undefined,
  { finish, shared, emits }: { finish: FinishResult; shared: SharedResults | undefined; emits: Emits | undefined },
): RowFunction {
  const runAlone: RowFunction = (row, ctx, spelling) => {
    const result = call(row, ctx);
    const { index } = ctx;
    if (!isPromise(result)) return finish(result, { row, index, spelling });
    const isOther = !(result instanceof Promise);
    return finishLater(result, (late) => {
      shared?.look(late, index, row);
      return finish(late, { row, index, spelling, isOther });
    });
  };
  const run = emits === undefined ? runAlone : emittingStep(emits, runAlone);
  if (filter === undefined) return run;
  return (row, ctx, spelling) => {
    const keeps = filter(row, ctx);
    if (isPromise(keeps)) return Promise.resolve(keeps).then((late) => (late ? run(row, ctx, spelling) : undefined));
    return keeps ? run(row, ctx, spelling) : undefined;
  };
}

/** What a row emits goes with its outcome. */
function emittingStep(emits: Emits, next: RowFunction): RowFunction {
  return (row, ctx, spelling) => {
    const take = emits.begin(ctx, row, spelling);
    const outcome = next(row, ctx, spelling);
    return outcome instanceof Promise ? outcome.then(take) : take(outcome);
  };
}

/**
 * Takes the result of a promise before any other code runs: at once where it is there already, as the function could be
 * called for the next row meanwhile, and change it.
 */
async function finishLater(result: PromiseLike<unknown>, finish: (result: unknown) => Outcome): Promise<Outcome> {
  if (!(result instanceof Promise)) return await finishOther(result, finish);
  if (Bun.peek.status(result) === "fulfilled") return finish(Bun.peek(result));
  return finish(await result);
}

/** As {@linkcode finishLater}, of an object with a `then` of its own: what it tells is taken when it tells it. */
function finishOther(result: PromiseLike<unknown>, finish: (result: unknown) => Outcome): Promise<Outcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  let isSettled = false;
  const take = (value: unknown): void => {
    if (isSettled) return;
    isSettled = true;
    try {
      resolve(isPromise(value) ? finishLater(value, finish) : finish(value));
    } catch (thrown) {
      reject(thrown);
    }
  };
  const fail = (thrown: unknown): void => {
    if (!isSettled) reject(thrown);
    isSettled = true;
  };
  try {
    result.then(take, fail);
  } catch (thrown) {
    fail(thrown);
  }
  return promise;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    value instanceof Promise ||
    (typeof value === "object" && value !== null && typeof (value as Row)["then"] === "function")
  );
}

/** The row that a result is for. */
export interface ResultPlace {
  row: Row;
  /** Its number in the run, where rows may overlap. */
  index?: number;
  /** How it was spelled. */
  spelling: ObjectSpelling | undefined;
  /** It comes of an object that the function gave, and of which nothing is proven. */
  isOther?: boolean;
}

/** What becomes of a result for a row. */
export type FinishResult = (result: unknown, place: ResultPlace) => Outcome;

/** What becomes of a result: nothing, a row or many, as the transform's `output` wants them, and as they are now. */
export function outputStep(
  { output }: Pick<LoadedTransform, "output">,
  { typed, makeLast, makeItemLast, shared }: Pick<RowFunctionSetup, "typed" | "makeLast" | "makeItemLast" | "shared">,
): FinishResult {
  const validate = output === undefined ? undefined : validator(output, "output");
  const taking = (make: MakeLast): ((value: unknown, place: ResultPlace) => unknown) => {
    const last = (value: unknown, { row, spelling }: ResultPlace): unknown =>
      make(typed === undefined ? value : typed.finish(value, row), row, spelling);
    if (validate === undefined) return last;
    return (value, place) => {
      const valid = validate(value);
      return valid instanceof Promise ? valid.then((late) => last(late, place)) : last(valid, place);
    };
  };
  const take = taking(makeLast);
  const takeItem = taking(makeItemLast);
  return (result, place) => {
    if (result === undefined || result === null) return undefined;
    if (typeof result === "object" && !isOrdinary(result)) {
      const takeOne = place.isOther === true ? takeItem : take;
      if (Array.isArray(result)) return many(result as Iterable<unknown>, (value) => takeOne(value, place));
      if (Symbol.iterator in result) return many(result as Iterable<unknown>, (value) => takeItem(value, place));
      if (Symbol.asyncIterator in result) {
        return manyLater(result as AsyncIterable<unknown>, (value) => {
          shared?.look(value, place.index ?? 0);
          return takeItem(value, place);
        });
      }
      if (result instanceof Date || result instanceof RegExp || result instanceof Error) throw noRow(result);
    } else if (typeof result === "function" || typeof result === "symbol") {
      throw noRow(result);
    }
    return (place.isOther === true ? takeItem : take)(result, place);
  };
}

/** Whether it is a row and nothing else, as nearly all results are. */
function isOrdinary(result: object): boolean {
  return (
    Object.getPrototypeOf(result) === Object.prototype &&
    !(Symbol.iterator in result) &&
    !(Symbol.asyncIterator in result)
  );
}

/** Each is taken before the next one is asked for: that may be the same object, with other fields. */
function many(values: Iterable<unknown>, take: (value: unknown) => unknown): Many | Promise<Many> {
  const taken: unknown[] = [];
  const late: Promise<unknown>[] = [];
  try {
    for (const value of values) {
      if (value === null || value === undefined) continue;
      const one = take(notPromised(value));
      if (one instanceof Promise) late.push(one);
      taken.push(one);
    }
  } catch (thrown) {
    // Whatever becomes of those before: it is not what fails.
    for (const promise of late) promise.catch(() => {});
    throw thrown;
  }
  return late.length > 0 ? Promise.all(taken).then((all) => new Many(all)) : new Many(taken);
}

async function manyLater(values: AsyncIterable<unknown>, take: (value: unknown) => unknown): Promise<Many> {
  const taken: unknown[] = [];
  for await (const value of values)
    if (value !== null && value !== undefined) taken.push(await take(notPromised(value)));
  return new Many(taken);
}

/** Among many outputs a promise is one that somebody forgot: which of them is to wait for it, nobody said. */
function notPromised(value: unknown): unknown {
  if (!isPromise(value)) return value;
  // Whatever becomes of it: it is not what fails.
  if (value instanceof Promise) value.catch(() => {});
  throw new RowmillError("row-result", "one of the results is a promise: did you forget await?", {
    hint: "for many results that take time: return await Promise.all([…])",
  });
}

function noRow(value: unknown): RowmillError {
  const what = typeof value === "object" && value !== null ? kindOf(value) : `a ${typeof value}`;
  return new RowmillError("row-result", `the result is ${what}, not an object`, {
    hint: "return an object, an array of objects, or null to drop the row",
  });
}
