/** Files on servers that are read by position: any bytes of them, of one version, or an error. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RowmillError } from "../../src/errors.ts";
import { HttpAsking } from "../../src/io/asking.ts";
import { FarFile } from "../../src/io/far-file.ts";
import { type Asked, type Connection, FileServer } from "./file-server.ts";

const CONTENT = Buffer.from(Array.from({ length: 200_000 }, (_, line) => `line ${line}\n`).join(""));
const SIZE = CONTENT.length;
const PATIENCE = { firstWaitMs: 1, attempts: 6, quietMs: 60_000 };
const WHOLE = { etag: '"v1"', "content-length": SIZE, "accept-ranges": "bytes" };

function answer(
  { headers }: Asked,
  to: Connection,
  { most, etag = '"v1"' }: { most?: number; etag?: string } = {},
): void {
  const [, from, last] = /^bytes=(\d+)-(\d+)$/.exec(headers["range"] ?? "") ?? [];
  if (from === undefined) {
    to.head("200 OK", WHOLE).body(CONTENT.subarray(0, 5000));
    return;
  }
  const part = CONTENT.subarray(Number(from), Number(last) + 1);
  const range = { "content-range": `bytes ${from}-${last}/${SIZE}`, "content-length": part.length };
  to.head("206 Partial Content", { etag, ...range });
  to.body(part.subarray(0, most)).end();
}

async function opened(server: FileServer): Promise<FarFile> {
  const url = server.at("/a.bin");
  return await FarFile.open(url, new HttpAsking(url, []), { patience: PATIENCE });
}

async function failure(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RowmillError)) throw error ?? new Error("it went well");
  return `${error.message.replace(/http:\S+bin/, "URL")}; ${error.hint}`;
}

test("what was fetched is what is there, whatever ranges are wanted and connections break", async () => {
  let breaks: (number | null)[] = [];
  await using server = await FileServer.start((asked, to) => {
    const most = asked.headers["range"] === undefined ? undefined : (breaks.shift() ?? undefined);
    answer(asked, to, most === undefined ? {} : { most });
  });
  const file = await opened(server);
  expect(file.size).toBe(SIZE);
  const range = fc
    .tuple(fc.nat(SIZE), fc.nat(400_000))
    .map(([start, length]) => ({ start, end: Math.min(SIZE, start + length) }));
  const ranges = fc.array(range, { minLength: 1, maxLength: 4 });
  const given = fc.array(fc.option(fc.nat(100_000)), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(ranges, given, async (wanted, after) => {
      breaks = [...after];
      await file.fetch(wanted);
      for (const { start, end } of wanted.filter((one) => one.end > one.start)) {
        const into = Buffer.alloc(end - start + 10);
        file.read(start, into, { at: 10, length: end - start });
        expect(into.subarray(10).equals(CONTENT.subarray(start, end))).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
  expect(() => file.read(SIZE - 10, Buffer.alloc(20), { at: 0, length: 20 })).toThrow("were not fetched");
});

test("near ranges are asked for as one, and no other bytes", async () => {
  await using server = await FileServer.start((asked, to) => answer(asked, to));
  const file = await opened(server);
  await file.fetch([
    { start: 2_000_000, end: 2_000_500 },
    { start: 100, end: 1000 },
    { start: 1200, end: 3000 },
  ]);
  const asked = server.asked.slice(1).map(({ headers }) => headers["range"]);
  expect(new Set(asked)).toEqual(new Set(["bytes=100-2999", "bytes=2000000-2000499"]));
});

describe("an error says", () => {
  test("that the file has changed", async () => {
    await using server = await FileServer.start((asked, to) => answer(asked, to, { etag: '"v2"' }));
    const file = await opened(server);
    expect(await failure(file.fetch([{ start: 100, end: 200 }]))).toBe(
      `cannot read URL behind the first 100 of ${SIZE} bytes: the file on the server is another one now; ` +
        "run again when nobody writes to it any more",
    );
  });

  test("why it cannot be read by ranges", async () => {
    const heads: [Record<string, string | number>, string][] = [
      [{ ...WHOLE, "accept-ranges": "none" }, "its server does not send parts of it"],
      [{ ...WHOLE, etag: 'W/"1"' }, "its server has no strong ETag by which to know its version"],
      [{ ...WHOLE, "content-encoding": "gzip" }, "it is sent packed"],
      [{ etag: '"v1"' }, "its server does not say how long it is"],
    ];
    for (const [head, because] of heads) {
      await using server = await FileServer.start((_, to) => to.head("200 OK", head).body(CONTENT).end());
      expect(await failure(opened(server))).toBe(
        `cannot read URL: it is read from its end, and ${because}; download it first, and name the file: curl -fLO URL`,
      );
    }
    await using none = await FileServer.start((_, to) => to.head("404 Not Found", { "content-length": 0 }).end());
    expect(await failure(opened(none))).toBe("cannot read URL: the server answers 404 Not Found; check the address");
    await using deaf = await FileServer.start((_, to) => to.head("200 OK", WHOLE).body(CONTENT).end());
    const file = await opened(deaf);
    expect(await failure(file.fetch([{ start: 100, end: 200 }]))).toContain(
      "its server does not send the rest of a file alone",
    );
  });
});
