/** Files of BGZF: what is in them, from any place, or an error that says what is wrong. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { BlockFile } from "../../src/io/bgzf/block-file.ts";
import { BlockReader } from "../../src/io/bgzf/blocks.ts";
import { END_BLOCK, packBlocks } from "../../src/io/bgzf/pack-blocks.ts";
import { END, bgzfOf, block } from "./bgzf-writer.ts";
import { type ReadInput, readInput } from "./read-input.ts";

let folder = "";
let path = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rowmill-bgzf-"));
  path = join(folder, "a.csv.gz");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(file: Uint8Array): Promise<ReadInput> {
  writeFileSync(path, file);
  return await readInput(path);
}

const DATA = Buffer.from(Array.from({ length: 3000 }, (_, at) => `${at},${(at * 7919) % 1009}\n`).join(""));

describe("a file of blocks", () => {
  test("is what is in them, however long they are", async () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 6 });
    const property = fc.asyncProperty(lengths, fc.nat(DATA.length), async (cuts, size) => {
      const data = DATA.subarray(0, size);
      expect(await read(bgzfOf(data, cuts))).toEqual({ bytes: data, error: undefined });
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test("is read from any place, by whoever has the places of its blocks", () => {
    const length = fc.oneof(fc.constant(0), fc.integer({ min: 100, max: 3000 }));
    const lengths = fc.array(length, { minLength: 1, maxLength: 6 });
    const property = fc.property(
      lengths,
      fc.nat(DATA.length - 1),
      fc.nat(9000),
      fc.nat(9000),
      (cuts, from, size, ahead) => {
        const file = bgzfOf(DATA, cuts);
        writeFileSync(path, file);
        const fd = openSync(path, "r");
        try {
          const blocks = BlockFile.open({ fd, size: file.length }, path);
          if (blocks === undefined) throw new Error("it has no blocks");
          const to = Math.min(DATA.length, from + size);
          blocks.find(to);
          expect(blocks.end).toBeGreaterThanOrEqual(to);
          const places = blocks.places(Math.max(0, from - ahead), to);
          const into = new Uint8Array(to - from + 2);
          new BlockReader(fd, path).read(into, places, { at: 1, length: to - from, offset: from });
          expect(Buffer.from(into.subarray(1, -1)).equals(DATA.subarray(from, to))).toBe(true);
          blocks.find(Number.POSITIVE_INFINITY);
          expect([blocks.end, blocks.isKnown, blocks.other, blocks.hasEnd]).toEqual([
            DATA.length,
            true,
            undefined,
            true,
          ]);
          expect([blocks.packedAt(DATA.length), blocks.remaining(from)]).toEqual([file.length, DATA.length - from]);
        } finally {
          closeSync(fd);
        }
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  test("may hold other things behind blocks: gzip as others write it, zeros, and blocks again", async () => {
    const half = DATA.subarray(0, 7000);
    const member = Bun.gzipSync(new Uint8Array(half));
    const blocks = bgzfOf(half, [1000, 3000]);
    const twice = Buffer.concat([half, half]);
    for (const behind of [[member], [blocks], [member, Buffer.alloc(1000)], [blocks, Buffer.alloc(1000)]]) {
      expect(await read(Buffer.concat([blocks, ...behind]))).toEqual({ bytes: twice, error: undefined });
    }
    expect((await read(Buffer.concat([blocks, member, blocks]))).bytes.length).toBe(3 * half.length);
    expect(await read(Buffer.concat([blocks, Buffer.alloc(1000)]))).toEqual({ bytes: half, error: undefined });
  });

  test("that is cut off gives the rows before, and an error where that is within a block", async () => {
    const file = bgzfOf(DATA.subarray(0, 2000), [100, 0, 700]);
    for (let size = 20; size < file.length; size += 7) {
      const { bytes, error } = await read(file.subarray(0, size));
      expect(bytes.equals(DATA.subarray(0, bytes.length))).toBe(true);
      const isBetween = error === undefined;
      if (!isBetween) expect(error.message).toEndWith("to its end: its gzip data is cut off");
    }
  });

  test("that is damaged anywhere gives an error or what was in it", async () => {
    const data = DATA.subarray(0, 150);
    const file = bgzfOf(data, [50, 70]);
    for (let at = 0; at < file.length; at++) {
      const wrong = Buffer.from(file);
      wrong[at] = (wrong[at] ?? 0) ^ (1 << (at % 8));
      const { bytes, error } = await read(wrong);
      // Bytes that do not begin as gzip does are no compressed file.
      if (error === undefined && at > 1) expect(bytes.equals(data)).toBe(true);
      else if (at > 1) expect(bytes.equals(data.subarray(0, bytes.length))).toBe(true);
    }
  });
});

describe("blocks that are written", () => {
  test("hold what was packed, of any length, also what cannot be packed", async () => {
    expect(
      Buffer.from(END_BLOCK).equals(Buffer.from("1f8b08040000000000ff0600424302001b0003000000000000000000", "hex")),
    ).toBe(true);
    const random = crypto.getRandomValues(new Uint8Array(65_280));
    for (const data of [DATA, DATA.subarray(0, 1), new Uint8Array(0), random, Buffer.concat([random, random, DATA])]) {
      const packed = Buffer.concat([packBlocks(new Uint8Array(data), 6), END_BLOCK]);
      expect(await read(packed)).toEqual({ bytes: Buffer.from(data), error: undefined });
      if (data.length > 0)
        expect(Buffer.from(Bun.gunzipSync(new Uint8Array(packed.subarray(0, -28)))).length).toBeGreaterThan(0);
    }
  });
});

test("a block that says that it has more than a block may have is none", async () => {
  const wrong = block(DATA.subarray(0, 100));
  wrong.writeUInt32LE(2 ** 31, wrong.length - 4);
  const { bytes, error } = await read(Buffer.concat([block(DATA.subarray(0, 50)), wrong, END]));
  expect(bytes.equals(DATA.subarray(0, 50))).toBe(true);
  expect(error?.message).toContain("its gzip data is damaged");
});
