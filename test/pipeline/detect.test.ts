import { describe, expect, test } from "bun:test";
import { type OddLineEnd, looksLikeUtf16, oddLineEnd } from "../../src/pipeline/detect.ts";

describe("oddLineEnd()", () => {
  test.each<[text: string, found: OddLineEnd | undefined]>([
    ["a,b\r1,2\r", "CR"],
    ['"a",b\r', "CR"],
    ["a,b\r", "CR"],
    ["a,b\r1,2\r\n", "CR"],
    ["a,b\r1,2\n", "CR"],
    ["a,b\r1,2\r\n3,4\r\n", undefined],
    ["a,b\r\n", undefined],
    ["a,b\r\r\n1,2\r\r\n", "CR CR LF"],
    ["a,b\r\r\n1,2\r\n", "CR CR LF"],
    ["a,b\r\n1,2\r\r\n", undefined],
    ['a,b\r1,"2\n3"\r', "CR"],
    ['"a\rb",c', undefined],
    ['"a\rb",c\n', undefined],
    ["a,b", undefined],
    ["", undefined],
  ])("%j", (text, expected) => {
    expect(oddLineEnd(Buffer.from(text), true, '"')).toBe(expected);
  });

  test("a last CR may be half of a line end that has not come yet", () => {
    expect(oddLineEnd(Buffer.from("a,b\r"), false, '"')).toBe("more");
    expect(oddLineEnd(Buffer.from("a,b\r1"), false, '"')).toBe("more");
    expect(oddLineEnd(Buffer.from('"a\nb"'), false, '"')).toBeUndefined();
  });

  test("without a quote character nothing is quoted", () => {
    expect(oddLineEnd(Buffer.from('"a\rb"'), true, "")).toBe("CR");
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
