/** Streams of which workers get lines, to find the rows in them. */
import { beforeAll, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { PieceReader } from "../../src/io/piece-reader.ts";
import { HeldStream } from "../../src/pipeline/held-stream.ts";
import { type Folder, installBinary } from "../cli/binary.ts";

const LF = 10;

/** Gives bytes in pieces of these lengths, and makes each useless when the next one is asked for. */
class Pieces implements PieceReader {
  readonly #pieces: Uint8Array[] = [];
  #last: Uint8Array | undefined;

  constructor(bytes: Uint8Array, lengths: readonly number[]) {
    for (let at = 0, count = 0; at < bytes.length; count++) {
      const length = lengths[count % lengths.length] ?? 1;
      this.#pieces.push(bytes.slice(at, at + length));
      at += length;
    }
  }

  peek(): Promise<Uint8Array> {
    if (this.#pieces[0] !== this.#last) this.#last?.fill(0);
    this.#last = this.#pieces[0];
    return Promise.resolve(this.#last ?? new Uint8Array(0));
  }

  take(): void {
    this.#pieces.shift();
  }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("what is handed out, read again, and passed in any order are the bytes of the stream", async () => {
  const texts = fc
    .array(fc.constantFrom("a", "bc", "\n", "def,ghi", "\n\n"), { maxLength: 200 })
    .map((parts) => parts.join(""));
  const steps = fc.array(
    fc.record({ what: fc.constantFrom("hand out", "more", "pass", "read"), size: fc.integer({ min: 1, max: 60 }) }),
    { minLength: 1, maxLength: 60 },
  );
  const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(texts, lengths, fc.nat({ max: 20 }), steps, async (text, pieces, came, does) => {
      const all = bytesOf(text);
      const first = Math.min(came, all.length);
      const held = new HeldStream(new Pieces(all.subarray(first), pieces), 0, all.subarray(0, first));
      let [passed, front] = [0, 0];
      const out: { start: number; bytes: Uint8Array }[] = [];
      for (const { what, size } of does) {
        if (what === "more") await held.more();
        else if (what === "pass") {
          passed = Math.min(held.end, passed + size);
          held.pass(passed);
          front = Math.max(front, passed);
        } else if (what === "read") {
          const into = new Uint8Array(Math.min(size, held.end - passed));
          expect(held.read(passed, into)).toBe(into.length);
          expect(into).toEqual(all.slice(passed, passed + into.length));
        } else {
          const until = front + size;
          held.expect(until + 1);
          while (!held.isEnded && held.end <= until) await held.more();
          const lines = held.handOut(until);
          const isLast = all.length <= until;
          const end = isLast ? all.length : all.subarray(0, until).lastIndexOf(LF) + 1;
          expect(lines?.bytes ?? new Uint8Array(0)).toEqual(all.slice(front, Math.max(front, end)));
          if (lines === undefined) continue;
          expect([lines.start, lines.isLast]).toEqual([front, isLast]);
          front = end;
          out.push(lines);
        }
        // What nobody has passed is what it was.
        for (const { start, bytes } of out) {
          const end = start + bytes.length;
          if (end > passed) expect(bytes).toEqual(all.slice(start, end));
        }
      }
    }),
    { numRuns: 2000, seed: 20261130 },
  );
});

test("who waits for more while others do gets the same bytes, each of them once", async () => {
  const held = new HeldStream(new Pieces(bytesOf("one\ntwo\nthree\n"), [4]), 0, bytesOf(""));
  await Promise.all([held.more(), held.more()]);
  expect(held.end).toBe(4);
  await held.more();
  expect(held.end).toBe(8);
});

const expected = (rows: readonly string[]): string =>
  `id,number\n${rows.map((row) => row.replace(/,.*,/, ",")).join("\n")}\n`;

describe("of a long stream", () => {
  const binary = installBinary();
  const ROWS = 200_000;
  const rows = Array.from({ length: ROWS }, (_, row) => `${row},text ${row % 1000},${(row * 7919) % 1009}`);
  const text = `id,text,number\n${rows.join("\n")}\n`;
  let there: Folder;

  beforeAll(() => {
    there = binary.folder({ "in.csv": text });
  });

  test("rows come out when it pauses in the middle of a line, and the rest when it goes on", async () => {
    const child = there.start(["-", "-e", "{ id, number }", "-j", "2"]);
    const half = text.lastIndexOf("\n", text.length / 2) + 4;
    const out = expected(rows);
    const came = expected(text.slice(0, half).split("\n").slice(1, -1));
    await child.stdin.write(text.slice(0, half));
    await child.stdin.flush();
    let got = "";
    const decoder = new TextDecoder();
    const reader = child.stdout.getReader();
    while (got.length < came.length) got += decoder.decode((await reader.read()).value, { stream: true });
    expect(got === came).toBe(true);
    await child.stdin.write(text.slice(half));
    await child.stdin.end();
    for (let next = await reader.read(); !next.done; next = await reader.read())
      got += decoder.decode(next.value, { stream: true });
    expect(await child.exited).toBe(0);
    expect(got === out).toBe(true);
  });

  test("rows before the place where it is damaged come out, and the file is named", async () => {
    const { stdout, stderr, code } = await there.bash(
      "gzip -1 -k -f in.csv && head -c 900000 in.csv.gz > cut.csv.gz && rowmill cut.csv.gz -e '{ id, number }' -j 2",
    );
    expect(code).toBe(1);
    expect(stderr).toContain("cannot read cut.csv.gz to its end: its gzip data is cut off");
    const whole = (await there.bash("gzip -dc cut.csv.gz 2> /dev/null | wc -c; true")).stdout;
    const count = stdout.split("\n").length - 2;
    expect(stdout === expected(rows.slice(0, count))).toBe(true);
    // All but what is lost with a step of 64 KiB.
    expect(text.split("\n", count + 1).join("\n").length).toBeGreaterThan(Number(whole) - 64 * 1024);
  });

  test.each([
    ["rows that are longer than what is taken at once", 5_000_000, ""],
    ["line feeds in quotes, far more than there are rows", 3_000_000, "\n"],
  ])("%s", async (_, length, feed) => {
    const long = `"${`${"x".repeat(99)}${feed}`.repeat(length / 100)}"`;
    const odd = rows.map((row, at) => (at % 40_000 === 30_000 ? row.replace(/,.*,/, `,${long},`) : row));
    there.write({ "odd.csv": `id,text,number\n${odd.join("\n")}\n` });
    const { stdout, code } = await there.bash("cat odd.csv | rowmill - -e '{ id, number }' -j 2");
    expect([code, stdout === expected(rows)]).toEqual([0, true]);
  });
});
