import { expect, test } from "bun:test";
import * as fc from "fast-check";

import { ReorderBuffer } from "../../src/scheduler/reorder-buffer.ts";

function drain<T>(buffer: ReorderBuffer<T>): T[] {
  const results: T[] = [];
  for (let next = buffer.take(); next !== undefined; next = buffer.take()) results.push(next.result);
  return results;
}

test("ReorderBuffer gives results in the order of their numbers, whatever order they come in", () => {
  const orders = fc.nat({ max: 40 }).chain((count) => {
    const indices = Array.from({ length: count }, (_, index) => index);
    return fc.shuffledSubarray(indices, { minLength: count });
  });
  fc.assert(
    fc.property(orders, (order) => {
      const buffer = new ReorderBuffer<number>();
      const out = order.flatMap((index) => {
        buffer.put(index, index);
        return drain(buffer);
      });
      expect(out).toEqual(order.toSorted((a, b) => a - b));
      expect(buffer.size).toBe(0);
    }),
  );
});

test("ReorderBuffer holds what comes early", () => {
  const buffer = new ReorderBuffer<string>();
  buffer.put(2, "c");
  buffer.put(1, "b");
  expect(buffer.take()).toBeUndefined();
  expect(buffer.size).toBe(2);
  buffer.put(0, "a");
  expect(drain(buffer)).toEqual(["a", "b", "c"]);
});

test("ReorderBuffer takes undefined as a result like any other", () => {
  const buffer = new ReorderBuffer<undefined>();
  buffer.put(0, undefined);
  expect(buffer.take()).toEqual({ index: 0, result: undefined });
  expect(buffer.take()).toBeUndefined();
});

test("ReorderBuffer refuses a result that came before", () => {
  const buffer = new ReorderBuffer<string>();
  buffer.put(0, "a");
  expect(() => buffer.put(0, "again")).toThrow("result 0 came twice");
  buffer.take();
  expect(() => buffer.put(0, "again")).toThrow("result 0 came twice");
});
