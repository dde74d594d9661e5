/** The parent's book of what workers write by themselves: what it does where they, or the run, end before they have. */
import { afterAll, expect, test } from "bun:test";
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PartFile } from "../../src/io/part-file.ts";
import { PlacedWriter, writerBook, writingMs } from "../../src/io/placed-writes.ts";
import { hold } from "../../src/io/shared-blocks.ts";
import { KeptOutputs } from "../../src/pipeline/kept-outputs.ts";
import type { KeptBytes, OutputSharing, ToWorker } from "../../src/transform/wire.ts";

const folder = mkdtempSync(join(tmpdir(), "rowmill-kept-"));
const FIRST = Buffer.from("the first bytes, ");
const SECOND = Buffer.from("the second ones");

afterAll(() => rmSync(folder, { recursive: true }));

/** A file in which one worker is to write two outputs, and has not begun. */
async function withTwoPlaces(name: string): Promise<{ part: PartFile; path: string; outputs: KeptOutputs }> {
  const path = join(folder, name);
  const part = await PartFile.create({ path, target: path, part: `${path}.part`, replaced: undefined });
  const outputs = new KeptOutputs(part, { from: 1, most: 1000, block: 10 }, 1);
  const told: ToWorker[] = [];
  outputs.opened(0, (message) => told.push(message));
  outputs.begin();
  const [sharing] = told.flatMap((message) => (message.type === "output" ? [message.sharing] : []));
  if (sharing === undefined) throw new Error("the worker was told of no file");
  outputs.place(kept(sharing, FIRST));
  outputs.place(kept(sharing, SECOND));
  expect(told.map(({ type }) => type)).toEqual(["output", "place", "place"]);
  return { part, path, outputs };
}

function kept({ blocks, writer }: OutputSharing, bytes: Uint8Array): KeptBytes {
  const held = hold(blocks, bytes);
  if (held === undefined) throw new Error("there was room");
  return { ...held, writer, crc: Bun.hash.crc32(bytes) };
}

test("a worker that ends has the parent write what it was told to", async () => {
  const { part, path, outputs } = await withTwoPlaces("ended");
  outputs.lost(0);
  expect(part.written).toBe(FIRST.length + SECOND.length);
  part.commit();
  expect(readFileSync(path, "utf8")).toBe(Buffer.concat([FIRST, SECOND]).toString());
});

test("behind the end of a run nothing is written for it: its descriptor may be that of another file", async () => {
  const { part, path, outputs } = await withTwoPlaces("failed");
  outputs.close();
  part.close();
  const other = openSync(`${path}.other`, "w+");
  // As long as the file might be.
  writeSync(other, "somebody else's");
  outputs.lost(0);
  expect(readFileSync(`${path}.other`, "utf8")).toBe("somebody else's");
  expect(fstatSync(other).size).toBe(15);
  closeSync(other);
});

test("what a worker has written in hours counts, and what it writes then as well", () => {
  const fd = openSync(join(folder, "hours"), "w+");
  const hours = 2n * 60n * 60n * 1_000_000n;
  const book = writerBook();
  // The last word is the time.
  book[book.length - 1] = hours;
  expect(writingMs(book)).toBe(Number(hours) / 1000);
  expect(new PlacedWriter({ fd, ends: BigInt64Array.of(0n, 100n) }, book).write([FIRST], 0)).toBe(true);
  expect(writingMs(book)).toBeGreaterThanOrEqual(Number(hours) / 1000);
  closeSync(fd);
});
