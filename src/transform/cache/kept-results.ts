/**
 * `--cache`: results of a transform's function, kept by what the function can see of a row, so that it is called for
 * new rows only. What it can see is proven of its code where that is possible (see proof.ts), and all of the row
 * otherwise; fields that a result hands on as they are count for neither key nor result.
 *
 * A key has all that a result may hang on: the values, the code with all that it imports, arguments and tables. What
 * hangs on a row's place (`ctx.index`, `ctx.line`, `ctx.file`) cannot be kept and is not to be had.
 */
import { dirname, relative } from "node:path";
import { RowmillError } from "../../errors.ts";
import type { Row } from "../../formats/format.ts";
import { type RowContext, holdBack } from "../../code/context.ts";
import { LINKED_TRANSFORM, linkedFile } from "../../code/linked.ts";
import { LoadedFiles } from "../../code/loaded-files.ts";
import { checkState } from "../../code/state-check.ts";
import { fileHash } from "../../io/file-hash.ts";
import { givesNothingThatChanges } from "../code-facts.ts";
import type { Rate } from "../rate.ts";
import type { LoadedTransform } from "../transform.ts";
import type { CacheCounts, RunSetup } from "../wire.ts";
import { type Looks, looksOf } from "./looks.ts";
import { packed, unpacked } from "./packed.ts";
import { type Entry, type Key, ResultStore, reasonOf } from "./store.ts";

type Call = LoadedTransform["call"];

/** A result is not longer on its way than this, and a little more where a function does not give way. */
const WRITE_AFTER_MS = 100;
/** So many wait to be written at most. */
const MOST_WAITING = 256;

function refuse(why: string, hint: string, place?: RowmillError["place"]): never {
  throw new RowmillError("transform", `--cache keeps what a function gives for a row: ${why}`, {
    hint,
    ...(place !== undefined && { place }),
  });
}

/**
 * Says why results of a transform cannot be kept, where they cannot.
 *
 * @throws {RowmillError} `transform`, with the reason.
 */
async function checkKeepable(transform: LoadedTransform, { source, steps, cache }: RunSetup): Promise<void> {
  if (transform.batch !== undefined)
    refuse(
      "the transform exports batch, which takes many rows at once",
      "export a function of one row, or leave out --cache",
    );
  if (steps.some(({ stage }) => stage === "window"))
    refuse("a window looks at the rows around it as well", "leave out --cache");
  if (transform.isPassedOn) refuse("the transform has none", "leave out --cache");
  if (source.kind !== "module" || source.path === LINKED_TRANSFORM || cache?.checksState !== true) return;
  try {
    await checkState(source.path, transform);
  } catch (error) {
    if (!(error instanceof RowmillError)) throw error;
    refuse(error.message, "have its result hang on the row alone, or leave out --cache", error.place);
  }
}

/** What results may hang on beside the row, as a digest. */
function digestOf({ source, args, cache }: RunSetup, files: LoadedFiles | undefined): string {
  const code =
    source.kind === "expression"
      ? source.expression
      : source.path === LINKED_TRANSFORM
        ? fileHash(linkedFile())
        : filesOf(files, dirname(source.at));
  const parts = { code, args: inOrder(Object.entries(args)), tables: cache?.tables, zone: process.env["TZ"] ?? "" };
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(parts)).digest("base64");
}

/** The same files in another folder are the same code. */
function filesOf(files: LoadedFiles | undefined, folder: string): [string, string][] {
  return inOrder(Object.entries(files?.take() ?? {}).map(([path, hash]) => [relative(folder, path), hash]));
}

function inOrder(entries: [string, string][]): [string, string][] {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * Opens the cache for a worker whose transform has been set up.
 *
 * @throws {RowmillError} `transform`, when results of this transform cannot be kept.
 */
export async function openKept(
  transform: LoadedTransform,
  setup: RunSetup,
  rate: Rate | undefined,
): Promise<KeptResults | undefined> {
  await checkKeepable(transform, setup);
  const { cache } = setup;
  if (cache?.isUsed !== true) return undefined;
  const files = setup.source.kind === "module" ? new LoadedFiles() : undefined;
  return new KeptResults({
    store: new ResultStore(cache.folder, cache.shown),
    shown: cache.shown,
    looks: looksOf(transform, setup),
    digest: digestOf(setup, files),
    files,
    rate,
    mayShare: !(await givesNothingThatChanges(transform, setup)),
  });
}

interface KeptSetup {
  store: ResultStore;
  shown: string;
  looks: Looks | undefined;
  digest: string;
  /** Says which files have been imported since it was asked last. */
  files: LoadedFiles | undefined;
  rate: Rate | undefined;
  /** The function may give one object for several rows, and change it meanwhile. */
  mayShare: boolean;
}

/** A row whose result is to be kept. */
interface Asked extends Key {
  /** What of the result is kept. */
  as: "fields" | "row" | "whole";
}

/** The kept results of one worker. */
export class KeptResults {
  readonly #setup: KeptSetup;
  readonly #hash = new Uint8Array(32);
  readonly #numbers = new DataView(this.#hash.buffer);
  #waiting: Map<number, Entry> = new Map();
  #written = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Rows whose function has not answered, for others that are the same to it. */
  readonly #underWay = new Map<number, { more: number; done: Promise<string | undefined> }>();
  /** Objects that a function has given before, with the key that they were kept under. */
  readonly #given = new WeakMap<object, Key>();
  #counts: CacheCounts = { hits: 0, misses: 0, unkept: 0 };
  #trouble: string | undefined;
  #reads = true;
  #writes: boolean;

  constructor(setup: KeptSetup) {
    this.#setup = setup;
    this.#writes = !setup.store.isReadOnly;
    if (!this.#writes) this.#trouble = this.#cannot("written: it is read-only");
  }

  /** What has been asked since the last time. */
  takeCounts(): CacheCounts {
    const counts = this.#trouble === undefined ? this.#counts : { ...this.#counts, trouble: this.#trouble };
    this.#counts = { hits: 0, misses: 0, unkept: 0 };
    this.#trouble = undefined;
    return counts;
  }

  /** A function that gives what is kept, and calls this one for the rest. */
  wrap(call: Call): Call {
    return (row, ctx) => {
      const asked = this.#asked(row);
      if (asked === undefined) {
        this.#counts.unkept++;
        return this.#called(call, row, ctx);
      }
      const text = this.#find(asked);
      if (text !== undefined) {
        const found = this.#made(text, row);
        if (found !== NOTHING) {
          this.#counts.hits++;
          return found;
        }
      }
      this.#try(() => this.#setup.store.pause(), "read");
      const open = this.#underWay.get(asked.id);
      return open?.more === asked.more
        ? this.#calledBehind(open.done, { call, asked }, { row, ctx })
        : this.#calledFor({ call, asked }, { row, ctx });
    };
  }

  /** Waits for a row that is the same; where that comes to nothing, this one is called. */
  async #calledBehind(
    done: Promise<string | undefined>,
    call: { call: Call; asked: Asked },
    { row, ctx }: { row: Row; ctx: RowContext },
  ): Promise<unknown> {
    const text = await done;
    const found = text === undefined ? NOTHING : this.#made(text, row);
    if (found === NOTHING) return await this.#calledFor(call, { row, ctx });
    this.#counts.hits++;
    return found;
  }

  #calledFor({ call, asked }: { call: Call; asked: Asked }, { row, ctx }: { row: Row; ctx: RowContext }): unknown {
    this.#counts.misses++;
    const result = this.#called(call, row, ctx);
    if (!isPromised(result)) return this.#kept(asked, materialized(result), row).result;
    const keeping = laterKept(result, (late) => {
      const seen = this.#seenBefore(late, asked);
      return seen ? { result: late, text: undefined } : this.#kept(asked, late, row);
    });
    const done = keeping.then(
      ({ text }) => text,
      () => undefined,
    );
    this.#underWay.set(asked.id, { more: asked.more, done });
    return keeping.then(
      ({ result: late }) => {
        this.#underWay.delete(asked.id);
        return late;
      },
      (error: unknown) => {
        this.#underWay.delete(asked.id);
        throw error;
      },
    );
  }

  /** Calls the function, in its turn. */
  #called(call: Call, row: Row, ctx: RowContext): unknown {
    const own = new KeptContext(ctx) as unknown as RowContext;
    const waitMs = this.#setup.rate?.take() ?? 0;
    if (waitMs <= 0) return call(row, own);
    holdBack(ctx, waitMs);
    return Bun.sleep(waitMs).then(() => {
      ctx.signal.throwIfAborted();
      return call(row, own);
    });
  }

  /** An object that was given for another row, too, holds what became of it last: neither is kept. */
  #seenBefore(result: unknown, asked: Asked): boolean {
    if (!this.#setup.mayShare || typeof result !== "object" || result === null) return false;
    const before = this.#given.get(result);
    if (before === undefined) {
      this.#given.set(result, asked);
      return false;
    }
    if (!this.#waiting.delete(before.id) && this.#writes) this.#try(() => this.#setup.store.remove(before), "written");
    this.#counts.unkept++;
    return true;
  }

  /** Keeps a result, where it can be kept. */
  #kept(asked: Asked, result: unknown, row: Row): { result: unknown; text: string | undefined } {
    const text = this.#textOf(asked, result, row);
    if (text === undefined) this.#counts.unkept++;
    else this.#keep({ id: asked.id, more: asked.more, text });
    return { result, text };
  }

  #textOf({ as }: Asked, result: unknown, row: Row): string | undefined {
    if (result === undefined || result === null) return result === null ? "0" : "U";
    if (as === "row") return result === row ? "R" : undefined;
    if (as === "whole") {
      const text = packed(result);
      return text && (result === row ? "S" : "V") + text;
    }
    const fields = this.#setup.looks?.result;
    if (fields === undefined || fields === "row" || typeof result !== "object") return undefined;
    const values: unknown[] = [];
    for (const { name, column } of fields) if (column === undefined) values.push((result as Row)[name]);
    const text = packed(values);
    return text && `F${text}`;
  }

  /** The result that a text was made of, for a row. */
  #made(text: string, row: Row): unknown {
    try {
      const held = text.slice(1);
      switch (text[0]) {
        case "0":
          return null;
        case "U":
          return undefined;
        case "R":
          return row;
        case "S":
          // The function gave the row itself, as it had changed it.
          for (const name of Object.keys(row)) delete row[name];
          return Object.assign(row, unpacked(held));
        case "V":
          return unpacked(held);
        case "F":
          return this.#filled(unpacked(held) as unknown[], row);
        default:
          return NOTHING;
      }
    } catch {
      // Damaged: it is asked for again.
      return NOTHING;
    }
  }

  #filled(values: readonly unknown[], row: Row): unknown {
    const fields = this.#setup.looks?.result;
    if (fields === undefined || fields === "row") return NOTHING;
    const result: Row = {};
    let at = 0;
    for (const { name, column } of fields) result[name] = column === undefined ? values[at++] : row[column];
    return at === values.length ? result : NOTHING;
  }

  #keep(entry: Entry): void {
    if (!this.#writes) return;
    this.#waiting.set(entry.id, entry);
    const isDue = performance.now() - this.#written >= WRITE_AFTER_MS || this.#waiting.size >= MOST_WAITING;
    if (isDue) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), WRITE_AFTER_MS).unref();
  }

  /** Writes what waits: from then on it outlives this process. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#try(() => this.#setup.store.pause(), "read");
    this.#written = performance.now();
    if (this.#waiting.size === 0 || !this.#writes) return;
    const entries = [...this.#waiting.values()];
    this.#waiting = new Map();
    const [late] = Object.keys(this.#setup.files?.take() ?? {});
    if (late !== undefined) {
      this.#writes = false;
      this.#trouble = `the transform imports ${late} when rows run, too late to be part of what --cache goes by: new results are not kept (import it at the top)`;
      return;
    }
    this.#try(() => this.#setup.store.add(entries), "written");
    this.#written = performance.now();
  }

  /** Nothing follows. */
  close(): void {
    this.flush();
    this.#reads = false;
    this.#writes = false;
    this.#setup.store.close();
  }

  #find(key: Key): string | undefined {
    if (this.#waiting.size > 0) {
      const waiting = this.#waiting.get(key.id);
      if (waiting?.more === key.more) return waiting.text;
    }
    if (!this.#reads) return undefined;
    try {
      return this.#setup.store.find(key);
    } catch (error) {
      this.#giveUp(error, "read");
      return undefined;
    }
  }

  #try(work: () => void, what: "read" | "written"): void {
    try {
      work();
    } catch (error) {
      this.#giveUp(error, what);
    }
  }

  /** What goes wrong with a cache does not end the run: from then on it goes without. */
  #giveUp(error: unknown, what: "read" | "written"): void {
    const isKnown = !this.#reads;
    if (what === "read") this.#reads = false;
    this.#writes = false;
    if (!isKnown) this.#trouble = this.#cannot(`${what}: ${reasonOf(error)}`);
  }

  #cannot(what: string): string {
    return `the cache ${this.#setup.shown} cannot be ${what}; the run goes on, and new results are not kept`;
  }

  /** The key of a row; undefined for one that holds what cannot be told apart. */
  #asked(row: Row): Asked | undefined {
    const { looks } = this.#setup;
    if (looks === undefined || !this.#fits(row, looks)) return this.#keyOf("w", packed(row), "whole");
    let text = "";
    const { columns, labels } = looks;
    for (let at = 0; at < columns.length; at++) {
      const value = row[columns[at] as string];
      const one = typeof value === "string" ? JSON.stringify(value) : (packed(value) ?? NO_TEXT);
      if (one === NO_TEXT) return undefined;
      text += `${labels[at]}${one},`;
    }
    const { result } = looks;
    return this.#keyOf("c", text, result === undefined ? "whole" : result === "row" ? "row" : "fields");
  }

  /** Whether what is proven is all there is to say of a row: it has all that is handed on, and nothing of it can change. */
  #fits(row: Row, { result, both }: Looks): boolean {
    if (result !== undefined && result !== "row")
      for (const { column } of result) if (column !== undefined && !(column in row)) return false;
    return both.every((name) => typeof row[name] !== "object" || row[name] === null);
  }

  #keyOf(kind: string, text: string | undefined, as: Asked["as"]): Asked | undefined {
    if (text === undefined) return undefined;
    Bun.SHA256.hash(this.#setup.digest + kind + text, this.#hash);
    return { id: wholeNumber(this.#numbers, 0), more: wholeNumber(this.#numbers, 8), as };
  }
}

const NOTHING = Symbol("nothing");
const NO_TEXT = "";

/** 53 bits of a digest. */
function wholeNumber(numbers: DataView, at: number): number {
  return numbers.getUint32(at) * 2 ** 21 + (numbers.getUint32(at + 4) >>> 11);
}

function isPromised(value: unknown): value is PromiseLike<unknown> {
  return (
    value instanceof Promise ||
    (typeof value === "object" && value !== null && typeof (value as Row)["then"] === "function")
  );
}

interface Settled {
  result: unknown;
  text: string | undefined;
}

async function laterKept(result: PromiseLike<unknown>, keep: (late: unknown) => Settled): Promise<Settled> {
  const late = await result;
  if (!isAsyncIterable(late)) return keep(materialized(late));
  return keep(await gathered(late));
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** What an iterator gives, as a list: it gives it once only. Each is taken before the next is asked for. */
function materialized(result: unknown): unknown {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return result;
  if (isAsyncIterable(result)) return gathered(result);
  if (!(Symbol.iterator in result)) return result;
  return Array.from(result as Iterable<unknown>, asNow);
}

async function gathered(result: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of result) items.push(asNow(item));
  return items;
}

/** A value as it is now: an iterator may give the same object each time. */
function asNow(value: unknown): unknown {
  const text = packed(value);
  return text === undefined ? value : unpacked(text);
}

/** What the function of a row is told beside it, without that by which two rows that are the same differ. */
class KeptContext {
  readonly #ctx: RowContext;

  constructor(ctx: RowContext) {
    this.#ctx = ctx;
  }

  get args(): RowContext["args"] {
    return this.#ctx.args;
  }

  get state(): unknown {
    return this.#ctx.state;
  }

  get log(): RowContext["log"] {
    return this.#ctx.log;
  }

  get lookup(): RowContext["lookup"] {
    return this.#ctx.lookup;
  }

  get signal(): AbortSignal {
    return this.#ctx.signal;
  }

  get emit(): RowContext["emit"] {
    return (name, row) => this.#ctx.emit(name, row);
  }

  get index(): never {
    throw hangsOnPlace("index");
  }

  get line(): never {
    throw hangsOnPlace("line");
  }

  get file(): never {
    throw hangsOnPlace("file");
  }

  get worker(): never {
    throw hangsOnPlace("worker");
  }
}

function hangsOnPlace(name: string): RowmillError {
  return new RowmillError(
    "row-function",
    `the code looks at ctx.${name}, and --cache keeps results by what rows hold, wherever they stand`,
    { hint: "have the result hang on the row alone, or leave out --cache" },
  );
}
