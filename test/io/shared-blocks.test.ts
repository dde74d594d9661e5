import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { type HeldBytes, giveBack, heldPieces, hold, sharedBlocks } from "../../src/io/shared-blocks.ts";

const TEXT = Buffer.from("abcdefghijklmnopqrstuvwxyz0123456789");

/** Takes so many bytes, or gives back one of those that are held. */
const step = fc.oneof(
  fc.record({ take: fc.integer({ min: 1, max: TEXT.length }) }),
  fc.record({ give: fc.nat({ max: 20 }) }),
);

test("what is held stays as it is until it is given back, whatever else comes and goes", () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 120 }),
    fc.integer({ min: 1, max: 50 }),
    fc.array(step, { maxLength: 40 }),
    (most, block, steps) => {
      const shared = sharedBlocks(most, block);
      const all: { held: HeldBytes; bytes: Uint8Array }[] = [];
      for (const [number, one] of steps.entries()) {
        if ("give" in one) {
          const [given] = all.splice(one.give % Math.max(1, all.length), 1);
          if (given !== undefined) giveBack(shared, given.held);
          continue;
        }
        const bytes = Buffer.from(TEXT.subarray(0, one.take)).map((byte) => byte ^ (number & 31));
        const held = hold(shared, bytes);
        const free = shared.taken.length - all.reduce((sum, { held: { blocks } }) => sum + blocks.length, 0);
        expect(held !== undefined).toBe(Math.ceil(bytes.length / block) <= free);
        if (held !== undefined) all.push({ held, bytes });
      }
      for (const { held, bytes } of all) expect(Buffer.concat([...heldPieces(shared, held)]).equals(bytes)).toBe(true);
      for (const { held } of all) giveBack(shared, held);
      expect(shared.taken.every((word) => word === 0)).toBe(true);
    },
  );
  fc.assert(property, { seed: 20261130, numRuns: 300 });
});

test("blocks that lie together are one piece, and the lowest ones are taken", () => {
  const shared = sharedBlocks(100, 10);
  const first = hold(shared, TEXT.subarray(0, 20));
  const second = hold(shared, TEXT.subarray(0, 25));
  if (first === undefined || second === undefined) throw new Error("there was room");
  expect([...heldPieces(shared, second)]).toHaveLength(1);
  giveBack(shared, first);
  const third = hold(shared, TEXT);
  expect(third?.blocks).toEqual([0, 1, 5, 6]);
  expect(third && [...heldPieces(shared, third)].map(({ length }) => length)).toEqual([20, 16]);
});

test("for a thousand workers there is as much room as the runtime can make", () => {
  const shared = sharedBlocks(1000 * 2 ** 23, 2 ** 18);
  const held = hold(shared, TEXT);
  expect(held && Buffer.concat([...heldPieces(shared, held)]).equals(TEXT)).toBe(true);
});

test("where the system has no more memory there is no room, and no block is taken", () => {
  const shared = { ...sharedBlocks(100, 10), memory: new SharedArrayBuffer(0, { maxByteLength: 20 }) };
  expect(hold(shared, TEXT)).toBeUndefined();
  expect(hold(shared, TEXT.subarray(0, 20))?.blocks).toEqual([0, 1]);
});
