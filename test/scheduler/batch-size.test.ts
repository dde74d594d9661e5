import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";

import { BatchSize } from "../../src/scheduler/batch-size.ts";

const LIMITS = { first: 16, max: 4096, last: 16, jobs: 2 };

/** Runs items on workers in virtual time; a batch takes the sum of its items. */
function simulate(itemMs: number[], jobs: number): { elapsedMs: number; sizes: number[] } {
  const batchSize = new BatchSize({ ...LIMITS, jobs }, itemMs.length);
  const sizes: number[] = [];
  const freeFrom = Array.from({ length: jobs }, () => 0);
  let underWay: { size: number; ms: number; end: number }[] = [];
  for (let read = 0; read < itemMs.length;) {
    const now = Math.min(...freeFrom);
    for (const { size, ms } of underWay.filter(({ end }) => end <= now)) batchSize.observe(size, ms);
    underWay = underWay.filter(({ end }) => end > now);
    const size = Math.min(batchSize.next(itemMs.length - read), itemMs.length - read);
    const ms = itemMs.slice(read, read + size).reduce((sum, one) => sum + one, 0);
    read += size;
    sizes.push(size);
    freeFrom[freeFrom.indexOf(now)] = now + ms;
    underWay.push({ size, ms, end: now + ms });
  }
  return { elapsedMs: Math.max(...freeFrom), sizes };
}

describe("BatchSize", () => {
  test("begins small, so that every worker gets several", () => {
    expect(new BatchSize(LIMITS).next()).toBe(16);
    expect(new BatchSize(LIMITS, 7).next(7)).toBe(1);
    expect(new BatchSize(LIMITS, 64).next(64)).toBe(4);
    expect(new BatchSize(LIMITS, 1_000_000).next(1_000_000)).toBe(16);
  });

  test("at most doubles, or grows eightfold while batches are quick, towards a tenth of a second", () => {
    const size = new BatchSize(LIMITS);
    const seen = [size.next()];
    for (let n = 0; n < 8; n++) {
      size.observe(size.next(), size.next() * 0.125);
      seen.push(size.next());
    }
    expect(seen).toEqual([16, 128, 256, 512, 800, 800, 800, 800, 800]);
  });

  test("of an input that is not long, is at most half its limit", () => {
    const size = new BatchSize(LIMITS, 50_000);
    for (let n = 0; n < 20; n++) size.observe(size.next(), 0);
    expect(size.next()).toBe(2048);
    size.observe(16, 0, 3000);
    expect(size.next()).toBe(3000);
  });

  test("stays under its limit however fast batches are", () => {
    const size = new BatchSize(LIMITS);
    for (let n = 0; n < 20; n++) size.observe(size.next(), 0);
    expect(size.next()).toBe(4096);
  });

  test("shrinks at once when a batch comes back slow", () => {
    const size = new BatchSize(LIMITS);
    for (let n = 0; n < 12; n++) size.observe(size.next(), 1);
    size.observe(4096, 40_960);
    expect(size.next()).toBe(10);
    size.observe(10, 5000);
    expect(size.next()).toBe(1);
  });

  test("gets smaller near the end, so that workers finish together", () => {
    const size = new BatchSize(LIMITS);
    for (let n = 0; n < 12; n++) size.observe(size.next(), 1);
    expect([100_000, 4000, 1000, 100, 10].map((remaining) => size.next(remaining))).toEqual([4096, 1000, 250, 25, 16]);
  });

  test("is cut finer still near the end where rows are slow", () => {
    const size = new BatchSize(LIMITS);
    for (let n = 0; n < 12; n++) size.observe(size.next(), size.next() * 2);
    expect(size.next()).toBe(50);
    expect([1000, 100, 40, 10].map((remaining) => size.next(remaining))).toEqual([50, 25, 10, 5]);
    // Quick again.
    size.observe(50, 1);
    expect(size.next(10)).toBe(16);
    // As many as are under way at once.
    size.observe(50, 100, 8);
    expect(size.next(10)).toBe(8);
  });

  test("knows an input that is no more than the smallest last batch", () => {
    expect([undefined, 16, 17].map((total) => new BatchSize(LIMITS, total).isShort)).toEqual([false, true, false]);
  });

  test("gives nine half-second rows to two workers in five half-seconds", () => {
    const rows = Array.from({ length: 9 }, () => 500);
    expect(simulate(rows, 2)).toEqual({ elapsedMs: 2500, sizes: [1, 1, 1, 1, 1, 1, 1, 1, 1] });
  });

  test("keeps workers within one batch of each other at the end, whatever the items cost", () => {
    fc.assert(
      fc.property(fc.nat({ max: 20_000 }), fc.integer({ min: 1, max: 8 }), (count, jobs) => {
        const { elapsedMs, sizes } = simulate(
          Array.from({ length: count }, () => 0.5),
          jobs,
        );
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
        expect(elapsedMs).toBeLessThanOrEqual((count * 0.5) / jobs + 100);
      }),
    );
  });

  test("is at least one, and at most eight times what it was", () => {
    const observations = fc.array(fc.tuple(fc.double({ min: 0, max: 1e5, noNaN: true }), fc.nat({ max: 10_000 })));
    fc.assert(
      fc.property(observations, (seen) => {
        const size = new BatchSize(LIMITS);
        for (const [ms, remaining] of seen) {
          const before = size.next();
          size.observe(before, ms);
          expect(size.next()).toBeGreaterThanOrEqual(1);
          expect(size.next()).toBeLessThanOrEqual(Math.min(before * 8, LIMITS.max));
          expect(size.next(remaining)).toBeGreaterThanOrEqual(1);
        }
      }),
    );
  });
});
