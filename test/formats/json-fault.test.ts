/** What is wrong with a text that is no JSON: found in each text that JSON.parse refuses, and in no other. */
import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, json, nat, property, tuple } from "fast-check";
import { jsonFault } from "../../src/formats/values/json-fault.ts";

const SEED = 20261128;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("a fault", () => {
  test("is found where JSON.parse refuses a text", () => {
    const damage = tuple(nat(), nat(2), constantFrom("", ",", "}", "]", '"', ":", "\\", "\n", "0", "-", "x", "'"));
    assert(
      property(json({ maxDepth: 3 }), array(damage, { maxLength: 2 }), (whole, damages) => {
        let text = whole;
        for (const [place, length, instead] of damages) {
          const at = place % (text.length + 1);
          text = text.slice(0, at) + instead + text.slice(at + length);
        }
        expect({ text, isJson: jsonFault(text, { isElement: false }) === undefined }).toEqual({
          text,
          isJson: isJson(text),
        });
      }),
      { seed: SEED, numRuns: 5000 },
    );
  });

  test.each([
    ['{"a":1 "b":2}', 'a comma is missing before "b"', 7],
    ['{"a":1}\n{"a":2}', 'a comma is missing before {"a":2}', 8],
    ["[1 2]", "a comma is missing before 2", 3],
    ['{"a" 1}', 'a colon is missing behind the key "a"', 5],
    ["{a:1}", "the key a is not in double quotes", 1],
    ["{'a':1}", "the key 'a' is not in double quotes", 1],
    ['{"a":1,}', "a comma stands before }", 7],
    ['{"a":NaN}', "JSON has no value NaN", 5],
    ['{"a":True}', "JSON has no value True", 5],
    ['{"a":01}', "JSON has no number 01", 5],
    ['{"a":"\t"}', String.raw`a text holds the character \t as it is`, 6],
    ['{"a":"\\x"}', String.raw`\x in a text is no escape`, 6],
    ['{"a":', "it ends where a value is wanted", 5],
    ['{"a":1', "it ends inside an object", 6],
    ['{"a":1} // c', "a comma is missing before //", 8],
    ['{"a":/* c */1}', "JSON has no comments: /*", 5],
    ["\u00a0{}", String.raw`the character \u00a0 stands between the values`, 0],
  ])("in %s is said", (text, message, at) => {
    expect(jsonFault(text, { isElement: true })).toMatchObject({ message, at });
  });

  test("is left to the runtime in what is nested too deeply", () => {
    expect(jsonFault("[".repeat(100_000), { isElement: false })).toBeUndefined();
  });
});
