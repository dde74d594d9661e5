// The wide map as a plain script with csv-parse, row by row: `bun plain-csv-parse.ts INPUT OUTPUT`.
import { createReadStream, createWriteStream } from "node:fs";
import { argv } from "node:process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parse } from "csv-parse";

/** How much text is gathered before it is written. */
const CHUNK_CHARS = 1 << 16;

const [, , input = "", output = ""] = argv;

async function* lines(rows: AsyncIterable<Record<string, string>>): AsyncGenerator<string> {
  let text = "name,age\n";
  for await (const { name, born } of rows) {
    text += `${name},${2017 - Number(born)}\n`;
    if (text.length < CHUNK_CHARS) continue;
    yield text;
    text = "";
  }
  yield text;
}

const rows = createReadStream(input).pipe(parse({ columns: true }));
await pipeline(Readable.from(lines(rows)), createWriteStream(output));
