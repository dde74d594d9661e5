/**
 * The kernel's loops against loops of one byte at a time, over every alignment, tail length and edge of a block; and
 * that the kernel under test is the one that `bun run kernel` builds.
 */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import type { Scan } from "../../src/formats/kernel/exports.ts";
import { BLANK, INPUT, Kernel, POSITION, ROW_END } from "../../src/formats/kernel/host.ts";
import wasmPath from "../../src/formats/kernel/kernel.wasm" with { type: "file" };

const SEED = 20170526;
const RUNS = 3000;
const LF = 10;
const CR = 13;
const CR_LF_FLAG = 1 << 29;

const kernel = new Kernel();
kernel.reserve(8192);

/** Puts bytes at an address that far from the start of the input; what lies around them is junk that must not count. */
function load(bytes: Uint8Array, shift: number): { start: number; end: number } {
  const start = INPUT + shift;
  kernel.bytes.fill('",\n\r[]{}', INPUT, start + bytes.length + 128);
  kernel.bytes.set(bytes, start);
  return { start, end: start + bytes.length };
}

/** Bytes of many lengths, mostly special ones, with runs that reach over the edges of blocks. */
function bytesOf(units: string[]): fc.Arbitrary<Buffer> {
  const run = fc.tuple(fc.constantFrom(...units), fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 70 })));
  return fc
    .oneof(
      fc.string({ unit: fc.constantFrom(...units), maxLength: 200 }),
      fc.array(run, { maxLength: 12 }).map((runs) => runs.map(([unit, length]) => unit.repeat(length)).join("")),
    )
    .map((text) => Buffer.from(text, "latin1"));
}

const shift = fc.integer({ min: 0, max: 70 });
const maxRows = fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 6 }));

type Found = Omit<Scan, "end"> & { end: number };

/** The answer of a scan, counted from its start. */
function relative({ end, rows, lines, bad }: Scan, start: number): Found {
  return { end: end - start, rows, lines, bad };
}

describe("scanCsv", () => {
  for (const [name, delimiter, quote] of [
    ["comma and double quote", ",", '"'],
    ["tab and single quote", "\t", "'"],
    ["no quotes", ";", ""],
  ] as const) {
    test(`certifies what a loop certifies: ${name}`, () => {
      const units = [delimiter, quote === "" ? '"' : quote, "\n", "\r", "a", "\xff", "\x80", "\0"];
      fc.assert(
        fc.property(bytesOf(units), shift, maxRows, (bytes, at, most) => {
          const range = load(bytes, at);
          const found = relative(kernel.scanCsv({ ...range, maxRows: most }, { delimiter, quote }), range.start);
          expect(found).toEqual(slowScanCsv(bytes, delimiter, quote, most));
        }),
        { seed: SEED, numRuns: RUNS },
      );
    });
  }

  test("every length of a tail, with a quote, a delimiter or a line feed as its last byte", () => {
    for (let length = 0; length <= 200; length++) {
      for (const last of ['"', ",", "\n", "\r", "a"]) {
        for (const before of [`a,${"b".repeat(length)}`, `"${"\n".repeat(length)}`, "\n".repeat(length)]) {
          const bytes = Buffer.from(`${before}${last}`);
          const range = load(bytes, length % 16);
          const found = relative(
            kernel.scanCsv({ ...range, maxRows: Infinity }, { delimiter: ",", quote: '"' }),
            range.start,
          );
          expect(found).toEqual(slowScanCsv(bytes, ",", '"', Infinity));
        }
      }
    }
  });
});

/** Rows up to `maxRows`, or up to what breaks the quoting rules, one byte after another. */
function slowScanCsv(bytes: Buffer, delimiter: string, quote: string, most: number): Found {
  const found = { end: 0, rows: 0, lines: 0, bad: 0 };
  let state: "start" | "plain" | "quoted" | "closed" | "closed, CR" = "start";
  let rowStart = 0;
  let lines = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = String.fromCharCode(bytes[at] ?? 0);
    if (byte === "\n") lines++;
    if (state === "quoted") {
      if (byte === quote) state = "closed";
    } else if (byte === "\n") {
      const length = at - rowStart;
      const isBlank = length === 0 || (length === 1 && bytes[rowStart] === CR);
      rowStart = at + 1;
      state = "start";
      if (!isBlank) found.rows++;
      found.end = rowStart;
      found.lines = lines;
      if (found.rows === most) break;
    } else if (byte === quote && (state === "start" || state === "closed")) {
      state = "quoted";
    } else if (
      byte === quote ||
      state === "closed, CR" ||
      (state === "closed" && byte !== delimiter && byte !== "\r")
    ) {
      found.bad = 1;
      break;
    } else if (state === "closed" && byte === "\r") {
      state = "closed, CR";
    } else {
      state = byte === delimiter ? "start" : "plain";
    }
  }
  return found;
}

describe("indexCsv", () => {
  const units = [",", '"', "\n", "\r\n", "\r", "a", "é", "€", "😀", '"a"', ',"x\ny",', '""'];
  const text = fc
    .array(fc.tuple(fc.constantFrom(...units), fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }))), {
      maxLength: 30,
    })
    .map((runs) => runs.map(([unit, length]) => unit.repeat(length)).join(""));

  test("has an entry for every field, at UTF-16 positions, with flags", () => {
    fc.assert(
      fc.property(text, shift, (content, at) => {
        const whole = Buffer.from(content);
        // Only certified rows are indexed; a cut row may follow them.
        const certified = slowScanCsv(whole, ",", '"', Infinity);
        const rest = certified.bad === 1 ? 0 : whole.length - certified.end;
        const bytes = whole.subarray(0, certified.end + rest);
        const range = load(bytes, at);
        const index = kernel.indexCsv({ ...range, unit: "utf16" }, { delimiter: ",", quote: '"' });
        const wanted = slowIndex(bytes.toString("utf8", 0, certified.end));
        expect([...kernel.entries.subarray(0, index.count)]).toEqual(wanted);
        const { rows, lines } = certified;
        const hasPlainReturns = !/\r(?!\n)/.test(unquotedPart(bytes.toString("latin1", 0, certified.end)));
        const isAscii = !/[^\0-\x7f]/.test(bytes.toString("latin1", 0, certified.end));
        expect({ ...index, end: index.end - range.start }).toEqual({
          count: wanted.length,
          end: certified.end,
          rows,
          lines,
          isAscii,
          hasPlainReturns,
          blanks: kernel.scanCsv({ ...range, maxRows: Infinity }, { delimiter: ",", quote: '"' }).blanks,
          isBad: false,
        });
        kernel.indexCsv({ ...range, unit: "byte" }, { delimiter: ",", quote: '"' });
        const byBytes = slowIndex(bytes.toString("latin1", 0, certified.end));
        expect([...kernel.entries.subarray(0, index.count)]).toEqual(byBytes);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  test("certifies what the scan certifies, and finds the same rows in it", () => {
    const found = { bad: 0, good: 0 };
    const odd = [",", '"', "\n", "\r\n", "\r", "a", 'x"', '"a",', '"b"\n', '"c\n"\r\n', '""'];
    const mixed = fc
      .array(fc.tuple(fc.constantFrom(...odd), fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 70 }))), {
        maxLength: 9,
      })
      .map((runs) => runs.map(([unit, length]) => unit.repeat(length)).join(""));
    const dialects = fc.record({
      delimiter: fc.constant(","),
      quote: fc.constantFrom('"', '"', ""),
      keepsBlankLines: fc.boolean(),
    });
    fc.assert(
      fc.property(mixed, dialects, shift, (content, dialect, at) => {
        const range = load(Buffer.from(content), at);
        const scan = kernel.scanCsv({ ...range, maxRows: Infinity }, dialect);
        const { isBad, end, rows, lines, blanks } = kernel.indexCsv({ ...range, unit: "byte" }, dialect);
        expect(isBad).toBe(scan.bad === 1);
        found[isBad ? "bad" : "good"]++;
        if (isBad) return;
        expect({ end, rows, lines, blanks, bad: 0 }).toEqual(scan);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(Math.min(found.bad, found.good)).toBeGreaterThan(RUNS / 20);
  });

  test("the worst block, of nothing but delimiters, has room", () => {
    const bytes = Buffer.from(`${",".repeat(5000)}\n`);
    const index = kernel.indexCsv({ ...load(bytes, 3), unit: "utf16" }, { delimiter: ",", quote: '"' });
    expect(index.count).toBe(5001);
    expect((kernel.entries[4999] ?? 0) & POSITION).toBe(4999);
  });
});

test("isRectangular tells whether each row has all its fields, where there are as many entries as that takes", () => {
  const fields = fc.integer({ min: 0, max: 4 });
  fc.assert(
    fc.property(fc.array(fields, { maxLength: 20 }), fc.integer({ min: 1, max: 4 }), shift, (lines, width, at) => {
      const text = lines.map((count) => `${Array(count).fill("x").join(",")}\n`).join("");
      const { count, rows } = kernel.indexCsv(
        { ...load(Buffer.from(text), at), unit: "byte" },
        { delimiter: ",", quote: '"' },
      );
      if (count !== rows * width) return;
      const isWhole = lines.every((length) => length === width);
      expect(kernel.loops.isRectangular(kernel.entries.byteOffset, rows, width)).toBe(isWhole ? 1 : 0);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

/** Text without what stands between quotes. */
function unquotedPart(text: string): string {
  return text
    .split('"')
    .filter((_, at) => at % 2 === 0)
    .join("");
}

function slowIndex(text: string): number[] {
  const entries: number[] = [];
  let isInside = false;
  let rowStart = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') isInside = !isInside;
    if (isInside || (text[at] !== "," && text[at] !== "\n")) continue;
    const isRowEnd = text[at] === "\n";
    const isCrLf = isRowEnd && text[at - 1] === "\r";
    const isQuoted = text[at - (isCrLf ? 2 : 1)] === '"' || text[at - 1] === '"';
    const isBlank = isRowEnd && at - (isCrLf ? 1 : 0) <= rowStart;
    const flags =
      (isRowEnd ? ROW_END : 0) | (isCrLf ? CR_LF_FLAG : 0) | (isBlank ? BLANK : 0) | (isQuoted ? 1 << 31 : 0);
    entries.push(at | flags);
    if (isRowEnd) rowStart = at + 1;
  }
  return entries;
}

test("scanLines counts lines that hold more than white space", () => {
  fc.assert(
    fc.property(bytesOf(["\n", " ", "\t", "\r", "{", "\xff", "\0", "a"]), shift, maxRows, (bytes, at, most) => {
      const range = load(bytes, at);
      const wanted = { end: 0, rows: 0, lines: 0, bad: 0 };
      let hasInk = false;
      for (let place = 0; place < bytes.length && wanted.rows !== most; place++) {
        const byte = bytes[place] ?? 0;
        if (!" \t\r\n".includes(String.fromCharCode(byte))) hasInk = true;
        if (byte !== LF) continue;
        if (hasInk) wanted.rows++;
        hasInk = false;
        wanted.lines++;
        wanted.end = place + 1;
      }
      expect(relative(kernel.scanLines({ ...range, maxRows: most }), range.start)).toEqual(wanted);
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test("scanJson finds the ends of elements", () => {
  const units = [
    ",",
    "{",
    "}",
    "[",
    "]",
    '"',
    '\\"',
    "\\\\",
    " ",
    "\n",
    "\0",
    "1",
    "\xff",
    '"a,]"',
    '{"k":[1,2]}',
    "],",
  ];
  fc.assert(
    fc.property(bytesOf(units), shift, maxRows, (bytes, at, most) => {
      const range = load(bytes, at);
      const scan = kernel.scanJson({ ...range, maxRows: most });
      expect({ ...relative(scan, range.start), hasInk: scan.hasInk }).toEqual(slowScanJson(bytes, most));
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

function slowScanJson(bytes: Buffer, most: number): Found & { hasInk: boolean } {
  const text = bytes.toString("latin1");
  // Strings as so many letters: what is in them, and a string that is cut, does not count.
  const bare = text.replaceAll(/"(?:[^"\\]|\\[^])*(?:"|\\?$)/g, (string) => "s".repeat(string.length));
  const found = { end: 0, rows: 0, lines: 0, bad: 0, hasInk: false };
  let depth = 0;
  for (let at = 0; at < bare.length && found.bad === 0 && found.rows !== most; at++) {
    const character = bare[at] ?? "";
    if (" \t\r\n".includes(character)) continue;
    const isEnd = depth === 0 && (character === "," || character === "]");
    if (!isEnd) {
      found.hasInk = true;
      if ("{[".includes(character)) depth++;
      else if ("}]".includes(character) && depth > 0) depth--;
      continue;
    }
    if (character === "," && !found.hasInk) {
      found.bad = 1;
      if (found.rows === 0) found.lines = text.slice(0, at).split("\n").length - 1;
      continue;
    }
    if (character === "]" && !found.hasInk && found.rows > 0) break;
    if (found.hasInk) found.rows++;
    if (character === "]") found.bad = 2;
    else found.hasInk = false;
    found.end = at + 1;
    found.lines = text.slice(0, at).split("\n").length - 1;
  }
  return found;
}

test("scanValues finds the ends of values that stand one after another", () => {
  const units = [
    "{",
    "}",
    "[",
    "]",
    '"',
    '\\"',
    ",",
    " ",
    "\n",
    "\0",
    "1",
    "-2.5e1",
    "\xff",
    '"a}"',
    '{"k":[1,"}"]}',
    "null",
  ];
  fc.assert(
    fc.property(bytesOf(units), shift, maxRows, (bytes, at, most) => {
      const range = load(bytes, at);
      const found = relative(kernel.scanValues({ ...range, maxRows: most }), range.start);
      expect(found).toEqual(slowScanValues(bytes, most));
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

function slowScanValues(bytes: Buffer, most: number): Found {
  const text = bytes.toString("latin1");
  const found = { end: 0, rows: 0, lines: 0, bad: 0 };
  const linesTo = (end: number): number => text.slice(0, end).split("\n").length - 1;
  while (found.rows !== most) {
    const at = found.end + (/^[ \t\r\n]*/.exec(text.slice(found.end))?.[0].length ?? 0);
    const rest = text.slice(at);
    const length = valueLength(rest);
    if (rest.startsWith("[")) found.bad = 3;
    else if (rest !== "" && length === 0) {
      found.bad = 4;
      if (found.rows === 0) found.lines = linesTo(at);
    } else if (length !== undefined && rest !== "") {
      found.end = at + length;
      found.rows++;
      found.lines = linesTo(found.end);
      continue;
    }
    break;
  }
  return found;
}

/** Undefined where the end of the value is not there; 0 where none begins. */
function valueLength(text: string): number | undefined {
  const string = /^"(?:[^"\\]|\\[^])*"/;
  if (text.startsWith('"')) return string.exec(text)?.[0].length;
  if (!text.startsWith("{")) {
    const length = /^[\w+.-]*/.exec(text.replaceAll("_", ","))?.[0].length ?? 0;
    return length === text.length && length > 0 ? undefined : length;
  }
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === '"') {
      const length = string.exec(text.slice(at))?.[0].length;
      if (length === undefined) return undefined;
      at += length - 1;
    } else if ("{[".includes(character)) depth++;
    else if ("}]".includes(character) && --depth === 0) return at + 1;
  }
  return undefined;
}

test("countBytes counts the special bytes", () => {
  fc.assert(
    fc.property(bytesOf([";", '"', "\n", "\r", "\x1f", " ", "a", "\xff"]), shift, (bytes, at) => {
      const count = (wanted: string): number => bytes.toString("latin1").split(wanted).length - 1;
      expect(kernel.countBytes(load(bytes, at), ";")).toEqual({
        delimiters: count(";"),
        lineFeeds: count("\n"),
        quotes: count('"'),
        returns: count("\r"),
        controls: bytes.filter((byte) => byte < 0x20).length,
      });
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test("the kernel under test, which `bun run kernel` has built, has the bytes of another build", () => {
  const root = join(import.meta.dir, "../..");
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: { kernel: string } };
  const [command = "", ...args] = scripts.kernel.split(" ");
  const folder = mkdtempSync(join(tmpdir(), "rowmill-kernel-"));
  const file = join(folder, "kernel.wasm");
  const output = args.map((argument, at) => (args[at - 1] === "--outFile" ? file : argument));
  const { exitCode, stderr } = Bun.spawnSync([join(root, "node_modules/.bin", command), ...output], { cwd: root });
  if (exitCode !== 0) throw new Error(stderr.toString());
  const built = readFileSync(file);
  rmSync(folder, { recursive: true });
  expect(built.equals(readFileSync(wasmPath))).toBe(true);
}, 60_000);
