// Where the cells of a grid end, by offsets of the file alone.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { cellEnd } from "../../src/pipeline/cell-split.ts";

const MIB = 1024 * 1024;

test("cells of one size end at its multiples", () => {
  expect([0, 99, 100, 101, 250].map((offset) => cellEnd(offset, { bytes: 100 }))).toEqual([100, 100, 200, 200, 300]);
});

test("cells become larger as the file goes on, up to a size", () => {
  const ends: number[] = [];
  for (let at = 0; at < 100; at = cellEnd(at * MIB, { bytes: MIB, mostBytes: 8 * MIB }) / MIB) ends.push(at);
  const ofEach = [...Array(8).keys()].concat([8, 10, 12, 14, 16, 20, 24, 28], [32, 40, 48, 56, 64, 72, 80, 88, 96]);
  expect(ends).toEqual(ofEach);
});

test("whoever begins within a cell finds its end", () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 9 }));
  const property = fc.property(sizes, fc.nat(10_000_000), fc.nat(), ([bytes, doublings], offset, further) => {
    const grid = { bytes, mostBytes: bytes * 2 ** doublings };
    const end = cellEnd(offset, grid);
    expect(end).toBeGreaterThan(offset);
    expect(end - offset).toBeLessThanOrEqual(grid.mostBytes);
    expect(cellEnd(offset + (further % (end - offset)), grid)).toBe(end);
  });
  fc.assert(property);
});
