import { describe, expect, test } from "bun:test";
import { hasLoneReturns, looksLikeUtf16 } from "../../src/pipeline/detect.ts";

describe("hasLoneReturns()", () => {
  test.each([
    ["a,b\r1,2\r", true],
    ['"a",b\r', true],
    ["a,b\r", true],
    ["a,b\r1,2\r\n", false],
    ['"a\rb",c', false],
    ["a,b", false],
    ["", false],
  ])("%j", (text, expected) => {
    expect(hasLoneReturns(Buffer.from(text), true, '"')).toBe(expected);
  });

  test("a last CR may be half of a line end that has not come yet", () => {
    expect(hasLoneReturns(Buffer.from("a,b\r"), false, '"')).toBe(false);
    expect(hasLoneReturns(Buffer.from("a,b\r1"), false, '"')).toBe(true);
  });

  test("without a quote character nothing is quoted", () => {
    expect(hasLoneReturns(Buffer.from('"a\rb"'), true, "")).toBe(true);
  });
});

describe("looksLikeUtf16()", () => {
  test.each([
    ["name,born\nAda,1815\n", "utf-16le"],
    ["naïve,日本\nœuvre,😀\n", "utf-16le"],
  ] as const)("%j", (text, expected) => {
    const bytes = Buffer.from(text, "utf16le");
    expect(looksLikeUtf16(bytes)).toBe(expected);
    expect(looksLikeUtf16(bytes.swap16())).toBe("utf-16be");
    expect(looksLikeUtf16(Buffer.from(text))).toBeUndefined();
  });

  test("zeros here and there, everywhere, or in a few bytes are none", () => {
    for (const text of ["a\0b,c\0d\n1,2\n", "\0".repeat(100), "a\0b\0", ""]) {
      expect(looksLikeUtf16(Buffer.from(text))).toBeUndefined();
    }
  });
});
