/** `CsvParseStream` and `CsvStringifyStream`: parse() and stringify() for text that comes in chunks. */

import { withoutByteOrderMark } from "./parse.ts";
import { type ParsedRow, type ParseOptions, RowMapper, RowReader } from "./row-reader.ts";
import { type DataItem, RowWriter, type StringifyOptions } from "./stringify.ts";

/**
 * Turns chunks of CSV text into rows or records.
 *
 * Chunks may be cut anywhere. Options, answers and errors are those of `parse()`, except that the rows before an error
 * have come out by then. A row comes out as soon as its line end is there.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { CsvParseStream } from "rowmill";
 *
 * const text = new Blob(["name,born\nAda,18", "15\n"]).stream().pipeThrough(new TextDecoderStream());
 * const rows = await Array.fromAsync(text.pipeThrough(new CsvParseStream({ skipFirstRow: true })));
 * assert.deepEqual(rows, [{ name: "Ada", born: "1815" }]);
 * ```
 *
 * @throws {SyntaxError} When read, for the reasons of `parse()`.
 * @throws {Error} When read, for the reasons of `parse()`; at once if `separator` or `comment` is wrong.
 * @throws {TypeError} When read, if `skipFirstRow` is set and there is no row; at once if `columns` has a name twice.
 */
export class CsvParseStream<const O extends ParseOptions = { readonly skipFirstRow?: false }> extends TransformStream<
  string,
  ParsedRow<O>
> {
  /** @param options How to read the text, and whether rows become records. */
  constructor(options?: O) {
    const reader = new RowReader(options ?? {});
    const mapper = new RowMapper(options ?? {});
    let text = "";
    let isAtStart = true;

    function drain(final: boolean, controller: TransformStreamDefaultController<ParsedRow<O>>): void {
      if (isAtStart) text = withoutByteOrderMark(text);
      isAtStart = false;
      let start = 0;
      while (reader.read(text, start, final)) {
        start = reader.end;
        const row = mapper.map(reader.fields, reader.line);
        if (row !== undefined) controller.enqueue(row as ParsedRow<O>);
      }
      text = text.slice(reader.end);
    }

    super({
      transform(chunk, controller) {
        text += chunk;
        // Without a new line end no row can have become complete.
        if (chunk.includes("\n")) drain(false, controller);
      },
      flush(controller) {
        drain(true, controller);
        mapper.finish();
      },
    });
  }
}

/**
 * Turns rows or records into chunks of CSV text, one line a row.
 *
 * Options and rules are those of `stringify()`. Byte-order mark and header come before the first row, and also when
 * there is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { CsvStringifyStream } from "rowmill";
 *
 * const { readable, writable } = new CsvStringifyStream({ columns: ["name", "born"] });
 * const writer = writable.getWriter();
 * const text = Array.fromAsync(readable);
 * await writer.write({ name: "Ada", born: 1815 });
 * await writer.close();
 * assert.deepEqual(await text, ["name,born\r\n", "Ada,1815\r\n"]);
 * ```
 *
 * @throws {TypeError} When read or written, for the reasons of `stringify()`.
 * @throws {RangeError} When read or written, if a date is invalid.
 */
export class CsvStringifyStream extends TransformStream<DataItem, string> {
  /** @param options Which columns there are, and how they are written. */
  constructor(options: StringifyOptions = {}) {
    const { columns = [], bom = false } = options;
    let made: RowWriter | undefined;
    const writer = (): RowWriter => (made ??= new RowWriter(options));
    super({
      start(controller) {
        if (columns.length > 0 || bom) give(controller, () => writer().head());
      },
      transform(item, controller) {
        give(controller, () => writer().row(item));
      },
    });
  }
}

/** What cannot be written is an error of both ends of the stream. */
function give(controller: TransformStreamDefaultController<string>, text: () => string): void {
  try {
    controller.enqueue(text());
  } catch (error) {
    controller.error(error);
  }
}
