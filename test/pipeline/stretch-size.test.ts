import { expect, test } from "bun:test";
import { StretchSize } from "../../src/pipeline/stretch-size.ts";

const MB = 1024 * 1024;
const LIMITS = { first: 128, max: 2 * MB, last: 64 * 1024, jobs: 2 };

/** The sizes of stretches of a file, of each of which `share` comes out. */
function sizesOf(total: number, share: number): number[] {
  const size = new StretchSize(LIMITS, total);
  const sizes: number[] = [];
  for (let left = total; left > 0;) {
    const next = Math.min(left, size.next(Math.min(2 * MB, left), left));
    sizes.push(next);
    size.observe({ size: next, ms: next / MB, place: "last", worker: 0 }, next * share);
    left -= next;
  }
  return sizes;
}

test("stretches of a large file of which little comes out are four times as large as batches", () => {
  expect(Math.max(...sizesOf(4000 * MB, 0.05))).toBe(8 * MB);
});

test("no more than half of a batch comes of one, or what comes of another batch", () => {
  expect(Math.max(...sizesOf(4000 * MB, 0.25))).toBe(4 * MB);
  expect(Math.max(...sizesOf(4000 * MB, 2))).toBe(2 * MB);
});

test("a file is cut into many of them", () => {
  expect(Math.max(...sizesOf(256 * MB, 0.05))).toBe(4 * MB);
  expect(sizesOf(256 * MB, 0.05).length).toBeGreaterThan(64);
});
