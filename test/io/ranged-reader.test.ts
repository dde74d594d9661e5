/** Long files on servers, by parts: the same bytes as over one connection, whatever the server does, or an error. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RowmillError } from "../../src/errors.ts";
import { HttpAsking } from "../../src/io/asking.ts";
import { RangedReader } from "../../src/io/ranged-reader.ts";
import type { PartPlan } from "../../src/io/remote-parts.ts";
import { ObjectAsking } from "../../src/io/s3/object-asking.ts";
import { type Answering, type Asked, type Connection, FileServer, Received } from "./file-server.ts";
import { BUCKET, TestStore } from "./s3-server.ts";

const CONTENT = Buffer.from(Array.from({ length: 8000 }, (_, line) => `line ${line}\n`).join(""));
const SIZE = CONTENT.length;
const PLAN: PartPlan = {
  afterBytes: 1000,
  leadBytes: 500,
  partBytes: 4000,
  firstParts: 5,
  atOnce: 4,
  aheadBytes: 20_000,
  trialMs: 60_000,
};
const FIRST_BYTES = 1000;
const PATIENCE = { firstWaitMs: 1, attempts: 6, quietMs: 60_000 };
const TAG = '"v1"';

/** What a range asks for; undefined without one. */
function rangeOf({ headers }: Asked): { start: number; end: number } | undefined {
  const [, start, last] = /^bytes=(\d+)-(\d*)$/.exec(headers["range"] ?? "") ?? [];
  return start === undefined ? undefined : { start: Number(start), end: last === "" ? SIZE : Number(last) + 1 };
}

/** The start of the file, over the first connection, which stays open: more of it comes when that is all there is. */
function sendWhole(to: Connection, headers: Record<string, string | number> = {}): void {
  to.head("200 OK", { etag: TAG, "content-length": SIZE, "accept-ranges": "bytes", ...headers });
  void sendSlowly(to);
}

/** What the reader of the test under way has. */
let received = new Received();

/** Most of it when its reader has the first bytes, and has decided how to go on. */
async function sendSlowly(to: Connection): Promise<void> {
  to.body(CONTENT.subarray(0, FIRST_BYTES));
  await received.reach(FIRST_BYTES);
  to.body(CONTENT.subarray(FIRST_BYTES)).end();
}

function sendPart(to: Connection, { start, end }: { start: number; end: number }, most = end - start): void {
  const range = `bytes ${start}-${end - 1}/${SIZE}`;
  to.head("206 Partial Content", { etag: TAG, "content-length": end - start, "content-range": range });
  to.body(CONTENT.subarray(start, start + most)).end();
}

/** A server that gives parts. */
const good = (asked: Asked, to: Connection): void => {
  const range = rangeOf(asked);
  if (range === undefined) sendWhole(to);
  else sendPart(to, range);
};

async function readAll(reader: RangedReader): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  try {
    for (;;) {
      const piece = await reader.peek();
      if (piece.length === 0) return Buffer.concat(pieces);
      pieces.push(Buffer.from(piece));
      reader.take();
      received.add(piece.length);
    }
  } finally {
    reader.close();
  }
}

interface Outcome {
  bytes: Buffer | undefined;
  error: string | undefined;
  asked: readonly Asked[];
  connections: RangedReader["connections"];
}

async function served(answer: Answering, plan: PartPlan = PLAN): Promise<Outcome> {
  received = new Received();
  await using server = await FileServer.start(answer);
  const url = server.at("/a.csv");
  const reader = new RangedReader(url, new HttpAsking(url, []), { patience: PATIENCE, plan });
  try {
    const bytes = await readAll(reader);
    return { bytes, error: undefined, asked: server.asked, connections: reader.connections };
  } catch (error) {
    if (!(error instanceof RowmillError)) throw error;
    const said = `${error.message.replace(url, "URL")}; ${error.hint}`;
    return { bytes: undefined, error: said, asked: server.asked, connections: reader.connections };
  }
}

function expectContent({ bytes, error }: Outcome): void {
  expect(error).toBeUndefined();
  expect(bytes !== undefined && bytes.equals(CONTENT)).toBe(true);
}

describe("a long file", () => {
  test("comes by parts, several on their way at once, each under the condition that it is of the same file", async () => {
    let underWay = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    const came = await served(async (asked, to) => {
      const range = rangeOf(asked);
      if (range === undefined) {
        sendWhole(to);
        return;
      }
      most = Math.max(most, ++underWay);
      // The first ones wait for each other; of the rest there are fewer at the end.
      if (range.start < 10_000 && waiting.length < PLAN.atOnce - 1)
        await new Promise<void>((resolve) => void waiting.push(resolve));
      else for (const resolve of waiting.splice(0)) resolve();
      underWay--;
      sendPart(to, range);
    });
    expectContent(came);
    expect(most).toBe(PLAN.atOnce);
    expect(came.connections).toEqual({ atOnce: 4 });
    const [first, ...parts] = came.asked;
    expect(first?.headers["range"]).toBeUndefined();
    for (const { headers } of parts) expect(headers["if-range"]).toBe(TAG);
    const ranges = parts.map((asked) => rangeOf(asked)).filter((range) => range !== undefined);
    const sorted = ranges.toSorted((one, other) => one.start - other.start);
    for (const [at, { start }] of sorted.entries()) if (at > 0) expect(start).toBe(sorted[at - 1]?.end ?? 0);
    expect(sorted.at(-1)?.end).toBe(SIZE);
  });

  test("is the same for every way of cutting it, and whatever connections break", async () => {
    const plans = fc.record({
      afterBytes: fc.integer({ min: 1, max: FIRST_BYTES }),
      leadBytes: fc.integer({ min: 0, max: 5000 }),
      partBytes: fc.integer({ min: 3000, max: 20_000 }),
      firstParts: fc.integer({ min: 1, max: 7 }),
      atOnce: fc.integer({ min: 1, max: 7 }),
      ahead: fc.integer({ min: 0, max: 50_000 }),
    });
    const breaks = fc.array(fc.option(fc.nat(5000), { freq: 3 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(plans, breaks, async ({ ahead, ...cut }, after) => {
        const plan = { ...cut, aheadBytes: cut.partBytes + ahead, trialMs: 60_000 };
        const left = [...after];
        const came = await served((asked, to) => {
          const range = rangeOf(asked);
          if (range === undefined) sendWhole(to);
          else sendPart(to, range, left.shift() ?? undefined);
        }, plan);
        expectContent(came);
      }),
      { numRuns: 40 },
    );
  });

  test("holds the server back: no more comes ahead than may wait", async () => {
    received = new Received();
    await using server = await FileServer.start(good);
    const url = server.at("/a.csv");
    const reader = new RangedReader(url, new HttpAsking(url, []), { patience: PATIENCE, plan: PLAN });
    let bytes = 0;
    for (;;) {
      const piece = await reader.peek();
      if (piece.length === 0) break;
      bytes += piece.length;
      received.add(piece.length);
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      const far = Math.max(...server.asked.map((asked) => rangeOf(asked)?.end ?? 0));
      expect(far - bytes).toBeLessThanOrEqual(PLAN.aheadBytes + PLAN.leadBytes);
      reader.take();
    }
    reader.close();
    expect(bytes).toBe(SIZE);
  });

  test("is asked for by fewer connections where the server has too much to do", async () => {
    let underWay = 0;
    let refused = 0;
    const came = await served(async (asked, to) => {
      const range = rangeOf(asked);
      if (range === undefined) sendWhole(to);
      else if (underWay > 1) {
        refused++;
        to.head("503 Slow Down", { "content-length": 0 }).end();
      } else {
        underWay++;
        await new Promise((resolve) => setImmediate(resolve));
        underWay--;
        sendPart(to, range);
      }
    });
    expectContent(came);
    expect(refused).toBeLessThan(8);
  });

  test("is had from where it was found: another mirror may have another version of it", async () => {
    let mirrors = 0;
    const came = await served((asked, to) => {
      if (asked.path !== "/a.csv") good(asked, to);
      else to.head("302 Found", { location: `/mirror-${++mirrors}`, "content-length": 0 }).end();
    });
    expectContent(came);
    expect(new Set(came.asked.map(({ path }) => path))).toEqual(new Set(["/a.csv", "/mirror-1"]));
  });

  test("is asked for at its own address again when the other one is not good any more", async () => {
    let sent = 0;
    const came = await served((asked, to) => {
      if (asked.path === "/a.csv") to.head("302 Found", { location: `/for-now-${sent}`, "content-length": 0 }).end();
      else if (rangeOf(asked) !== undefined && asked.path === "/for-now-0" && sent > 3)
        to.head("403 Forbidden", { "content-length": 0 }).end();
      else {
        sent++;
        good(asked, to);
      }
    });
    expectContent(came);
  });
});

async function isWhole(answer: Answering, because: string): Promise<Outcome> {
  const came = await served(answer);
  expectContent(came);
  expect(came.connections).toEqual({ atOnce: 1, because });
  return came;
}

/** A server that tells versions by their dates. */
function dated(date: string): Answering {
  const head = { "last-modified": "Wed, 21 Oct 2015 07:28:00 GMT", date, "accept-ranges": "bytes" };
  return (asked, to) => {
    const { start, end } = rangeOf(asked) ?? { start: 0, end: SIZE };
    const isPart = rangeOf(asked) !== undefined;
    const range = { "content-range": `bytes ${start}-${end - 1}/${SIZE}` };
    to.head(isPart ? "206 Partial Content" : "200 OK", {
      ...head,
      "content-length": end - start,
      ...(isPart && range),
    });
    if (isPart) to.body(CONTENT.subarray(start, end)).end();
    else void sendSlowly(to);
  };
}

describe("one connection is enough", () => {
  test("where the server does not say that it sends parts, or how long the file is, or which", async () => {
    const heads: [Record<string, string | number | undefined>, string][] = [
      [{ "accept-ranges": "none" }, "its server does not say that it sends parts"],
      [{ "content-encoding": "gzip" }, "it is sent packed"],
      [{ etag: 'W/"v1"' }, "its server has no strong ETag by which to know its version"],
    ];
    for (const [head, because] of heads) {
      const { asked } = await isWhole((_, to) => sendWhole(to, head as Record<string, string>), because);
      expect(asked).toHaveLength(1);
    }
    await isWhole(
      (_, to) => void sendSlowly(to.head("200 OK", { etag: TAG, "accept-ranges": "bytes" })),
      "its server does not say how long it is",
    );
    const short = await served(good, { ...PLAN, partBytes: SIZE / 2 });
    expect(short.asked).toHaveLength(1);
    expect(short.connections).toEqual({ atOnce: 1, because: "it is short" });
  });

  test("where a date says which file it is, and is too young for that", async () => {
    await isWhole(dated("Wed, 21 Oct 2015 07:28:30 GMT"), "its server has no strong ETag by which to know its version");
    const old = await served(dated("Wed, 21 Oct 2015 09:28:00 GMT"));
    expectContent(old);
    expect(old.connections).toEqual({ atOnce: 4 });
  });

  test("where the parts that come are none, or not what was asked for", async () => {
    const because = "its server has not sent a part as it should";
    const lies: ((range: { start: number; end: number }, to: Connection) => void)[] = [
      (_, to) => sendWhole(to),
      ({ start, end }, to) => {
        const head = { etag: TAG, "content-length": end - start };
        to.head("206 Partial Content", { ...head, "content-range": `bytes ${start + 1}-${end}/${SIZE}` });
        to.body(CONTENT.subarray(start, end)).end();
      },
      ({ start, end }, to) => {
        const head = { etag: TAG, "content-length": end - start };
        to.head("206 Partial Content", { ...head, "content-range": `bytes ${start}-${end - 1}/${SIZE + 5}` });
        to.body(CONTENT.subarray(start, end)).end();
      },
      ({ start, end }, to) => {
        const head = { etag: TAG, "content-length": end - start - 7 };
        to.head("206 Partial Content", { ...head, "content-range": `bytes ${start}-${end - 1}/${SIZE}` });
        to.body(CONTENT.subarray(start, end - 7)).end();
      },
      ({ start, end }, to) => {
        const range = `bytes ${start}-${end - 1}/${SIZE}`;
        to.head("206 Partial Content", { "content-length": end - start, "content-range": range });
        to.body(CONTENT.subarray(start, end)).end();
      },
      ({ start, end }, to) => {
        to.head("206 Partial Content", { etag: TAG, "content-type": "multipart/byteranges; boundary=x" });
        to.body(`--x\r\ncontent-range: bytes ${start}-${end - 1}/${SIZE}\r\n\r\n`)
          .body(CONTENT.subarray(start))
          .end();
      },
      (_, to) => to.head("416 Range Not Satisfiable", { etag: TAG, "content-length": 0 }).end(),
      (_, to) => to.head("400 Bad Request", { "content-length": 0 }).end(),
      (_, to) => to.head("501 Not Implemented", { "content-length": 0 }).end(),
      // Behind a balancer stands another server, with tags of its own.
      ({ start, end }, to) => {
        const head = { etag: '"v2"', "content-length": end - start };
        to.head("206 Partial Content", { ...head, "content-range": `bytes ${start}-${end - 1}/${SIZE}` });
        to.body(CONTENT.subarray(start, end)).end();
      },
    ];
    for (const lie of lies) {
      await isWhole((asked, to) => {
        const range = rangeOf(asked);
        if (range === undefined) sendWhole(to);
        else lie(range, to);
      }, because);
    }
  });

  test("where no part comes for a while", async () => {
    const came = await served(
      async (asked, to) => {
        if (rangeOf(asked) === undefined) sendWhole(to);
        else await to.closed;
      },
      { ...PLAN, trialMs: 20 },
    );
    expectContent(came);
    expect(came.connections?.atOnce).toBe(1);
  });
});

/** Parts that begin behind this offset are answered in another way. */
async function brokenBehind(
  offset: number,
  answer: (range: { start: number; end: number }, to: Connection) => void,
): Promise<string | undefined> {
  const came = await served((asked, to) => {
    const range = rangeOf(asked);
    if (range === undefined) sendWhole(to);
    else if (range.start < offset) sendPart(to, range);
    else answer(range, to);
  });
  expect(came.bytes).toBeUndefined();
  return came.error;
}

/** Another version, all of it. */
function sendOther(_: unknown, to: Connection): void {
  to.head("200 OK", { etag: '"v2"', "content-length": SIZE });
  to.body(CONTENT).end();
}

describe("an error names the file, and what is behind it is not read", () => {
  test("where it was written to meanwhile", async () => {
    expect(await brokenBehind(30_000, sendOther)).toMatch(
      /^cannot read URL behind the first \d+ of 78890 bytes: the file on the server is another one now; run again when nobody writes to it any more$/,
    );
    // It heeds no condition, and says which version it sends.
    expect(
      await brokenBehind(30_000, ({ start, end }, to) => {
        const head = { etag: '"v2"', "content-length": end - start };
        to.head("206 Partial Content", { ...head, "content-range": `bytes ${start}-${end - 1}/${SIZE}` });
        to.body(CONTENT.subarray(start, end)).end();
      }),
    ).toContain("the file on the server is another one now");
  });

  test("where parts do not come any more, or wrong", async () => {
    expect(await brokenBehind(40_000, (_, to) => to.head("404 Not Found", { "content-length": 0 }).end())).toContain(
      "bytes: the server answers 404 Not Found; check the address",
    );
    expect(
      await brokenBehind(40_000, ({ start, end }, to) => sendPart(to, { start: start + 1, end: end + 1 })),
    ).toContain("its server does not send the rest of a file alone; download it first, and name the file");
    expect(await brokenBehind(40_000, (range, to) => sendPart(to, range, 0))).toContain(
      "6 attempts to go on brought next to nothing",
    );
  });
});

test("a reader that is closed ends, whatever it waits for", async () => {
  received = new Received();
  const held = new Map<number, PromiseWithResolvers<undefined>>();
  const heldAt = (start: number): PromiseWithResolvers<undefined> => {
    const hold = held.get(start) ?? Promise.withResolvers<undefined>();
    held.set(start, hold);
    return hold;
  };
  await using server = await FileServer.start(async (asked, to) => {
    const range = rangeOf(asked);
    if (range === undefined) sendWhole(to);
    else if (range.start < 30_000) sendPart(to, range);
    else {
      heldAt(range.start).resolve(undefined);
      await to.closed;
    }
  });
  const url = server.at("/a.csv");
  const reader = new RangedReader(url, new HttpAsking(url, []), { patience: PATIENCE, plan: PLAN });
  for (let bytes = 0; ;) {
    const next = reader.peek();
    const piece = await Promise.race([next, heldAt(bytes).promise]);
    if (piece === undefined) {
      reader.close();
      expect(await next).toHaveLength(0);
      break;
    }
    bytes += piece.length;
    received.add(piece.length);
    reader.take();
  }
});

describe("an object of a store", () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await TestStore.start();
    await store.put("long", new Uint8Array(CONTENT));
  });
  afterAll(() => store.close());

  test("comes by parts, read on where their connections break", async () => {
    const name = `s3://${BUCKET}/long`;
    for (const breaks of [[], [{ down: 900 }, { down: 2500 }, { up: 20 }, { down: 3000 }]]) {
      received = new Received();
      // Most of it over the first connection when its reader has the first bytes, and has decided how to go on.
      const held = { behind: 4 * FIRST_BYTES, until: received.reach(FIRST_BYTES) };
      await store.break({ held }, ...breaks);
      const before = store.connections;
      const reader = new RangedReader(name, new ObjectAsking(name, store.store), { patience: PATIENCE, plan: PLAN });
      expect((await readAll(reader)).equals(CONTENT)).toBe(true);
      expect(reader.connections).toEqual({ atOnce: 4 });
      expect(store.connections - before).toBeGreaterThan(1);
    }
  });
});
