import { expect, test } from "bun:test";
import { crc32 } from "node:zlib";
import * as fc from "fast-check";
import { joinedCrc32 } from "../../src/io/crc.ts";

test("checksums of two parts come to that of the whole", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), fc.nat(5000), (bytes, cut) => {
      const [first, second] = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect(joinedCrc32(crc32(first), crc32(second), second.length)).toBe(crc32(bytes));
    }),
    { numRuns: 300 },
  );
});

test("also behind a part of more than four gigabytes", () => {
  const zeros = new Uint8Array(1024 * 1024);
  const length = 5 * 1024 * zeros.length;
  let whole = crc32("start");
  // The checksum of zeros alone, doubled until they are so many.
  let [some, bytes] = [crc32(zeros), zeros.length];
  for (; bytes * 2 <= length; bytes *= 2) some = joinedCrc32(some, some, bytes);
  for (; bytes < length; bytes += zeros.length) some = joinedCrc32(some, crc32(zeros), zeros.length);
  whole = joinedCrc32(whole, some, length);
  const ends = [crc32("a"), crc32("b")].map((end) => joinedCrc32(whole, end, 1));
  const split = [crc32("a"), crc32("b")].map((end) =>
    joinedCrc32(crc32("start"), joinedCrc32(some, end, 1), length + 1),
  );
  expect(ends).toEqual(split);
});
