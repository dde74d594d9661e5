import { expect, test } from "bun:test";
import { shownBytes } from "../../src/pages/figures.ts";

test("bytes are said in three digits, also where these are rounded up to a thousand", () => {
  for (const [bytes, text] of [
    [0, "0 bytes"],
    [999.4, "999 bytes"],
    [999.6, "1.00 KB"],
    [1_234, "1.23 KB"],
    [99_960, "100 KB"],
    [999_499, "999 KB"],
    [999_700_000, "1.00 GB"],
    [216_000_000, "216 MB"],
    [5e15, "5000 TB"],
  ] as const)
    expect(shownBytes(bytes)).toBe(text);
});
