/** Tags and texts are found wherever the bytes are cut. */
import { describe, expect, test } from "bun:test";
import {
  type Arbitrary,
  array,
  assert,
  constant,
  constantFrom,
  letrec,
  nat,
  oneof,
  property,
  record,
  string,
  tuple,
  uniqueArray,
} from "fast-check";
import { XmlText } from "../../../src/sources/xlsx/byte-buffer.ts";
import { CLOSE, END, MORE, OPEN, TEXT, XmlScanner } from "../../../src/sources/xlsx/xml-scanner.ts";

type Node =
  | { kind: "element"; name: string; attributes: [string, string][]; inside: Node[] }
  | { kind: "text"; xml: string; text: string };

/** What is found in a document: tags with their attributes, and the texts between them as one each. */
function found(pieces: readonly Uint8Array[]): string[] {
  const scanner = new XmlScanner();
  const text = new XmlText();
  const all: string[] = [];
  const left = [...pieces];
  const endText = (): void => {
    if (text.length > 0) all.push(Buffer.from(text.bytes.subarray(0, text.length)).toString());
    text.clear();
  };
  for (;;) {
    const token = scanner.next();
    if (token === MORE) {
      const piece = left.shift();
      if (piece === undefined) scanner.finish();
      else scanner.feed(piece);
    } else if (token === TEXT) text.append(scanner.bytes, scanner.from, scanner.to, scanner.isLiteral);
    else {
      endText();
      if (token === END) return all;
      if (token === CLOSE) all.push(`</${scanner.longName}>`);
      if (token === OPEN) {
        const values = ["a", "b", "name"].map((name) => scanner.value(name));
        all.push(`<${scanner.longName}${JSON.stringify(values)}`);
        if (scanner.isEmpty) all.push(`</${scanner.longName}>`);
      }
    }
  }
}

const plain = string({ unit: constantFrom("x", "é", "東", "😀", ">", "]", "-", "?", '"', " ", "\n", "\t") });
const space = constantFrom("", " ", "\n", " \t ");
const text: Arbitrary<Node> = oneof(
  plain.map((value): Node => ({ kind: "text", xml: value, text: value })),
  plain.map((value): Node => ({
    kind: "text",
    xml: `<![CDATA[${value.replaceAll("]]>", "")}]]>`,
    text: value.replaceAll("]]>", ""),
  })),
  plain.map((value): Node => ({ kind: "text", xml: `<!--${value.replaceAll("-", "")}-->`, text: "" })),
  plain.map((value): Node => ({ kind: "text", xml: `<?pi ${value.replaceAll("?", "")}?>`, text: "" })),
  constantFrom(["&amp;", "&"], ["&lt;", "<"], ["&#x1F600;", "😀"], ["&#10;", "\n"], ["\r\n", "\n"], ["\r", "\n"]).map(
    ([xml = "", value = ""]): Node => ({ kind: "text", xml: `${xml}.`, text: `${value}.` }),
  ),
);
const { node } = letrec<{ node: Node }>((tie) => ({
  node: oneof(
    { maxDepth: 4 },
    text,
    record({
      kind: constant("element" as const),
      name: constantFrom("c", "row", "longer-name"),
      attributes: uniqueArray(
        tuple(
          constantFrom("a", "b", "name"),
          plain.map((value) => value.replaceAll(/[\n\t]/g, " ")),
        ),
        {
          selector: ([name]) => name,
        },
      ),
      inside: array(tie("node"), { maxLength: 4 }),
    }),
  ),
}));

/** A document, and what is to be found in it. */
function written(one: Node, blank: string): { xml: string; all: string[] } {
  if (one.kind === "text") return { xml: one.xml, all: one.text === "" ? [] : [one.text] };
  const inside = one.inside.map((each) => written(each, blank));
  const attributes = one.attributes.map(([name, value]) =>
    value.includes('"') ? ` ${blank}${name}${blank}='${value}'` : ` ${name}=${blank}"${value}"`,
  );
  const values = ["a", "b", "name"].map((name) => one.attributes.find(([each]) => each === name)?.[1]);
  const isEmpty = inside.length === 0;
  return {
    xml: isEmpty
      ? `<${one.name}${attributes.join("")}${blank}/>`
      : `<${one.name}${attributes.join("")}${blank}>${inside.map(({ xml }) => xml).join("")}</${one.name}${blank}>`,
    all: [`<${one.name}${JSON.stringify(values)}`, ...joined(inside.flatMap(({ all }) => all)), `</${one.name}>`],
  };
}

/** Texts that follow each other are one. */
function joined(all: readonly string[]): string[] {
  const result: string[] = [];
  for (const each of all) {
    const last = result.at(-1);
    if (last !== undefined && isText(last) && isText(each)) result[result.length - 1] = last + each;
    else result.push(each);
  }
  return result;
}

function isText(each: string): boolean {
  return !/^<\/?(?:c|row|longer-name)\W/.test(each);
}

describe("XmlScanner", () => {
  test("finds what was written, wherever it is cut", () => {
    assert(
      property(array(node, { maxLength: 5 }), space, array(nat(), { maxLength: 8 }), (inside, blank, cuts) => {
        const root: Node = { kind: "element", name: "row", attributes: [], inside };
        const { xml, all } = written(root, blank);
        const bytes = Buffer.from(xml);
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
        const pieces = places
          .slice(1)
          .map((to, at) => bytes.subarray(places[at], to))
          .filter(({ length }) => length > 0);
        expect(found(pieces)).toEqual(all);
        const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
        expect(found(single)).toEqual(all);
      }),
      { numRuns: 300 },
    );
  });

  test("names are those of the namespace of the outermost element", () => {
    expect(found([Buffer.from('<x:row><c/><x:c a="1"/><y:c/></x:row>')])).toEqual([
      "<row[null,null,null]",
      "<[null,null,null]",
      "</>",
      '<c["1",null,null]',
      "</c>",
      "<[null,null,null]",
      "</>",
      "</row>",
    ]);
  });

  test.each([
    ["<a", "it ends in the middle of a tag"],
    ["<a b", "it ends in the middle of a tag"],
    ["<a><!-- ", "it ends in the middle of a comment, or of a literal text"],
    ["<a b='<'/", "it ends in the middle of a tag"],
    ["<a b>", "a tag has an attribute without a value"],
    ["<a/b>", "a tag has something behind its slash"],
    ["<>", "it has a tag without a name"],
    ["<!DOCTYPE a>", "it declares a document type, which no part of a workbook has"],
    ["<a>&#x110000;</a>", "it refers to &#x110000;, which is no character"],
    ["<a>&amp</a>", "it has a reference to a character without an end"],
  ])("%s: %s", (xml, message) => {
    expect(() => found([Buffer.from(xml)])).toThrow(message);
  });

  test("a tag that is too long is not held", () => {
    const scanner = new XmlScanner();
    scanner.feed(Buffer.from("<a "));
    expect(() => {
      for (let pieces = 0; pieces < 40; pieces++) {
        scanner.next();
        scanner.feed(Buffer.alloc(64 * 1024, " "));
      }
    }).toThrow("it has a tag without an end");
  });
});
