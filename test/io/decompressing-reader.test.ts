import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RowmillError } from "../../src/errors.ts";
import { type Compression, compressionByBytes, compressionByName, uncompressedName } from "../../src/io/compression.ts";
import { DecompressingReader } from "../../src/io/decompressing-reader.ts";
import type { PieceReader } from "../../src/io/piece-reader.ts";
import { ZstdFrames } from "../../src/io/zstd-frames.ts";

/** Gives bytes in pieces of this length, each in the same memory as the one before. */
function pieces(bytes: Uint8Array, length: number): PieceReader {
  const memory = new Uint8Array(length);
  let at = 0;
  return {
    peek: async () => {
      const piece = bytes.subarray(at, at + length);
      memory.fill(0);
      memory.set(piece);
      return memory.subarray(0, piece.length);
    },
    take: () => {
      at += length;
    },
  };
}

interface Read {
  data: Buffer;
  raw: number;
  error: unknown;
}

async function readAll(bytes: Uint8Array, compression: Compression, length = 1000, first = 0): Promise<Read> {
  let raw = 0;
  const reader = new DecompressingReader(
    {
      name: "in.csv",
      source: pieces(bytes.subarray(first), length),
      first: bytes.subarray(0, first),
      onBytes: (piece) => void (raw += piece.length),
    },
    compression,
  );
  const read: Uint8Array[] = [];
  try {
    for (;;) {
      const piece = await reader.peek();
      if (piece.length === 0) return { data: Buffer.concat(read), raw, error: undefined };
      read.push(Buffer.from(piece));
      reader.take();
    }
  } catch (error) {
    return { data: Buffer.concat(read), raw, error };
  }
}

function compress(data: Uint8Array, compression: Compression): Uint8Array {
  return compression === "gzip" ? Bun.gzipSync(new Uint8Array(data)) : Bun.zstdCompressSync(data);
}

const TEXT = Buffer.from(Array.from({ length: 30_000 }, (_, at) => `${at},${(at * 7919) % 1009},row\n`).join(""));
const KINDS = ["gzip", "zstd"] as const;

describe.each(KINDS)("DecompressingReader, %s", (kind) => {
  const packed = compress(TEXT, kind);

  test("reads alike wherever its pieces are cut, one member or several, and sees all raw bytes", async () => {
    const cuts = fc.array(fc.nat(TEXT.length), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(cuts, fc.integer({ min: 200, max: 200_000 }), fc.nat(100_000), async (at, length, first) => {
        const ends = [...at.toSorted((a, b) => a - b), TEXT.length];
        const members = ends.map((end, index) => compress(TEXT.subarray(ends[index - 1] ?? 0, end), kind));
        const bytes = Buffer.concat(members);
        const { data, raw, error } = await readAll(bytes, kind, length, Math.min(first, bytes.length));
        expect({ isSame: data.equals(TEXT), raw, error }).toEqual({
          isSame: true,
          raw: bytes.length,
          error: undefined,
        });
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  test("data that is cut off is an error behind what came before", async () => {
    for (const end of [5, 10, packed.length >> 1, packed.length - 1]) {
      for (const length of [1000, 1 << 20]) {
        const { data, error } = await readAll(packed.subarray(0, end), kind, length);
        expect(data.equals(TEXT.subarray(0, data.length))).toBe(true);
        expect(error).toBeInstanceOf(RowmillError);
        expect(error).toMatchObject({
          code: "input",
          message: `cannot read in.csv to its end: its ${kind} data is cut off`,
        });
      }
    }
  });

  test("data that is cut off in its second member is an error", async () => {
    const bytes = Buffer.concat([packed, packed.subarray(0, 20)]);
    const { data, error } = await readAll(bytes, kind);
    expect(data.equals(TEXT)).toBe(true);
    expect(error).toMatchObject({ message: expect.stringContaining("is cut off") });
  });

  test("something else behind the data is an error", async () => {
    for (const length of [1000, packed.length, 1 << 20]) {
      const { error } = await readAll(Buffer.concat([packed, Buffer.from("something else")]), kind, length);
      expect(error).toMatchObject({ message: expect.stringContaining(`its ${kind} data is damaged`) });
    }
  });

  test("damage is an error, or cannot be seen", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 20, max: packed.length - 5 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const bytes = Buffer.from(packed);
          bytes[at] = (bytes[at] ?? 0) ^ flip;
          const { data, error } = await readAll(bytes, kind, 10_000);
          if (error === undefined) expect(data.length).toBeGreaterThan(0);
          else expect(error).toBeInstanceOf(RowmillError);
        },
      ),
      { seed: 4, numRuns: 100 },
    );
  });

  test("data that grows without measure is read piece by piece", async () => {
    const bytes = compress(new Uint8Array(256 << 20), kind);
    const source = pieces(bytes, 1 << 20);
    const reader = new DecompressingReader(
      { name: "in.csv", source, first: new Uint8Array(0), onBytes: () => {} },
      kind,
    );
    let [total, longest] = [0, 0];
    for (;;) {
      const { length } = await reader.peek();
      if (length === 0) break;
      total += length;
      longest = Math.max(longest, length);
      reader.take();
    }
    expect(total).toBe(256 << 20);
    expect(longest).toBeLessThanOrEqual(2 << 20);
  });

  test("a fault of the source is its own, behind what came before", async () => {
    const fault = new RowmillError("input", "cannot read on");
    const source: PieceReader = { peek: () => Promise.reject(fault), take: () => {} };
    const first = packed.subarray(0, packed.length >> 1);
    const reader = new DecompressingReader({ name: "in.csv", source, first, onBytes: () => {} }, kind);
    const read = async (): Promise<void> => {
      for (;;) {
        await reader.peek();
        reader.take();
      }
    };
    expect(await read().catch((error: unknown) => error)).toBe(fault);
  });
});

describe("gzip", () => {
  test("may be followed by zeros", async () => {
    const { data, error } = await readAll(Buffer.concat([compress(TEXT, "gzip"), new Uint8Array(2000)]), "gzip");
    expect({ isSame: data.equals(TEXT), error }).toEqual({ isSame: true, error: undefined });
  });

  test("followed by zeros and something else is an error: rows would be missing", async () => {
    const packed = compress(TEXT, "gzip");
    for (const zeros of [1, 999, 1000, 5000]) {
      const { data, error } = await readAll(Buffer.concat([packed, new Uint8Array(zeros), packed]), "gzip");
      expect(data.equals(TEXT)).toBe(true);
      expect((error as RowmillError).message).toMatch(/there is something else behind the data/);
    }
  });
});

describe("ZstdFrames", () => {
  const skipped = Buffer.from("50 2a 4d 18 03 00 00 00 61 62 63".replaceAll(" ", ""), "hex");
  const frames = [
    skipped,
    Bun.zstdCompressSync(TEXT, { level: 1 }),
    Bun.zstdCompressSync(Buffer.from("")),
    Bun.zstdCompressSync(Buffer.from("a".repeat(1_000_000))),
    skipped,
    Bun.zstdCompressSync(TEXT.subarray(0, 70_000), { level: 9 }),
    Bun.zstdCompressSync(crypto.getRandomValues(new Uint8Array(50_000))),
  ];

  test("knows where frames end, and nothing else, wherever pieces are cut", () => {
    const ends = new Set(frames.map((_, at) => Buffer.concat(frames.slice(0, at + 1)).length));
    const bytes = Buffer.concat(frames);
    const walker = new ZstdFrames();
    expect(walker.isBetween).toBe(true);
    for (let at = 0; at < bytes.length; at++) {
      walker.add(bytes.subarray(at, at + 1));
      if (walker.isBetween !== ends.has(at + 1)) throw new Error(`wrong behind byte ${at}`);
    }
    const whole = new ZstdFrames();
    whole.add(bytes);
    expect(whole.isBetween).toBe(true);
  });
});

describe("compressions", () => {
  test.each([
    ["a.csv.gz", "gzip", "a.csv"],
    ["d.x/a.CSV.ZST", "zstd", "d.x/a.CSV"],
    ["a.csv", undefined, "a.csv"],
    [".gz", undefined, ".gz"],
    ["gz", undefined, "gz"],
  ] as const)("%s", (name, compression, bare) => {
    expect(compressionByName(name)).toBe(compression as Compression);
    expect(uncompressedName(name)).toBe(bare);
  });

  test("by the first bytes", () => {
    for (const kind of KINDS) expect(compressionByBytes(Buffer.from(compress(TEXT, kind)))).toBe(kind);
    expect(compressionByBytes(Buffer.from("502a4d18", "hex"))).toBe("zstd");
    for (const text of ["", "a", "a,b\n1,2\n", "PK\x03\x04", "\x1f"])
      expect(compressionByBytes(Buffer.from(text))).toBeUndefined();
  });
});
