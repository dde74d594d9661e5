import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RowmillError } from "../../src/errors.ts";
import type { PieceReader } from "../../src/io/piece-reader.ts";
import { TranscodingReader } from "../../src/io/transcoding-reader.ts";

/** Gives bytes in pieces that end at these offsets, each in the same memory as the one before. */
function pieces(bytes: Uint8Array, cuts: readonly number[]): PieceReader {
  const ends = [...cuts, bytes.length].filter((end) => end <= bytes.length).toSorted((a, b) => a - b);
  const buffer = new Uint8Array(bytes.length);
  let at = 0;
  let pending: Promise<Uint8Array> | undefined;
  return {
    peek() {
      if (pending !== undefined) return pending;
      const end = ends.find((offset) => offset > at) ?? at;
      buffer.set(bytes.subarray(at, end));
      pending = Promise.resolve(buffer.subarray(0, end - at));
      at = end;
      return pending;
    },
    take() {
      pending = undefined;
    },
  };
}

interface Read {
  text: string;
  error: unknown;
}

async function readAll(
  bytes: Uint8Array,
  encoding: string,
  { cuts = [], first = 0, errors = "error" }: { cuts?: number[]; first?: number; errors?: "error" | "replace" } = {},
): Promise<Read> {
  const seen: number[] = [];
  const reader = new TranscodingReader(
    {
      name: "in.csv",
      source: pieces(bytes.subarray(first), cuts),
      first: bytes.subarray(0, first),
      onBytes: (raw) => seen.push(...raw),
    },
    { encoding, errors },
  );
  let text = "";
  for (;;) {
    try {
      const piece = await reader.peek();
      if (piece.length === 0) expect(Buffer.from(seen)).toEqual(Buffer.from(bytes));
      if (piece.length === 0) return { text, error: undefined };
      text += Buffer.from(piece).toString("utf8");
    } catch (error) {
      return { text, error };
    }
    reader.take();
  }
}

function utf16(text: string, encoding: "utf-16le" | "utf-16be"): Buffer {
  const bytes = Buffer.from(text, "utf16le");
  return encoding === "utf-16le" ? bytes : bytes.swap16();
}

const cuts = fc.array(fc.nat(60), { maxLength: 8 });

describe("TranscodingReader", () => {
  test("reads UTF-16 alike wherever its pieces are cut", async () => {
    const text = fc.string({ unit: "binary", maxLength: 20 }).filter((value) => !value.startsWith("\uFEFF"));
    const encoding = fc.constantFrom("utf-16le" as const, "utf-16be" as const);
    await fc.assert(
      fc.asyncProperty(text, encoding, cuts, fc.nat(4), fc.boolean(), async (value, kind, at, first, hasMark) => {
        const bytes = utf16(`${hasMark ? "\uFEFF" : ""}${value}`, kind);
        const read = await readAll(bytes, kind, { cuts: at, first: Math.min(first, bytes.length) });
        expect(read).toEqual({ text: value, error: undefined });
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  test.each([
    ["shift_jis", [0x93, 0xfa, 0x96, 0x7b, 0x2c, 0xb1], "日本,ｱ"],
    ["euc-jp", [0xc6, 0xfc, 0xcb, 0xdc], "日本"],
    ["iso-2022-jp", [0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42, 0x2c], "日,"],
    ["gb18030", [0xba, 0xba, 0x81, 0x30, 0x84, 0x36, 0x0a], "汉¥\n"],
    ["big5", [0xba, 0x7e], "漢"],
    ["euc-kr", [0xc7, 0xd1], "한"],
    ["windows-1252", [0xe9, 0x80, 0x81, 0xff], "é€\u0081ÿ"],
    ["iso-8859-15", [0xa4], "€"],
    ["koi8-r", [0xd1], "я"],
    ["macintosh", [0x8e], "é"],
  ])("reads %s alike wherever its pieces are cut", async (encoding, bytes, text) => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      for (const errors of ["error", "replace"] as const) {
        expect(await readAll(Uint8Array.from(bytes), encoding, { cuts: [cut], errors })).toEqual({
          text,
          error: undefined,
        });
      }
    }
  });

  test("U+FFFD in the input itself is no error", async () => {
    expect(await readAll(utf16("a\uFFFD\n", "utf-16le"), "utf-16le")).toEqual({ text: "a\uFFFD\n", error: undefined });
  });

  test.each([
    ["a lone surrogate", "utf-16le", utf16("a\nb\uD800c\n", "utf-16le"), "a\nb", "a\nb\uFFFDc\n"],
    ["half a character at the end", "utf-16be", utf16("a\nb", "utf-16be").subarray(0, 5), "a\n", "a\n\uFFFD"],
    ["a byte that starts nothing", "shift_jis", Buffer.from("a\nb\xfd,c", "latin1"), "a\nb", "a\nb\uFFFD,c"],
    ["a character cut off", "gb18030", Buffer.from("a\nb\x81", "latin1"), "a\nb", "a\nb\uFFFD"],
    ["a byte that stands for nothing", "windows-1253", Buffer.from("a\n\xd2\n", "latin1"), "a\n", "a\n\uFFFD\n"],
  ])("%s ends it behind what came before, or is replaced", async (_, encoding, bytes, before, replaced) => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { text, error } = await readAll(bytes, encoding, { cuts: [cut] });
      expect(text).toBe(before);
      expect(error).toBeInstanceOf(RowmillError);
      expect(error).toMatchObject({ code: "input", place: { file: "in.csv", line: 2 } });
      expect(await readAll(bytes, encoding, { cuts: [cut], errors: "replace" })).toEqual({
        text: replaced,
        error: undefined,
      });
    }
  });
});
