/**
 * Goes through JSON documents piece by piece, and holds none of them: to the arrays at the end of a path, or to find which
 * arrays of objects there are. What stands elsewhere is passed over by its brackets and quotes alone.
 */
import { RowmillError } from "../../errors.ts";
import { didYouMean, nearest } from "../../nearest.ts";
import { type RecordsPath, shownPath } from "./records-path.ts";

/** An object or array that is open, and stands on the path, or is looked into. */
interface Level {
  isArray: boolean;
  isOnPath: boolean;
  /** Key, or number, of the value in it that was begun last. */
  name: string;
  /** A value in it leads on along the path. */
  hasFound: boolean;
  /** The first keys, for a message. */
  keys: string[];
}

/** A value that is passed over. */
interface Passed {
  depth: number;
  inString: boolean;
  isWord: boolean;
}

/** Where it is in a document; can be kept as JSON. */
export interface WalkState {
  levels: Level[];
  expects: "document" | "key" | "colon" | "value" | "next";
  passed: Passed | undefined;
}

export const WALK_START: WalkState = { levels: [], expects: "document", passed: undefined };

/** What it has come to: the first element of an array of rows, the end of a document, or of the bytes. */
type Stop = "rows" | "document" | "more";

/** How it goes. */
interface Walk {
  /** To the arrays at its end; undefined: to none. */
  path: RecordsPath | undefined;
  /** Told of all other arrays of objects that are in no array. */
  onOther: ((path: RecordsPath) => void) | undefined;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SMALL_N = 0x6e;

/** So many keys are remembered, and named in a message. */
const KEPT_KEYS = 50;
const NAMED_KEYS = 12;

/** One walk over some bytes, from a state; the state behind them is `state`. */
export class DocumentWalk {
  readonly #path: RecordsPath | undefined;
  readonly #onOther: Walk["onOther"];
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly state: WalkState;
  /** Behind what was taken. */
  at: number;

  constructor({ path, onOther }: Walk, state: WalkState, range: { bytes: Buffer; start: number; end: number }) {
    this.#path = path;
    this.#onOther = onOther;
    this.state = structuredClone(state);
    this.#bytes = range.bytes;
    this.at = range.start;
    this.#end = range.end;
  }

  /** Goes on to the next stop. */
  next(): Stop {
    for (;;) {
      if (this.state.passed !== undefined && !this.#pass(this.state.passed)) return "more";
      while (isSpace(this.#bytes[this.at]) && this.at < this.#end) this.at++;
      if (this.at >= this.#end) return "more";
      const stop = this.#token(this.#bytes[this.at] ?? 0);
      if (stop !== undefined) return stop;
    }
  }

  /** An array of rows has ended. */
  leaveRows(): void {
    this.state.expects = this.state.levels.length === 0 ? "document" : "next";
  }

  #token(byte: number): Stop | undefined {
    const { state } = this;
    const level = state.levels.at(-1);
    switch (state.expects) {
      case "key":
        return byte === CLOSE_BRACE ? this.#close(byte) : this.#key(level);
      case "colon":
        if (byte !== COLON) throw noJson("a colon is missing behind a key");
        this.at++;
        state.expects = "value";
        return undefined;
      case "next":
        if (byte !== COMMA) return this.#close(byte);
        this.at++;
        state.expects = level?.isArray === true ? "value" : "key";
        if (level?.isArray === true) level.name = String(Number(level.name) + 1);
        return undefined;
      default:
        if (level?.isArray === true && byte === CLOSE_BRACKET) return this.#close(byte);
        return this.#value(byte, level);
    }
  }

  #key(level: Level | undefined): Stop | undefined {
    const behind = this.#bytes[this.at] === QUOTE ? this.#behindString() : undefined;
    if (behind === undefined) throw noJson("a key is missing in an object");
    if (behind > this.#end || level === undefined) return "more";
    const text = this.#bytes.toString("utf8", this.at, behind);
    try {
      level.name = String(JSON.parse(text));
    } catch (error) {
      throw noJson(`a key is no text of JSON: ${text.slice(0, 100)}`, error);
    }
    if (level.keys.length < KEPT_KEYS) level.keys.push(level.name);
    this.at = behind;
    this.state.expects = "colon";
    return undefined;
  }

  /** Behind the quote that closes the string here; behind the end where it is not there. */
  #behindString(): number {
    for (let at = this.at + 1; at < this.#end; at++) {
      const byte = this.#bytes[at];
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) return at + 1;
    }
    return this.#end + 1;
  }

  #value(byte: number, level: Level | undefined): Stop | undefined {
    const { levels } = this.state;
    const path = this.#path ?? [];
    const step = path[levels.length - 1];
    const leadsOn =
      level === undefined ? this.#path !== undefined : level.isOnPath && (step === undefined || step === level.name);
    if (leadsOn && level !== undefined && step !== undefined) {
      if (level.hasFound) throw noRows(`${this.#shown()} is there twice`, "a key stands once in an object");
      level.hasFound = true;
    }
    if (leadsOn && levels.length === path.length) return this.#rows(byte);
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return this.#open(byte, leadsOn);
    if (leadsOn) this.#refuse(byte, `: there is no ${shownPath([path[levels.length]]) || "array"} in it`);
    this.#passFrom(byte);
    return undefined;
  }

  /** The value at the end of the path. */
  #rows(byte: number): Stop | undefined {
    if (byte === OPEN_BRACKET) {
      this.at++;
      return "rows";
    }
    // What many a program writes for no rows.
    if (byte !== SMALL_N) this.#refuse(byte, ", and no array");
    this.#passFrom(byte);
    return undefined;
  }

  #open(byte: number, leadsOn: boolean): Stop | undefined {
    const isArray = byte === OPEN_BRACKET;
    if (!leadsOn && this.#onOther !== undefined && isArray) {
      let ink = this.at + 1;
      while (ink < this.#end && isSpace(this.#bytes[ink])) ink++;
      if (ink >= this.#end) return "more";
      if (this.#bytes[ink] === OPEN_BRACE) this.#onOther(this.#names());
    }
    if (!leadsOn && (this.#onOther === undefined || isArray)) {
      this.#passFrom(byte);
      return undefined;
    }
    this.at++;
    this.state.levels.push({ isArray, isOnPath: leadsOn, name: "0", hasFound: false, keys: [] });
    this.state.expects = isArray ? "value" : "key";
    return undefined;
  }

  #close(byte: number): Stop | undefined {
    const { levels } = this.state;
    const level = levels.at(-1);
    if (level === undefined || byte !== (level.isArray ? CLOSE_BRACKET : CLOSE_BRACE))
      throw noJson("a comma or a bracket is missing behind a value");
    const step = this.#path?.[levels.length - 1];
    if (level.isOnPath && !level.hasFound && step !== undefined) throw this.#notFound(level, step);
    this.at++;
    levels.pop();
    this.leaveRows();
    return levels.length === 0 ? "document" : undefined;
  }

  #notFound({ isArray, name, keys }: Level, step: string): RowmillError {
    const shown = shownPath([step]);
    const where = this.state.levels.length === 1 ? "the document" : shownPath(this.#names().slice(0, -1));
    if (isArray) {
      const hint = /^\d+$/.test(step)
        ? undefined
        : `${shownPath([...this.#names().slice(0, -1), undefined, step])} is that of each element`;
      return noRows(`${where} has no ${shown}: it is an array of ${Number(name) + 1}`, hint);
    }
    const like = nearest(step, keys);
    const named = keys.slice(0, NAMED_KEYS).join(", ") + (keys.length > NAMED_KEYS ? ", …" : "");
    return noRows(
      `${where} has no ${shown}`,
      `${like === undefined ? "" : `${didYouMean(like)} `}its keys are: ${named || "none"}`,
    );
  }

  /** @throws {RowmillError} That what stands here is not what the path wants. */
  #refuse(byte: number, why: string): never {
    const where = this.state.levels.length === 0 ? "the document" : this.#shown();
    const isObject = byte === OPEN_BRACE;
    const what = isObject ? "an object" : byte === QUOTE ? "a text" : "a number or a word";
    const hint = isObject ? this.#arraysHere() : undefined;
    throw noRows(`${where} is ${what}${why}`, hint ?? "--records . reads each document as a row");
  }

  /** The arrays of objects in the object that begins here, as far as it is there. */
  #arraysHere(): string | undefined {
    const found: string[] = [];
    const onOther = (path: RecordsPath): void => void found.push(shownPath([...this.#names(), ...path]));
    const range = { bytes: this.#bytes, start: this.at, end: this.#end };
    new DocumentWalk({ path: undefined, onOther }, WALK_START, range).next();
    return found.length === 0 ? undefined : `did you mean ${found.slice(0, NAMED_KEYS).join(", or ")}?`;
  }

  #names(): RecordsPath {
    return this.state.levels.map(({ name }) => name);
  }

  #shown(): string {
    return shownPath(this.#names());
  }

  #passFrom(byte: number): void {
    const inString = byte === QUOTE;
    const depth = byte === OPEN_BRACE || byte === OPEN_BRACKET ? 1 : 0;
    if (byte === COMMA || byte === COLON || byte === CLOSE_BRACE || byte === CLOSE_BRACKET)
      throw noJson("a value is missing");
    this.at++;
    this.state.passed = { depth, inString, isWord: depth === 0 && !inString };
  }

  /** Passes over a value; whether it has ended. */
  #pass(passed: Passed): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    let { at } = this;
    let { depth, inString } = passed;
    for (; at < end; at++) {
      const byte = bytes[at];
      if (passed.isWord) {
        if (!isSpace(byte) && byte !== COMMA && byte !== CLOSE_BRACE && byte !== CLOSE_BRACKET) continue;
        break;
      }
      if (byte === BACKSLASH && inString) {
        // What it escapes must be there as well.
        if (at + 1 === end) break;
        at++;
      } else if (byte === QUOTE) {
        inString = !inString;
        if (!inString && depth === 0) break;
      } else if (inString) {
        at = this.#inString(at);
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
      else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) break;
    }
    const isDone = passed.isWord ? at < end : !inString && depth === 0;
    this.at = isDone && !passed.isWord ? at + 1 : at;
    this.state.passed = isDone ? undefined : { ...passed, depth, inString };
    if (isDone) this.leaveRows();
    return isDone;
  }

  /** The last byte of a string, from here on, before its next quote or backslash. */
  #inString(from: number): number {
    let at = from;
    while (at + 1 < this.#end && this.#bytes[at + 1] !== QUOTE && this.#bytes[at + 1] !== BACKSLASH) at++;
    return at;
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function noJson(message: string, cause?: unknown): RowmillError {
  return new RowmillError("input", `cannot read JSON: ${message}`, { hint: "check how it was made", cause });
}

/** What is asked for is not there. */
export function noRows(message: string, hint: string | undefined): RowmillError {
  return new RowmillError("input", `cannot find --records: ${message}`, hint === undefined ? {} : { hint });
}
