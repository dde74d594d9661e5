/** Files on servers: all their bytes, once and in order, or an error that says why not. */
import { describe, expect, test } from "bun:test";
import { RowmillError } from "../../src/errors.ts";
import { HttpAsking } from "../../src/io/asking.ts";
import { type Patience, RemoteReader } from "../../src/io/remote-reader.ts";
import {
  type Answering,
  type Connection,
  FileServer,
  Received,
  breaking as breakingOff,
  rangeStart,
} from "./file-server.ts";

const CONTENT = Buffer.from(Array.from({ length: 5000 }, (_, line) => `line ${line}\n`).join(""));
const SIZE = CONTENT.length;
const PATIENCE: Patience = { firstWaitMs: 1, attempts: 3, quietMs: 60_000 };

/** What the reader of the test under way has. */
let received = new Received();

function breaking(content: Uint8Array, bytes: readonly number[]): Answering {
  return breakingOff(content, bytes, (count) => received.reach(count));
}

/** Sends a start of the content and breaks off. */
async function begin(to: Connection, headers: Record<string, string | number>, bytes: number): Promise<void> {
  to.head("200 OK", { "content-length": SIZE, ...headers }).body(CONTENT.subarray(0, bytes));
  await received.reach(bytes);
  to.end();
}

async function readAll(reader: RemoteReader): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const piece = await reader.peek();
    reader.take();
    if (piece.length === 0) return Buffer.concat(pieces);
    pieces.push(Buffer.from(piece));
    received.add(piece.length);
  }
}

/** Reads all, or gives the error. */
async function outcome(url: string, patience = PATIENCE): Promise<{ bytes: Buffer } | { error: RowmillError }> {
  received = new Received();
  try {
    return { bytes: await readAll(new RemoteReader(url, new HttpAsking(url, []), { patience })) };
  } catch (error) {
    if (error instanceof RowmillError) return { error };
    throw error;
  }
}

async function served(
  answer: Answering,
  patience?: Patience,
): Promise<{ outcome: Awaited<ReturnType<typeof outcome>>; url: string; ranges: (string | undefined)[] }> {
  await using server = await FileServer.start(answer);
  const url = server.at("/a.csv");
  return { outcome: await outcome(url, patience), url, ranges: server.asked.map(({ headers }) => headers.range) };
}

async function failed(
  answer: Answering,
  patience?: Patience,
): Promise<{ message: string; hint: string | undefined; requests: number }> {
  const { outcome: came, url, ranges } = await served(answer, patience);
  if ("bytes" in came) throw new Error(`${came.bytes.length} bytes came, wanted an error`);
  expect(came.error.code).toBe("input");
  return { message: came.error.message.replace(url, "URL"), hint: came.error.hint, requests: ranges.length };
}

describe("a whole body", () => {
  test("comes as it was sent, in pieces", async () => {
    const { outcome: came, ranges } = await served(breaking(CONTENT, []));
    expect(came).toEqual({ bytes: CONTENT });
    expect(ranges).toEqual([undefined]);
  });

  test("comes whatever says where it ends", async () => {
    for (const send of [
      ((_, to) => to.head("200 OK", { "content-length": SIZE }).body(CONTENT).end()) satisfies Answering,
      ((_, to) =>
        to
          .head("200 OK", { "transfer-encoding": "chunked" })
          .body(`${SIZE.toString(16)}\r\n`)
          .body(CONTENT)
          .body("\r\n0\r\n\r\n")
          .end()) satisfies Answering,
      ((_, to) => to.head("200 OK").body(CONTENT).end()) satisfies Answering,
    ]) {
      expect((await served(send)).outcome).toEqual({ bytes: CONTENT });
    }
  });

  test("may be empty", async () => {
    for (const status of ["200 OK", "204 No Content"]) {
      const { outcome: came } = await served((_, to) => to.head(status, { "content-length": 0 }).end());
      expect(came).toEqual({ bytes: Buffer.alloc(0) });
    }
  });

  test("is asked for as it is, and given as it is though it is compressed", async () => {
    await using server = await FileServer.start((_, to) => {
      const bytes = Bun.gzipSync(CONTENT);
      to.head("200 OK", { "content-encoding": "gzip", "content-length": bytes.length }).body(bytes).end();
    });
    const came = await outcome(server.at("/a.csv"));
    expect("bytes" in came && Buffer.from(Bun.gunzipSync(new Uint8Array(came.bytes))).equals(CONTENT)).toBe(true);
    expect(server.asked[0]?.headers["accept-encoding"]).toBe("identity");
  });

  test("in another encoding is refused", async () => {
    const { message } = await failed((_, to) => to.head("200 OK", { "content-encoding": "br" }).body("x").end());
    expect(message).toBe("cannot read URL: it is sent in the encoding br");
  });
});

describe("a body that is cut off", () => {
  test("is read on behind the last byte, under the condition that it is the same file", async () => {
    await using server = await FileServer.start(breaking(CONTENT, [10_000, 1, 20_000]));
    expect(await outcome(server.at("/a.csv"))).toEqual({ bytes: CONTENT });
    expect(server.asked.length).toBeGreaterThan(2);
    for (const { headers } of server.asked.slice(1)) expect(headers["if-range"]).toBe('"v1"');
  });

  test("where it said no size, until the server says that nothing follows", async () => {
    const { outcome: came } = await served(async (asked, to) => {
      const start = rangeStart(asked);
      const date = { "last-modified": "Wed, 21 Oct 2015 07:28:00 GMT" };
      if (start === SIZE) to.head("416 Range Not Satisfiable", { ...date, "content-range": `bytes */${SIZE}` }).end();
      else if (start > 0) {
        const head = { ...date, "content-range": `bytes ${start}-${SIZE - 1}/${SIZE}`, "content-length": SIZE - start };
        to.head("206 Partial Content", head).body(CONTENT.subarray(start)).end();
      } else {
        to.head("200 OK", { ...date, "transfer-encoding": "chunked" });
        to.body(`${SIZE.toString(16)}\r\n`).body(CONTENT.subarray(0, 30_000));
        await received.reach(30_000);
        to.end();
      }
    });
    expect(came).toEqual({ bytes: CONTENT });
  });

  test("before its first byte is asked for again", async () => {
    const { outcome: came, ranges } = await served(breaking(CONTENT, [0, 0]));
    expect(came).toEqual({ bytes: CONTENT });
    expect(ranges).toEqual([undefined, undefined, undefined]);
  });

  test("is read on also when the server is away for a moment", async () => {
    const serve = breaking(CONTENT, [10_000]);
    let count = 0;
    const { outcome: came } = await served((asked, to) => {
      count++;
      if (count === 2) to.head("503 Service Unavailable", { "content-length": 0 }).end();
      else if (count === 3) to.end();
      else void serve(asked, to);
    });
    expect(came).toEqual({ bytes: CONTENT });
  });

  test("is given up when attempts bring nothing", async () => {
    const { message, hint, requests } = await failed(breaking(CONTENT, [10_000, 0, 0, 0, 0, 0]));
    expect(message).toBe(
      `cannot read URL to its end: the connection broke after 10000 of ${SIZE} bytes, and 3 attempts to go on brought next to nothing`,
    );
    expect(hint).toContain("curl");
    expect(requests).toBe(4);
  });

  test("is read on without an end while each connection brings its share", async () => {
    const share = 1024 * 1024;
    const content = Buffer.alloc(6 * share + 5, "0123456789");
    await using server = await FileServer.start(breaking(content, [share, share, share, share, share, share]));
    const came = await outcome(server.at("/a.csv"), { ...PATIENCE, attempts: 2 });
    expect("bytes" in came && came.bytes.equals(content)).toBe(true);
  });

  test("of a server that does not send parts is an error that says so", async () => {
    const message = `cannot read URL to its end: the connection broke after 10000 of ${SIZE} bytes, and its server does not send the rest of a file alone`;
    // Some say so, others send the whole again.
    for (const [headers, requests] of [
      [{ etag: '"v1"', "accept-ranges": "none" }, 1],
      [{ etag: '"v1"' }, 2],
    ] as const) {
      const came = await failed((_, to) => begin(to, headers, 10_000));
      expect(came).toMatchObject({ message, requests });
    }
  });

  test("of a server that does not name versions is one too: the rest might be of another file", async () => {
    for (const headers of [{}, { etag: 'W/"v1"' }]) {
      const { message, requests } = await failed((_, to) => begin(to, headers, 10_000));
      expect(message).toEndWith("its server does not tell whether the rest would be of the same file");
      expect(requests).toBe(1);
    }
  });

  test("of a file that has changed is one too, however the server shows it", async () => {
    const rest = CONTENT.subarray(10_000);
    const range = `bytes 10000-${SIZE - 1}/${SIZE}`;
    const answers: Answering[] = [
      (_, to) => to.head("200 OK", { etag: '"v2"', "content-length": SIZE }).body(CONTENT).end(),
      (_, to) => to.head("206 Partial Content", { etag: '"v2"', "content-range": range }).body(rest).end(),
      (_, to) => to.head("206 Partial Content", { "content-range": `bytes 10000-19999/20000` }).body(rest).end(),
      (_, to) => to.head("416 Range Not Satisfiable", { "content-range": "bytes */500" }).end(),
    ];
    for (const answer of answers) {
      const { message } = await failed((asked, to) =>
        rangeStart(asked) > 0 ? answer(asked, to) : breaking(CONTENT, [10_000])(asked, to),
      );
      expect(message).toEndWith("bytes, and the file on the server is another one now");
    }
  });

  test("a connection on which nothing comes is a broken one", async () => {
    let count = 0;
    const { outcome: came, ranges } = await served(
      async (asked, to) => {
        if (++count > 1) {
          await breaking(CONTENT, [])(asked, to);
          return;
        }
        to.head("200 OK", { etag: '"v1"', "content-length": SIZE }).body(CONTENT.subarray(0, 10_000));
        await to.closed;
      },
      { ...PATIENCE, quietMs: 100 },
    );
    expect(came).toEqual({ bytes: CONTENT });
    expect(ranges).toEqual([undefined, "bytes=10000-"]);
  });
});

describe("a server that has nothing to give", () => {
  test("is asked once when that is for good", async () => {
    for (const [status, hint] of [
      ["404 Not Found", "check the address"],
      ["410 Gone", "check the address"],
      ["403 Forbidden", "it is not for everybody"],
      ["401 Unauthorized", "it is not for everybody"],
    ] as const) {
      const came = await failed((_, to) => to.head(status, { "content-length": 0 }).end());
      expect(came.message).toBe(`cannot read URL: the server answers ${status}`);
      expect(came.hint).toStartWith(hint);
      expect(came.requests).toBe(1);
    }
  });

  test("is asked a few times more when it may pass", async () => {
    let count = 0;
    const serve = breaking(CONTENT, []);
    const busy: Answering = (asked, to) =>
      ++count > 3 ? serve(asked, to) : to.head("429 Too Many Requests", { "content-length": 0 }).end();
    expect((await served(busy)).outcome).toEqual({ bytes: CONTENT });
    const { message, requests } = await failed((_, to) => to.head("502 Bad Gateway", { "content-length": 0 }).end());
    expect(message).toBe("cannot read URL: the server answers 502 Bad Gateway");
    expect(requests).toBe(4);
  });

  test("is named with what is wrong", async () => {
    const { message } = await failed((_, to) => to.body("220 mail.example ready\r\n").end());
    expect(message).toMatch(/^cannot read URL: what 127\.0\.0\.1:\d+ answers is not HTTP$/);
    expect((await failed((_, to) => to.end())).message).toEndWith("closed the connection without an answer");
    const loop = await failed((asked, to) => to.head("302 Found", { location: asked.path, "content-length": 0 }).end());
    expect(loop.message).toContain("sends from one address to the next, without an end");
    const came = await outcome("http://127.0.0.1:1/a.csv");
    expect("error" in came && came.error.message).toBe(
      "cannot read http://127.0.0.1:1/a.csv: 127.0.0.1:1 refuses the connection",
    );
  });
});

test("a redirect is followed", async () => {
  await using server = await FileServer.start((asked, to) =>
    asked.path === "/a.csv"
      ? to.head("301 Moved Permanently", { location: "/b.csv", "content-length": 0 }).end()
      : breaking(CONTENT, [])(asked, to),
  );
  expect(await outcome(server.at("/a.csv"))).toEqual({ bytes: CONTENT });
});

test("nothing is read before it is asked for, and a closed reader ends", async () => {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  await using server = await FileServer.start(async (_, to) => {
    to.head("200 OK", { "content-length": SIZE }).body(CONTENT.subarray(0, 10_000));
    await to.closed;
    resolve();
  });
  const reader = new RemoteReader("a.csv", new HttpAsking(server.at("/a.csv"), []), { patience: PATIENCE });
  expect(server.asked).toEqual([]);
  expect(await reader.peek()).not.toHaveLength(0);
  reader.take();
  const next = reader.peek();
  reader.close();
  expect(await next).toHaveLength(0);
  await gone;
});

test("a slow reader holds the server back", async () => {
  const chunk = Buffer.alloc(1024 * 1024);
  const size = 128 * chunk.length;
  let sent = 0;
  await using server = await FileServer.start(async (_, to) => {
    to.head("200 OK", { "content-length": size });
    for (; sent < size && (await to.written(chunk)); sent += chunk.length);
    to.end();
  });
  const reader = new RemoteReader("a.csv", new HttpAsking(server.at("/a.csv"), []), { patience: PATIENCE });
  let came = 0;
  for (;;) {
    const piece = await reader.peek();
    reader.take();
    if (piece.length === 0) break;
    came += piece.length;
    // The server gets its turns: it would send all that somebody takes.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(sent - came).toBeLessThan(32 * chunk.length);
  }
  expect(came).toBe(size);
});
