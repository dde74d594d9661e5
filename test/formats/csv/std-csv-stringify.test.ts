/**
 * What `stringify()` of `@std/csv` 1.0.6 answers, and where Rowmill's answers otherwise. Where that package is installed
 * (`npx jsr add @std/csv@1.0.6`), it is asked itself.
 */
import { describe, expect, test } from "bun:test";
import { CsvStringifyStream } from "../../../src/csv/stream.ts";
import { stringify, type StringifyOptions } from "../../../src/csv/stringify.ts";

interface Question {
  data: unknown[];
  options?: StringifyOptions;
}

type Answer = string | { error: string };

const SEPARATOR = "Separator cannot include the following strings:";
const NO_COLUMNS = "No property accessor function was provided for object";
const NO_NUMBER = 'Property accessor is not of type "number"';

/** The same in both. */
const SAME: [name: string, question: Question, answer: Answer][] = [
  ["a lone empty field", { data: [[""], [null], ["a"]] }, "\r\n\r\na\r\n"],
  ["a lone empty field by column", { data: [{ a: "" }], options: { columns: ["a"] } }, "a\r\n\r\n"],
  ["a row without fields", { data: [[]] }, "\r\n"],
  ["an empty separator", { data: [["a", "", null]], options: { separator: "" } }, '"a"""\r\n'],
  ["a line feed as separator", { data: [["a", "b\nc"]], options: { separator: "\n" } }, 'a\n"b\nc"\r\n'],
  ["a carriage return as separator", { data: [["a", "b"]], options: { separator: "\r" } }, "a\rb\r\n"],
  ["a separator of several characters", { data: [["a::b", "c"]], options: { separator: "::" } }, '"a::b"::c\r\n'],
  ["a quotation mark as separator", { data: [["a"]], options: { separator: '"' } }, { error: SEPARATOR }],
  ["one in the separator", { data: [], options: { separator: 'a"' } }, { error: SEPARATOR }],
  ["CR LF in the separator", { data: [], options: { separator: "\r\n" } }, { error: SEPARATOR }],
  ["rows that are no arrays", { data: ["a", 1, true, undefined, 10n] }, "a\r\n1\r\ntrue\r\n\r\n10\r\n"],
  ["a record without columns", { data: [{ a: 1 }] }, { error: NO_COLUMNS }],
  ["null without columns", { data: [null] }, { error: NO_COLUMNS }],
  ["a Set without columns", { data: [new Set([1])] }, { error: NO_COLUMNS }],
  ["values in place of records", { data: [5, "x", null], options: { columns: ["a"] } }, "a\r\n5\r\nx\r\n\r\n"],
  [
    "a path that goes on behind a value",
    { data: [{ a: "x" }, { a: null }, {}], options: { columns: [["a", "b"]] } },
    "b\r\nx\r\n\r\n\r\n",
  ],
  ["an array asked for a name", { data: [["x"]], options: { columns: ["a"] } }, { error: NO_NUMBER }],
  [
    "a nested array asked for a name",
    { data: [{ a: ["x"] }], options: { columns: [["a", "0"]] } },
    { error: NO_NUMBER },
  ],
  ["objects", { data: [[{ a: 1 }, [1, "x"]]] }, '"{""a"":1}","[1,""x""]"\r\n'],
  ["headers without columns", { data: [["a"]], options: { headers: true } }, "a\r\n"],
  ["columns without headers", { data: [["a"]], options: { headers: false, columns: [0] } }, "a\r\n"],
  ["a byte order mark", { data: [["a"]], options: { bom: true } }, "\ufeffa\r\n"],
  ["spaces and quotes", { data: [[" a ", 'q"', "x\ny"]] }, ' a ,"q""","x\ny"\r\n'],
];

/** What `@std/csv` answers, and what Rowmill does. */
const OTHER: [name: string, question: Question, theirs: Answer, ours: Answer][] = [
  ["a lone CR", { data: [["a\rb"]] }, "a\rb\r\n", '"a\rb"\r\n'],
  ["a date", { data: [[new Date(0)]] }, '"""1970-01-01T00:00:00.000Z"""\r\n', "1970-01-01T00:00:00.000Z\r\n"],
  ["an invalid date", { data: [[new Date(Number.NaN)]] }, "null\r\n", { error: "Invalid Date" }],
  [
    "the start of a longer separator",
    { data: [["a:", "b"]], options: { separator: "::" } },
    "a:::b\r\n",
    '"a:"::b\r\n',
  ],
  [
    "what every object has",
    { data: [{}], options: { columns: ["toString"], headers: false } },
    `${String(Reflect.get({}, "toString"))}\r\n`,
    "\r\n",
  ],
];

type Stringify = (data: unknown[], options?: StringifyOptions) => string;

function answerOf(write: Stringify, { data, options }: Question): Answer {
  try {
    return write(data, options);
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function expectAnswer(found: Answer, wanted: Answer): void {
  if (typeof wanted === "string") expect(found).toBe(wanted);
  else expect(found).toEqual({ error: expect.stringContaining(wanted.error) });
}

describe("stringify() answers as @std/csv 1.0.6", () => {
  test.each(SAME)("%s", (_, question, answer) => expectAnswer(answerOf(stringify, question), answer));
});

describe("stringify() answers otherwise", () => {
  test.each(OTHER)("%s", (_, question, _theirs, ours) => expectAnswer(answerOf(stringify, question), ours));
});

function items(data: unknown[]): ReadableStream<unknown> {
  return new ReadableStream({
    start(controller) {
      for (const item of data) controller.enqueue(item);
      controller.close();
    },
  });
}

/** The message of what a promise rejects with. */
async function rejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it does not reject");
}

describe("CsvStringifyStream answers as @std/csv 1.0.6", () => {
  test("errors come through the stream, and not from the constructor", async () => {
    for (const [options, message] of [
      [{ separator: '"', columns: ["a"] }, SEPARATOR],
      [{ separator: "\r\n" }, SEPARATOR],
      [{}, NO_COLUMNS],
    ] as const) {
      const stream = items([{ a: 1 }]).pipeThrough(new CsvStringifyStream(options));
      expect(await rejection(Array.fromAsync(stream))).toStartWith(message);
    }
  });

  test("a separator that nobody needs is no error", async () => {
    expect(await Array.fromAsync(items([]).pipeThrough(new CsvStringifyStream({ separator: '"' })))).toEqual([]);
  });

  test("whoever writes a row that cannot be written hears of it with the next", async () => {
    const { readable, writable } = new CsvStringifyStream();
    const read = Array.fromAsync(readable);
    read.catch(() => {});
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    await writer.write({ a: 1 });
    expect(await rejection(writer.write(["a"]))).toBe(NO_COLUMNS);
    expect(await rejection(read)).toBe(NO_COLUMNS);
  });
});

/** Nobody has to have it: it is published on JSR. */
async function installed(): Promise<Stringify | undefined> {
  const name = "@std/csv";
  try {
    return ((await import(name)) as { stringify: Stringify }).stringify;
  } catch {
    return undefined;
  }
}

const theirs = await installed();

describe.skipIf(theirs === undefined)("@std/csv itself", () => {
  const asked = [...SAME, ...OTHER].map(([name, question, answer]) => ({ name, question, answer }));
  test.each(asked)("answers as written here: $name", ({ question, answer }) => {
    if (theirs !== undefined) expectAnswer(answerOf(theirs, question), answer);
  });
});
