/** Which JSON an input is, by its first bytes. */
import { expect, test } from "bun:test";
import { contentOf, formatByContent } from "../../src/pipeline/told-format.ts";

test.each([
  ['{"a":1}', "jsonl"],
  ['{"a":1}\n{"a":2}\n', "jsonl"],
  ['\n {"a":1}\n\n', "jsonl"],
  ['{"a":1}\n{"a":\n{"a":3}\n', "jsonl"],
  ['{"a":1}{"a":2}\n', "json"],
  ['{\n  "a": 1\n}\n', "json"],
  ['{"a":1}\n{\n"a":2\n}\n', "json"],
  ["{}", "jsonl"],
  ["[]", "json"],
  ['[{"a":1}]\n', "json"],
  ["[\n  {", "json"],
  ['[["a",1]]', "json"],
  ["[1, 2]", "json"],
  ["[null]", "json"],
  ["", undefined],
  ["a,b\n1,2\n", undefined],
  ["[id],[name]\n", undefined],
  ["[2024-05-01 12:00] started\n", undefined],
  ["[section]\nkey=1\n", undefined],
  ["{id},{name}\n", undefined],
  ["{{ template }}\n", undefined],
  ['"a","b"\n', undefined],
  ["\0[]", undefined],
] as const)("%j is %s", (text, format) => {
  expect(formatByContent(Buffer.from(text), true)).toBe(format);
});

test("a line that is not whole says nothing", () => {
  expect(formatByContent(Buffer.from('{"a":"'), false)).toBe("json");
  expect(formatByContent(Buffer.from('{"a":1}\n{"a":'), false)).toBe("jsonl");
});

test.each([
  ["jsonl", '{"a":1}\n', "jsonl"],
  ["jsonl", "not JSON\n", "jsonl"],
  ["jsonl", '[{"a":1}]\n', "json"],
  ["jsonl", '{\n "a": 1\n}\n', "json"],
  ["jsonl", '{\n{"a":1}\n', "jsonl"],
  ["json", '{"a":1}\n{"a":2}\n', "jsonl"],
  ["json", "not JSON\n", "json"],
  ["json", '{"a":1}\nnot\n{"a":2}\n', "jsonl"],
] as const)("what is called %s and begins with %j is %s", (named, text, format) => {
  expect(contentOf(named)?.among(named, Buffer.from(text), true)).toBe(format);
});
