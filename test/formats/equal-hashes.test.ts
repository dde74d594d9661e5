// Hashes that come again are found among many parts, as a Set finds them.
import { expect, test } from "bun:test";
import { array, assert, bigInt, constantFrom, integer, oneof, property } from "fast-check";
import { equalHashes } from "../../src/formats/indexed/equal-hashes.ts";

function wordsOf(hashes: readonly bigint[]): Uint32Array {
  return new Uint32Array(BigUint64Array.from(hashes).buffer);
}

function slowly(hashes: readonly bigint[]): { count: number; again: Set<bigint> } {
  const given = hashes.filter((hash) => hash !== 0n);
  const again = new Set(given.filter((hash, at) => given.indexOf(hash) !== at));
  return { count: given.length, again };
}

function found(parts: readonly (readonly bigint[])[]): { count: number; again: Set<bigint> } {
  const { count, again } = equalHashes(parts.map(wordsOf));
  return { count, again: new Set(new BigUint64Array(again.buffer)) };
}

test("hashes that come again are found, each once, and none that is 0", () => {
  const hash = oneof(
    bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    integer({ min: 0, max: 9 }).map(BigInt),
    constantFrom(1n << 32n, 2n << 32n, 2n ** 64n - 1n),
  );
  assert(
    property(array(array(hash, { maxLength: 40 }), { maxLength: 6 }), (parts) => {
      expect(found(parts)).toEqual(slowly(parts.flat()));
    }),
    { numRuns: 200 },
  );
});

test("also of many, in piles", () => {
  const parts = [0, 1, 2].map((part) =>
    Array.from({ length: 20_000 }, (_, at) =>
      Bun.hash.xxHash64(`${part === 2 && at % 1000 === 7 ? at : part * 20_000 + at}`),
    ),
  );
  const { count, again } = found(parts);
  expect(count).toBe(60_000);
  const twice = Array.from({ length: 20 }, (_, at) => Bun.hash.xxHash64(String(at * 1000 + 7)));
  expect(again).toEqual(new Set(twice));
});
