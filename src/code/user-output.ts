/**
 * What a transform writes on the console or on standard output goes to standard error, line by line, through the parent:
 * standard output belongs to the results, and the parent knows what else is on the terminal.
 */
import { userFrames } from "./frames.ts";

/** All that the runtime's `Console` writes by. What is made of it is what Node prints. */
const METHODS =
  "log info debug warn error dir dirxml table assert count countReset time timeLog timeEnd group groupCollapsed groupEnd".split(
    " ",
  );

type Print = (...values: unknown[]) => void;

/**
 * Takes the console and the standard streams of this thread. `say` gets one or more lines, without the last line feed;
 * a line that is not ended yet is said by `flush`.
 */
export function redirectOutput(say: (text: string) => void): { flush(): void } {
  const lines = new Lines(say);
  // Made at the first output: the two modules take 3 ms to load.
  const stream = lazily(() => lineStream(lines));
  const printer = lazily(() => new console.Console({ stdout: stream(), stderr: stream() }));
  const print = (method: string): Print => {
    return (...values) => {
      Reflect.apply(Reflect.get(printer(), method) as Print, printer(), values);
    };
  };
  for (const method of METHODS) Reflect.set(console, method, print(method));
  console.trace = (...values) => {
    const { format } = process.getBuiltinModule("node:util");
    const said = values.length === 0 ? "Trace" : `Trace: ${format(...values)}`;
    print("error")("%s", `${said}\n${userFrames(new Error("trace")) ?? ""}`.trimEnd());
  };
  // There is no terminal to clear.
  console.clear = () => {};
  console.write = (...parts) => {
    const texts = parts.map((part) => (typeof part === "string" ? part : new TextDecoder().decode(bytesOf(part))));
    lines.add(texts.join(""));
    return Buffer.byteLength(texts.join(""));
  };
  for (const name of ["stdout", "stderr"]) {
    // If the property were only defined, the runtime would open the real stream first. That takes a millisecond and
    // makes the pipe non-blocking, also for other processes that share it. Set to undefined before, it is never opened.
    Reflect.set(process, name, undefined);
    Object.defineProperty(process, name, { get: stream, configurable: true, enumerable: true });
  }
  // The runtime writes to it without the parent's knowledge, but at least not among the results.
  Reflect.set(Bun, "stdout", Bun.stderr);
  process.on("exit", () => lines.flush());
  return lines;
}

/** A line without an end is printed after this time. */
const UNENDED_MS = 200;
const MAX_LINE_CHARS = 64 * 1024;

/** Lines that come in pieces. */
class Lines {
  readonly #say: (text: string) => void;
  #rest = "";
  #timer: Timer | undefined;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  add(text: string): void {
    const all = this.#rest + text;
    const end = all.lastIndexOf("\n");
    this.#rest = all.slice(end + 1);
    if (end >= 0) this.#say(all.slice(0, end));
    if (this.#rest.length > MAX_LINE_CHARS) this.flush();
    else if (this.#rest !== "") this.#flushSoon();
  }

  /** Prints the text that has no line feed behind it yet. */
  flush(): void {
    const rest = this.#rest;
    this.#rest = "";
    if (rest !== "") this.#say(rest);
  }

  #flushSoon(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.flush();
    }, UNENDED_MS);
    this.#timer.unref();
  }
}

function lineStream(lines: Lines): NodeJS.WritableStream {
  const { Writable } = process.getBuiltinModule("node:stream");
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string | Uint8Array, _encoding, done) => {
      lines.add(typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk));
      done();
    },
  });
  // Code that writes to its number writes to standard error.
  return Object.assign(stream, { fd: 2, isTTY: false });
}

function bytesOf(part: ArrayBufferView | ArrayBufferLike): Uint8Array {
  return ArrayBuffer.isView(part)
    ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
    : new Uint8Array(part);
}

function lazily<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make());
}
