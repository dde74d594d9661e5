/**
 * Rows of JSONL by the kernel's index against JSON.parse, line by line: over well-formed lines of every kind, and the
 * same with bytes put in, taken out and changed. A line that may be copied is what JSON.stringify writes.
 *
 * ROWMILL_FUZZ_RUNS=200000 makes it look longer, at random; ROWMILL_FUZZ_SEED takes the seed of a failure.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { BlockObjects, DecodedBlock } from "../../src/formats/format.ts";
import { ObjectCopier } from "../../src/formats/indexed/object-reader.ts";
import { SpelledRow } from "../../src/formats/values/spelling.ts";
import { parseJson, stringifyJson } from "../../src/formats/values/json.ts";
import { jsonlDecoder } from "../../src/formats/jsonl/decoder.ts";
import { jsonlSplitter } from "../../src/formats/jsonl/splitter.ts";
import { INPUT, Kernel } from "../../src/formats/kernel/host.ts";
import { type Told, toldBy, toldJson } from "../pipeline/plain-loop.ts";
import type { ObjectSpelling } from "../../src/formats/values/spelling-tree.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20170526));

const LF = 10;

const kernel = new Kernel();
kernel.reserve(1 << 18);

/** What became of a line. */
interface Line {
  text: string;
  line: number;
  /** Undefined where it failed. */
  row: Record<string, unknown> | undefined;
  fault: string | undefined;
  /** How it is spelled. */
  spelling: ObjectSpelling | undefined;
  /** The bytes that may be copied for it. */
  copy: string | undefined;
}

interface Reading {
  reads: readonly string[];
  copiesRows: boolean;
  internsTexts: boolean;
  blockBytes: number;
  shift: number;
}

function decode(bytes: Buffer, { reads, shift, copiesRows, internsTexts, blockBytes }: Reading): Line[] {
  const read = new Set(reads);
  const start = INPUT + shift;
  // What lies around the bytes is junk that must not count.
  kernel.bytes.fill('"}\n{', INPUT, start + bytes.length + 128);
  kernel.bytes.set(bytes, start);
  const decoder = jsonlDecoder(kernel, {
    copiesRows,
    internsTexts,
    blockBytes,
    reads: read,
    replacesInvalid: false,
    keepsSpelling: true,
    // Where rows are handed on, the others are not looked at.
    ...(copiesRows && { looksAt: (key) => read.has(key) }),
  });
  const lines: Line[] = [];
  const kept: { block: DecodedBlock; first: number }[] = [];
  let first = 1;
  for (const block of decoder.blocks(start, start + bytes.length, () => {})) {
    const copies = block.objects && copiesRows ? copiesOf(block.objects, reads.length) : undefined;
    const those = linesOf(block, first);
    if (copies !== undefined) {
      expect(copies.length).toBe(those.length);
      for (const [at, line] of those.entries()) {
        // One with white space in it is copied without it, with the others of its block or not at all.
        if (line.copy !== undefined) expect(line.copy).toBe(copies[at] ?? "");
        line.copy = copies[at];
      }
    } else if (copiesRows && those.length > 0) {
      expect(those.every(({ copy }) => copy !== undefined)).toBe(false);
    }
    lines.push(...those);
    block.keep();
    kept.push({ block, first });
    first += block.lines;
  }
  expect(first - 1).toBe(bytes.toString("latin1").split("\n").length - 1);
  expect(kernel.bytes.compare(bytes, 0, bytes.length, start, start + bytes.length)).toBe(0);
  kernel.bytes.fill("#", INPUT, start + bytes.length);
  const places = kept.flatMap((one) => linesOf(one.block, one.first)).map(({ text, line }) => ({ text, line }));
  expect(places).toEqual(lines.map(({ text, line }) => ({ text, line })));
  return lines;
}

/** What is copied where all rows of a block are kept. */
function copiesOf(objects: BlockObjects, keys: number): string[] {
  const copier = new ObjectCopier(kernel, keys, "\n");
  const opened = copier.open(objects);
  opened.kept.fill(1);
  return new TextDecoder().decode(copier.copy(objects, opened)).split("\n").slice(0, -1);
}

function linesOf(block: DecodedBlock, first: number): Line[] {
  let line = first;
  let counted = 0;
  return Array.from({ length: block.count }, (_, at) => {
    const from = block.copies?.from(at) ?? -1;
    line += block.source.slice(counted, block.offset(at)).split("\n").length - 1;
    counted = block.offset(at);
    return {
      text: block.text(at),
      line,
      row: block.rows[at],
      spelling: block.spellings?.get(at),
      fault: block.faults.get(at)?.code,
      copy: from < 0 ? undefined : new TextDecoder().decode(block.copies?.bytes.subarray(from, block.copies.to(at))),
    };
  });
}

/** The same without an index; `row` is whole. */
function decodeSlowly(bytes: Buffer, { reads, copiesRows }: Reading): Omit<Line, "copy" | "spelling">[] {
  const lines: Omit<Line, "copy" | "spelling">[] = [];
  const looksAt = (key: string): boolean => !copiesRows || reads.includes(key);
  for (const [at, raw] of bytes.toString("latin1").split("\n").entries()) {
    if (/^[ \t\r]*$/.test(raw)) continue;
    const trimmed = Buffer.from(raw.replace(/\r$/, ""), "latin1");
    const text = trimmed.toString("utf8");
    let row: Line["row"];
    let fault: string | undefined = Buffer.from(text).equals(trimmed) ? undefined : "row-encoding";
    try {
      const value: unknown = parseJson(text, looksAt);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) row = value as Line["row"];
    } catch {
      // It fails.
    }
    if (fault !== undefined) row = undefined;
    else if (row === undefined) fault = "row-json";
    lines.push({ text, line: at + 1, row, fault });
  }
  return lines;
}

function check(bytes: Buffer, reading: Reading): void {
  const wanted = decodeSlowly(bytes, reading);
  const found = decode(bytes, reading);
  expect(found.map(({ text, line, fault }) => ({ text, line, fault }))).toEqual(
    wanted.map(({ text, line, fault }) => ({ text, line, fault })),
  );
  for (const [at, { row, spelling, copy }] of found.entries()) {
    const { row: whole, text: raw = "" } = wanted[at] ?? {};
    for (const name of reading.reads) {
      expect(row !== undefined && Object.hasOwn(row, name)).toBe(whole !== undefined && Object.hasOwn(whole, name));
      expect(row?.[name]).toStrictEqual(whole?.[name]);
      // Zero has a sign.
      expect(Object.is(row?.[name], -0)).toBe(Object.is(whole?.[name], -0));
    }
    if (whole === undefined) continue;
    const told = toldBy(raw);
    const handedOn = toldJson(JSON.parse(raw), told);
    if (copy !== undefined) {
      expect(copy).toBe(handedOn);
    } else if (row !== undefined) {
      const written = spelling === undefined ? stringifyJson(row) : new SpelledRow(row, spelling).json(row, spelling);
      if (reading.copiesRows) expect(written).toBe(handedOn);
      // Of each key that is read, the value is written as it stands there.
      const stood = new Map(told.members);
      const own = toldBy(written).members ?? [];
      for (const [key, one] of own) if (reading.reads.includes(key)) expect(one).toEqual(stood.get(key) as Told);
    }
  }
}

const NAMES = [
  "name",
  "born",
  "n",
  "é",
  "漢字",
  "😀",
  "",
  "0",
  "12",
  "__proto__",
  "constructor",
  "a-b",
  "long".repeat(20),
];
const name = fc.constantFrom(...NAMES);
/** Names above, and others, with escapes. */
const escapedName = fc.constantFrom("n\\u0061me", "bor\\u006e", "\\u0030", "\\u00e9", 'a\\"b', "a\\\\b", "a\\/b");

const digits = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.nat(18)).map(([digit, point]) => {
    const text = String(digit);
    return point === 0 || point >= text.length - 1 ? text : `${text.slice(0, -point)}.${text.slice(-point)}`;
  }),
  fc.constantFrom(
    "-0",
    "0",
    "0.0",
    "-0.5",
    "0.1",
    "0.000001",
    "0.0000001",
    "0.00000012",
    "1.10",
    "1e3",
    "1E-7",
    "2e999",
  ),
  fc.constantFrom("9007199254740993", "999999999999999", "0.3", "123456789012345.6", "2147483648", "-2147483648", "1."),
  fc.constantFrom("01", "-", "+1", ".5", "1e", "1e+", "0x1", "NaN", "-Infinity", "123456789012345.0", "4.35", "0.07"),
);

const character = fc.constantFrom("a", "b", "1", " ", "é", "€", "漢", "😀", "\u2028", "\x7f", "/", "}", "{", ":", ",");
const escaped = fc.constantFrom(
  '\\"',
  "\\\\",
  "\\/",
  "\\n",
  "\\u00e9",
  "\\ud83d\\ude00",
  "\\uD800",
  "\\u000a",
  "\\x",
  "\\u12",
);
const text = fc
  .array(fc.oneof({ weight: 12, arbitrary: character }, { weight: 1, arbitrary: escaped }), { maxLength: 40 })
  .map((units) => `"${units.join("")}"`);

const space = fc.oneof(
  { weight: 12, arbitrary: fc.constant("") },
  { weight: 1, arbitrary: fc.constantFrom(" ", "\t", "\r") },
);

const { value } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof(
    { weight: 4, arbitrary: text },
    { weight: 4, arbitrary: digits },
    { weight: 2, arbitrary: fc.constantFrom("true", "false", "null", "[]", "{}") },
    { weight: 1, arbitrary: tie("list") },
    { weight: 1, arbitrary: tie("object") },
  ),
  list: fc.tuple(fc.array(tie("value"), { maxLength: 3 }), space).map(([all, gap]) => `[${all.join(`,${gap}`)}]`),
  object: members(tie("value")),
}));

function members(one: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const key = fc.oneof(
    { weight: 20, arbitrary: name.map((plain) => `"${plain}"`) },
    { weight: 1, arbitrary: escapedName.map((plain) => `"${plain}"`) },
    { weight: 1, arbitrary: text },
  );
  const member = fc
    .tuple(key, space, space, one)
    .map(([given, before, behind, held]) => given + before + ":" + behind + held);
  return fc
    .tuple(fc.array(member, { maxLength: 5 }), space)
    .map(([all, gap]) => `{${gap}${all.join(`${gap},`)}${gap}}`);
}

const ROW = { id: 1, name: "Ada é", born: 1815, tags: ["x", { k: 1 }] };
const line = fc.oneof(
  { weight: 6, arbitrary: members(value) },
  { weight: 4, arbitrary: fc.tuple(text, digits).map(([who, born]) => `{"name":${who},"n":[],"born":${born}}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", " ", "\0", "{}", "[]", "null", `{"name":${"[".repeat(70)}${"]".repeat(70)}}`),
  },
  { weight: 1, arbitrary: fc.constantFrom(JSON.stringify(ROW), `${JSON.stringify(ROW)}  `, ` ${JSON.stringify(ROW)}`) },
  {
    weight: 1,
    arbitrary: fc.constant(`{${Array.from({ length: 70 }, (_, at) => `"k${at}":${at}`).join(",")},"k69":0}`),
  },
);

/** Bytes put in somewhere, taken out, or changed. */
const damage = fc.record({
  at: fc.nat(),
  taken: fc.constantFrom(0, 0, 1, 1, 3),
  bytes: fc.constantFrom(
    "",
    '"',
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\\",
    "\n",
    "\r",
    "\0",
    "0",
    "-",
    "e",
    "\x1f",
    "\xff",
    "\xc3",
    " ",
  ),
});

function damaged(bytes: Buffer, { at, taken, bytes: put }: { at: number; taken: number; bytes: string }): Buffer {
  const place = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, place), Buffer.from(put, "latin1"), bytes.subarray(place + taken)]);
}

const lineEnd = fc.constantFrom("\n", "\n", "\n", "\r\n", "\n\n");
const file = fc
  .record({
    lines: fc.array(fc.tuple(line, lineEnd), { minLength: 1, maxLength: 8 }),
    isCut: fc.boolean(),
    damages: fc.oneof(fc.array(damage, { maxLength: 0 }), fc.array(damage, { maxLength: 3 })),
  })
  .map(({ lines, isCut, damages }) => {
    const whole = lines.map(([one, end]) => one + end).join("");
    return damages.reduce(damaged, Buffer.from(isCut ? whole.replace(/[\r\n]+$/, "") : whole));
  });

const reading: fc.Arbitrary<Reading> = fc.record({
  reads: fc.oneof(fc.uniqueArray(name, { maxLength: 3 }), fc.constant(["name", "born"]), fc.constant(NAMES)),
  copiesRows: fc.boolean(),
  internsTexts: fc.boolean(),
  blockBytes: fc.constantFrom(1, 40, 100_000),
  shift: fc.nat(20),
});

describe("rows by the kernel's index", () => {
  test("are found where the splitter finds them, up to what is no whole line or too long", () => {
    const most = fc.constantFrom(50, 1000);
    const property = fc.property(
      file,
      reading,
      most,
      (bytes, { reads, shift, copiesRows, blockBytes }, maxRowBytes) => {
        const [start, end] = [INPUT + shift, INPUT + shift + bytes.length];
        kernel.bytes.fill('"}\n{', INPUT, end + 128);
        kernel.bytes.set(bytes, start);
        const options = { copiesRows, blockBytes, maxRowBytes, reads: new Set(reads), replacesInvalid: false };
        const decoder = jsonlDecoder(kernel, options);
        for (let at = start; at < end;) {
          const found = decoder.certify?.(at, end);
          if (found === undefined) {
            const piece = bytes.subarray(at - start, Math.min(bytes.length, at - start + blockBytes));
            if (piece.length <= maxRowBytes) expect(piece.includes(LF)).toBe(false);
            return;
          }
          const split = jsonlSplitter(maxRowBytes).split({
            memory: kernel,
            start: at,
            end: found.end,
            isFinal: false,
            maxRows: Number.MAX_SAFE_INTEGER,
          });
          const { rows, lines } = found;
          expect(split).toEqual({ kind: "rows", end: found.end, rows, lines });
          expect(found.block?.count ?? 0).toBe(rows);
          at = found.end;
        }
      },
    );
    fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 2000 });
  }, 600_000);

  test("are those of JSON.parse, and what is copied is what JSON.stringify writes", () => {
    fc.assert(fc.property(file, reading, check), { seed: SEED, numRuns: RUNS > 0 ? RUNS : 3000 });
  }, 600_000);

  const plain: Reading = {
    reads: ["name", "born"],
    copiesRows: true,
    internsTexts: false,
    blockBytes: 100_000,
    shift: 0,
  };
  const isCopied = (given: string): boolean => decode(Buffer.from(`${given}\n`), plain)[0]?.copy === given;

  test.each([
    '{"name":"Ada","born":1815}',
    '{"born":-1815.25,"name":"Zoë 😀","tags":[1,"x",{"k":[],"l":{}}],"n":null,"t":true,"f":false}',
    '{"name":"a\\"b\\\\c\\nd\\te"}',
    '{"id":12345678901234567890,"x":0.000001}',
    '{"a":1.0,"b":-0,"c":1E3,"d":0.0000001,"e":0.1234567890123456789,"f":1e-400,"g":1e999}',
    '{"born":2.50,"name":1.0}',
    '{"b":1,"0":2,"x":{"b":1,"0":2}}',
    "{}",
  ])("%s is copied", (given) => {
    expect(isCopied(given)).toBe(true);
  });

  test.each([
    ['{"name": "Ada"}', '{"name":"Ada"}'],
    [
      ' { "born" : -1815.25,\t"name" : "Zoë , : 😀" , "tags": [ 1, "x y", { "k" : [ ] } ]\r} ',
      '{"born":-1815.25,"name":"Zoë , : 😀","tags":[1,"x y",{"k":[]}]}',
    ],
    ['{"name": "a \\" : \\\\", "n": { }}', '{"name":"a \\" : \\\\","n":{}}'],
    ['{"x": 1.0, "b": 1E3, "0": 2}', '{"x":1.0,"b":1E3,"0":2}'],
    ["{ }", "{}"],
  ])("%s is copied without its white space", (given, copy) => {
    expect(decode(Buffer.from(`${given}\n`), plain)[0]?.copy).toBe(copy);
    check(Buffer.from(`${given}\n{"name":"x"}\n`), plain);
  });

  test.each([
    '{"name":"\\u00e9"}',
    '{"name":"a\\/b"}',
    '{"a":1,"a":2}',
    '{"x":{"a":1,"a":2}}',
    '{"name":["can be changed"]}',
    '{"born":{}}',
  ])("%s is written anew", (given) => {
    expect(isCopied(given)).toBe(false);
    check(Buffer.from(`${given}\n`), plain);
  });

  test("more rows than are indexed at once, and rows longer than a block", () => {
    const long = `{"name":"${"é".repeat(40_000)}","born":1}`;
    const bytes = Buffer.from(`${'{"born":7}\n'.repeat(5000)}${long}\n${'{"name":"x"}\n'.repeat(2100)}${long}`);
    for (const blockBytes of [1000, 65_536, 1 << 20]) check(bytes, { ...plain, blockBytes });
  });

  test("keys of the line before are no keys of a line that only begins like it", () => {
    const lines = [
      '{"name":"a","born":1}',
      '{"name":"b","bornX":2}',
      '{"nam":3}',
      '{"name":"c","bor":4}',
      '{"name":"d"}',
    ];
    check(Buffer.from(`${[...lines, ...lines.toReversed()].join("\n")}\n`), plain);
  });

  test("white space around a key, and bytes that are none of its, after a line without them", () => {
    const close = '{"name":"a","born":1}';
    const others = [
      '{ "name":"a","born":1}',
      '{"name" :"a", "born": 1 }',
      '{"name":"a" ,"born":1}',
      '{"name":"a","born"1}',
      '{"name":"a""born":1}',
      '{"name":"a";"born":1}',
      '["name":"a","born":1}',
      '{"name":"a",}',
      '{"name":"a"}',
      "{}",
    ];
    check(Buffer.from(`${others.flatMap((other) => [close, other, other, close]).join("\n")}\n`), plain);
  });

  test("numbers of any count of digits, before and behind the point", () => {
    const places = "1234567890123456789";
    const counts = Array.from({ length: 18 }, (_, count) => places.slice(0, count));
    const numbers = counts.flatMap((whole) => counts.flatMap((part) => [`${whole}.${part}`, `-${whole}.0${part}`]));
    const odd = [
      ...counts,
      "00000001",
      "0000000",
      "01.5",
      "1234567/",
      "1234567:",
      "12345678",
      "1234567\u00e9",
      "-",
      "1.e1",
    ];
    const lines = [...numbers, ...odd].map((number) => `{"born":${number},"other":${number}}`);
    check(Buffer.from(`${lines.join("\n")}\n`), plain);
    check(Buffer.from(`${lines.join("\n")}\n`), { ...plain, copiesRows: true });
  });

  test("a name without UTF-8 is no U+FFFD", () => {
    const reads = ["\ud800", "\ufffd"];
    for (const given of ['{"\ufffd":1}', '{"\\ud800":1}']) check(Buffer.from(`${given}\n`), { ...plain, reads });
  });
});
