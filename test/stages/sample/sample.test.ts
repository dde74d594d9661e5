/** Of many rows, so many are the ones that drew the least numbers, however they come and wherever they wait. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { eachRow } from "../../../src/stages/arranged.ts";
import { drawing } from "../../../src/stages/sample/drawing.ts";
import { sample } from "../../../src/stages/sample/sample.ts";
import type { PlacedRows, StepFacts } from "../../../src/stages/stage.ts";

const ROWS = 3000;

function facts(most: number, seed: number, memoryBytes: number): StepFacts {
  return {
    most,
    percent: undefined,
    seed,
    areTexts: true,
    emptyIsNothing: true,
    secret: new Uint8Array(16),
    memoryBytes,
    mostBytes: 1e9,
    tempDir: undefined,
    areKnown: true,
    per: [],
    names: [],
    several: undefined,
    locale: "en",
  };
}

/** Rows that are their numbers, from one up to another. */
function placed(from: number, to: number): PlacedRows {
  const texts = Array.from({ length: to - from }, (_, at) => `${from + at}\n`);
  let end = 0;
  return { bytes: Buffer.from(texts.join("")), ends: Uint32Array.from(texts, ({ length }) => (end += length)) };
}

test("so many of many rows", () => {
  const asked = fc.tuple(fc.constantFrom(0, 1, 10, 500, 2500, 4000), fc.integer(), fc.constantFrom(2000, 1e9));
  const batch = fc.constantFrom(7, 512, 3000);
  const property = fc.property(asked, batch, ([most, seed, memoryBytes], size) => {
    const stage = sample([], facts(most, seed, memoryBytes));
    if (stage.kind !== "arranging") throw new Error("it arranges rows");
    const arranger = stage.arranger();
    for (let at = 0; at < ROWS; at += size) arranger.take(new Uint8Array(0), placed(at, Math.min(ROWS, at + size)));
    const found = Array.from(arranger.end(), (rows) =>
      [...eachRow(rows)].map((row) => Number(Buffer.from(row))),
    ).flat();
    const random = drawing(seed);
    const drawn = Array.from({ length: ROWS }, (_, row) => ({ row, number: uniformFloat64(random) }));
    const least = drawn.toSorted((a, b) => a.number - b.number).slice(0, most);
    expect(found).toEqual(least.map(({ row }) => row).toSorted((a, b) => a - b));
  });
  fc.assert(property, { numRuns: 10 });
});
