import { describe, expect, expectTypeOf, test } from "bun:test";
import * as fc from "fast-check";
import assert from "node:assert/strict";

import { parse, type ParseOptions } from "../../../src/csv/parse.ts";
import { CsvParseStream, CsvStringifyStream } from "../../../src/csv/stream.ts";
import { type DataItem, stringify, type StringifyOptions } from "../../../src/csv/stringify.ts";

function streamOf<T>(items: Iterable<T>): ReadableStream<T> {
  const iterator = items[Symbol.iterator]();
  return new ReadableStream<T>({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** All that came out, and the message of the error that ended it. */
async function collect<T>(stream: ReadableStream<T>): Promise<{ items: T[]; error: string | undefined }> {
  const items: T[] = [];
  try {
    for await (const item of stream) items.push(item);
  } catch (error) {
    return { items, error: String(error) };
  }
  return { items, error: undefined };
}

function parseChunks(chunks: Iterable<string>, options: ParseOptions = {}): ReturnType<typeof collect> {
  return collect<unknown>(streamOf(chunks).pipeThrough(new CsvParseStream(options)));
}

async function stringifyItems(items: DataItem[], options?: StringifyOptions): Promise<string[]> {
  return Array.fromAsync(streamOf(items).pipeThrough(new CsvStringifyStream(options)));
}

function errorOf(text: string, options: ParseOptions): string | undefined {
  try {
    parse(text, options);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

describe("CsvParseStream", () => {
  test("CsvParseStream reads chunks that are cut at every character", async () => {
    const text = '\ufeffname,note\r\nAda,"a ""b""\r\nc"\r\n\r\nBob,\r';
    const expected = [
      { name: "Ada", note: 'a "b"\r\nc' },
      { name: "Bob", note: "" },
    ];
    expect(await parseChunks(text, { skipFirstRow: true })).toEqual({ items: expected, error: undefined });
    expect(parse(text, { skipFirstRow: true })).toEqual(expected);
  });

  test("CsvParseStream gives what parse() gives, wherever the chunks are cut", async () => {
    const parts = fc.array(fc.constantFrom(",", '"', '""', "\n", "\r", "\r\n", "a", "#", " ", "\ufeff", "", "😀"), {
      maxLength: 24,
    });
    const options = fc.record({ lazyQuotes: fc.boolean(), trimLeadingSpace: fc.boolean(), comment: fc.constant("#") });
    await fc.assert(
      fc.asyncProperty(parts, options, async (chunks, parseOptions) => {
        const text = chunks.join("");
        const { items, error } = await parseChunks(chunks, parseOptions);
        expect(error).toBe(errorOf(text, parseOptions));
        if (error === undefined) expect(items).toEqual(parse(text, parseOptions));
      }),
      { numRuns: 1000 },
    );
  });

  test("CsvParseStream gives the rows before an error", async () => {
    expect(await parseChunks(["a,b\n1,2\n", "x,y", '"z\n3,4\n'])).toEqual({
      items: [
        ["a", "b"],
        ["1", "2"],
      ],
      error: 'SyntaxError: Syntax error on line 3; parse error on line 3, column 4: bare " in non-quoted-field',
    });
  });

  test("CsvParseStream gives a row as soon as its line end is there", async () => {
    const { readable, writable } = new CsvParseStream();
    const writer = writable.getWriter();
    const reader = readable.getReader();
    const writing = writer.write('a,"b\r\nc"\r\nd');
    expect(await reader.read()).toEqual({ done: false, value: ["a", "b\r\nc"] });
    await writing;
    await reader.cancel();
  });

  test("CsvParseStream throws at the end when skipFirstRow is set and there is no row", async () => {
    const { error } = await parseChunks(["\n", "#\n"], { skipFirstRow: true, comment: "#" });
    expect(error).toBe("TypeError: Cannot parse input: headers must be defined");
  });

  test("CsvParseStream throws at once on a wrong option", () => {
    expect(() => new CsvParseStream({ separator: '"' })).toThrow("invalid delimiter");
    expect(() => new CsvParseStream({ columns: ["a", "a"] })).toThrow(TypeError);
  });

  test("CsvParseStream has a type that follows the options", () => {
    expectTypeOf(new CsvParseStream().readable).toEqualTypeOf<ReadableStream<string[]>>();
    expectTypeOf(new CsvParseStream({ columns: ["x"] }).readable).toEqualTypeOf<ReadableStream<Record<"x", string>>>();
  });

  test("the example of CsvParseStream holds", async () => {
    const text = new Blob(["name,born\nAda,18", "15\n"]).stream().pipeThrough(new TextDecoderStream());
    const rows = await Array.fromAsync(text.pipeThrough(new CsvParseStream({ skipFirstRow: true })));
    assert.deepEqual(rows, [{ name: "Ada", born: "1815" }]);
  });
});

describe("CsvStringifyStream", () => {
  test("CsvStringifyStream gives one line a row", async () => {
    expect(await stringifyItems([["id", "name"], [1, "a,b"], [""]])).toEqual(["id,name\r\n", '1,"a,b"\r\n', "\r\n"]);
  });

  test("CsvStringifyStream writes what stringify() writes", async () => {
    const data = [{ a: 1, b: { c: "x;y" } }, { a: null }];
    const options = { columns: ["a", ["b", "c"]], separator: ";", crlf: false, bom: true };
    expect((await stringifyItems(data, options)).join("")).toBe(stringify(data, options));
  });

  test("CsvStringifyStream writes the header when there are no rows", async () => {
    expect(await stringifyItems([], { columns: ["a", "b"] })).toEqual(["a,b\r\n"]);
  });

  test("CsvStringifyStream fails on a record when there are no columns", async () => {
    const { error } = await collect(streamOf<DataItem>([{ a: 1 }]).pipeThrough(new CsvStringifyStream()));
    expect(error).toStartWith("TypeError: No property accessor");
    const wrong = await collect(streamOf<DataItem>([["a"]]).pipeThrough(new CsvStringifyStream({ separator: "\r\n" })));
    expect(wrong.error).toStartWith("TypeError: Separator");
    const { error: early } = await collect(
      streamOf<DataItem>([]).pipeThrough(new CsvStringifyStream({ separator: '"', columns: ["a"] })),
    );
    expect(early).toStartWith("TypeError: Separator");
  });

  test("the example of CsvStringifyStream holds", async () => {
    const { readable, writable } = new CsvStringifyStream({ columns: ["name", "born"] });
    const writer = writable.getWriter();
    const text = Array.fromAsync(readable);
    await writer.write({ name: "Ada", born: 1815 });
    await writer.close();
    assert.deepEqual(await text, ["name,born\r\n", "Ada,1815\r\n"]);
  });
});
