/** What a block of CSV that cannot be written does: a fault of the user's is left to the rows, one of ours is not hidden. */
import { expect, spyOn, test } from "bun:test";
import { csvBlockEncoder } from "../../../src/formats/csv/block-encoder.ts";
import { PLAIN_CSV } from "../../../src/formats/text/output-dialect.ts";

const rows = [
  { name: "Ada", born: 1815 },
  { name: "Emmy", born: 1882 },
];

function broken(): never {
  throw new SyntaxError("Unexpected token");
}

test("rows of two columns are one text", () => {
  expect(csvBlockEncoder(["name", "born"], PLAIN_CSV)?.encode(rows)).toEqual({
    text: "Ada,1815\nEmmy,1882\n",
    rows: 2,
  });
});

test("a getter that throws leaves the block to be written row by row", () => {
  const odd = {
    name: "Marie",
    get born(): number {
      throw new Error("unknown");
    },
  };
  expect(csvBlockEncoder(["name", "born"], PLAIN_CSV)?.encode([...rows, odd])).toBeUndefined();
});

test("code that does not compile is a fault of ours, and passes on", () => {
  const encoder = csvBlockEncoder(["name", "born"], PLAIN_CSV);
  const compiler = spyOn(globalThis, "Function").mockImplementation(broken as unknown as FunctionConstructor);
  try {
    expect(() => encoder?.encode(rows)).toThrow("Unexpected token");
  } finally {
    compiler.mockRestore();
  }
});
