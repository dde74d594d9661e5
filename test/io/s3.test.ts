/** Objects of S3: read whole whatever breaks, written whole or not at all. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createHash, createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RowmillError } from "../../src/errors.ts";
import { RemoteReader } from "../../src/io/remote-reader.ts";
import { findAccount } from "../../src/io/s3/account.ts";
import { matchingObjects } from "../../src/io/s3/list.ts";
import { ObjectAsking } from "../../src/io/s3/object-asking.ts";
import { encodedKey, objectName } from "../../src/io/s3/object-name.ts";
import { Store } from "../../src/io/s3/store.ts";
import { ObjectSink } from "../../src/io/s3/upload.ts";
import { BUCKET, TestStore } from "./s3-server.ts";

const MIB = 1024 * 1024;
/** Three parts and a bit. */
const LARGE = new Uint8Array(Buffer.from("0123456789abcdef".repeat((25 * MIB) / 16 + 1)));
const SMALL = new Uint8Array(Buffer.from("id\n1\n2\n"));
const NAME = `s3://${BUCKET}/out.csv`;

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.start();
});
afterAll(() => store.close());
beforeEach(() => store.break());

const QUICK = { firstWaitMs: 1, attempts: 5, quietMs: 60_000 };

async function read(name: string): Promise<Buffer> {
  const reader = new RemoteReader(name, new ObjectAsking(name, store.store), { patience: QUICK });
  const pieces: Uint8Array[] = [];
  for (;;) {
    const piece = await reader.peek();
    reader.take();
    if (piece.length === 0) return Buffer.concat(pieces);
    pieces.push(Buffer.from(piece));
  }
}

async function write(bytes: Uint8Array, step = 700_000, name = NAME): Promise<void> {
  const sink = await ObjectSink.open(name, undefined, { store: store.store, patience: QUICK });
  try {
    for (let at = 0; at < bytes.length; at += step) await sink.write(bytes.subarray(at, at + step));
    await sink.commit();
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}

async function failed(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RowmillError)) throw error ?? new Error("it went well");
  return `${error.message}; ${error.hint}`;
}

describe("an object that is read", () => {
  test("is what was put there, whatever it is called", async () => {
    for (const key of ["a.csv", "d/é (1)+'&=#?%20.csv"]) {
      await store.put(key, SMALL);
      expect(Buffer.compare(await read(`s3://${BUCKET}/${key}`), SMALL)).toBe(0);
    }
  });

  test("is read on where its connection breaks", async () => {
    await store.put("large", LARGE);
    await store.break({ down: 5 * MIB }, { down: 300 }, { down: 9 * MIB }, { up: 50 });
    const before = store.connections;
    expect(Buffer.compare(await read(`s3://${BUCKET}/large`), LARGE)).toBe(0);
    expect(store.connections - before).toBe(5);
  });

  test("that is not to be had is an error that says why", async () => {
    expect(await failed(read(`s3://${BUCKET}/nosuch`))).toBe(
      `cannot read s3://${BUCKET}/nosuch: there is no such object; check the key`,
    );
    expect(await failed(read("s3://nosuch/a.csv"))).toStartWith(
      "cannot read s3://nosuch/a.csv: there is no bucket nosuch",
    );
    expect(await failed(read(`s3://${BUCKET}/`))).toContain("it names no object");
    expect(await failed(read(`s3://${BUCKET}/a/../b`))).toContain("no address can have . or .. in it");
  });
});

describe("an object that is written", () => {
  test("is all that was written, in one piece or in parts", async () => {
    for (const bytes of [new Uint8Array(0), SMALL, LARGE, LARGE.subarray(0, 16 * MIB)]) {
      await write(bytes);
      expect(Buffer.compare((await store.get("out.csv")) ?? Buffer.of(1), bytes)).toBe(0);
    }
  });

  test("is whole whatever connections break", async () => {
    await store.break({ up: 100 }, { up: 3 * MIB }, { down: 20 }, { up: 8 * MIB }, { up: 200 }, { down: 1 });
    await write(LARGE);
    expect(Buffer.compare((await store.get("out.csv")) ?? Buffer.of(1), LARGE)).toBe(0);
  });

  test("is not there before it is committed; where that fails, the old one stands", async () => {
    await store.put("out.csv", SMALL);
    const sink = await ObjectSink.open(NAME, undefined, { store: store.store, patience: QUICK });
    await sink.write(LARGE);
    expect(Buffer.compare((await store.get("out.csv")) ?? Buffer.of(1), SMALL)).toBe(0);
    await sink.abandon();
    expect(Buffer.compare((await store.get("out.csv")) ?? Buffer.of(1), SMALL)).toBe(0);
    await store.break(...Array.from({ length: 40 }, () => ({ up: 1000 })));
    expect(await failed(write(LARGE))).toContain("cannot write s3://bucket/out.csv: 127.0.0.1:");
    await store.break();
    expect(Buffer.compare((await store.get("out.csv")) ?? Buffer.of(1), SMALL)).toBe(0);
    expect(await failed(write(SMALL, 10, "s3://nosuch/a.csv"))).toContain("there is no bucket nosuch");
  });

  test("ends at an interrupt", async () => {
    const interrupt = new AbortController();
    const sink = await ObjectSink.open(NAME, interrupt.signal, { store: store.store, patience: QUICK });
    await sink.write(LARGE.subarray(0, 9 * MIB));
    interrupt.abort(new Error("interrupted"));
    expect(sink.commit()).rejects.toThrow("interrupted");
    await sink.abandon();
  });
});

/** A store that answers as it is told, in turn. */
async function told(
  answers: ((request: Request) => Response | Promise<Response>)[],
  work: (store: Store) => Promise<void>,
): Promise<string[]> {
  const asked: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      asked.push(`${request.method} ${pathname}${search}`);
      await request.arrayBuffer();
      return (await answers.shift()?.(request)) ?? new Response("<Error><Code>NoMore</Code></Error>", { status: 400 });
    },
  });
  try {
    await work(new Store({ keys: undefined, region: "eu-west-1", endpoint: `http://127.0.0.1:${server.port}` }));
  } finally {
    await server.stop(true);
  }
  return asked;
}

const BEGUN = (): Response =>
  new Response("<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>");
const TAKEN = (): Response => new Response("", { headers: { etag: '"e&1"' } });
const CODE =
  (code: string, status: number): (() => Response) =>
  () =>
    new Response(`<Error><Code>${code}</Code><Message>m</Message></Error>`, { status });

const upload = async (to: Store): Promise<void> => {
  const sink = await ObjectSink.open(NAME, undefined, { store: to, patience: QUICK });
  try {
    await sink.write(LARGE.subarray(0, 8 * MIB));
    await sink.commit();
  } catch (error) {
    await sink.abandon();
    throw error;
  }
};

const done = (): Response => new Response("<CompleteMultipartUploadResult/>");

const there = (etag: string) => (): Response => new Response(null, { headers: { etag } });

const isDenied = async (to: Store): Promise<void> => {
  expect(await failed(upload(to))).toContain("access is denied; say who asks: AWS_ACCESS_KEY_ID");
};

const elsewhere = (): Response => new Response("", { status: 301, headers: { "x-amz-bucket-region": "us-west-2" } });

describe("answers", () => {
  test("that ask for patience are tried again, also those of a commit that begin well", async () => {
    const answers = [
      CODE("SlowDown", 503),
      BEGUN,
      CODE("RequestTimeout", 400),
      TAKEN,
      CODE("InternalError", 200),
      done,
    ];
    expect(await told(answers, upload)).toEqual([
      "POST /bucket/out.csv?uploads=",
      "POST /bucket/out.csv?uploads=",
      "PUT /bucket/out.csv?partNumber=1&uploadId=u1",
      "PUT /bucket/out.csv?partNumber=1&uploadId=u1",
      "POST /bucket/out.csv?uploadId=u1",
      "POST /bucket/out.csv?uploadId=u1",
    ]);
  });

  test("of a commit that got lost: what is there tells whether it was done", async () => {
    const digest = new Bun.CryptoHasher("md5").update(LARGE.subarray(0, 8 * MIB)).digest();
    const tag = `"${new Bun.CryptoHasher("md5").update(digest).digest("hex")}-1"`;
    const lost = [BEGUN, TAKEN, CODE("InternalError", 500), CODE("NoSuchUpload", 404)];
    expect((await told([...lost, there(tag)], upload)).at(-1)).toBe("HEAD /bucket/out.csv");
    const work = told([...lost, there('"another"')], upload);
    expect(await failed(work)).toContain("the store has dropped what was uploaded");
  });

  test("that are final drop the parts", async () => {
    let asked: string[] = [];
    asked = await told([BEGUN, CODE("AccessDenied", 403), () => new Response(null, { status: 204 })], isDenied);
    expect(asked.at(-1)).toBe("DELETE /bucket/out.csv?uploadId=u1");
  });

  test("that say another region are followed there", async () => {
    await told([elsewhere, () => new Response("yes")], async (to) => {
      expect(await (await to.send({ method: "GET", bucket: "b", key: "k" })).text()).toBe("yes");
    });
  });
});

const named = (...keys: string[]): string[] => keys.map((key) => `s3://${BUCKET}/${key}`);

const page = (keys: string[], next: string) => (): Response =>
  new Response(
    `<ListBucketResult>${keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join("")}<IsTruncated>${next !== ""}</IsTruncated><NextContinuationToken>${next}</NextContinuationToken></ListBucketResult>`,
  );

describe("a pattern", () => {
  test("stands for all objects that match, in the order in which people count", async () => {
    for (const key of ["p/a10.csv", "p/a2.csv", "p/q/a1.csv", "p/b.txt", "p/[x].csv"]) await store.put(key, SMALL);
    const found = async (pattern: string): Promise<string[]> =>
      await matchingObjects(store.store, `s3://${BUCKET}/${pattern}`);
    expect(await found("p/a*.csv")).toEqual(named("p/a2.csv", "p/a10.csv"));
    expect(await found("p/**/*.csv")).toEqual(named("p/[x].csv", "p/a2.csv", "p/a10.csv", "p/q/a1.csv"));
    expect(await found("p/*/a?.csv")).toEqual(named("p/q/a1.csv"));
    expect(await found("p/[x].csv")).toEqual(named("p/[x].csv"));
    expect(await failed(found("p/*.tsv"))).toContain("no object matches");
    expect(await failed(matchingObjects(store.store, "s3://*/a.csv"))).toContain(
      "a pattern is for keys within a bucket",
    );
  });

  test("is asked for page by page", async () => {
    const asked = await told([page(["d/a&amp;.csv"], "t+1"), page(["d/b.csv", "d/c.txt"], "")], async (to) => {
      expect(await matchingObjects(to, "s3://b/d/*.csv")).toEqual(["s3://b/d/a&.csv", "s3://b/d/b.csv"]);
    });
    expect(asked[1]).toContain("continuation-token=t%2B1");
  });
});

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** What the signature of a request must be, by the documents of AWS. */
function signatureOf(request: Request, secret: string): string {
  const { pathname, searchParams, host } = new URL(request.url);
  const [, scope = "", signed = ""] =
    /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+)/.exec(request.headers.get("authorization") ?? "") ?? [];
  const query = [...searchParams]
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .toSorted()
    .join("&");
  const headers = signed
    .split(";")
    .map((name) => `${name}:${name === "host" ? host : request.headers.get(name)}\n`)
    .join("");
  const body = request.headers.get("x-amz-content-sha256");
  const canonical = [request.method, pathname, query, headers, signed, body].join("\n");
  const toSign = [
    "AWS4-HMAC-SHA256",
    request.headers.get("x-amz-date"),
    scope,
    createHash("sha256").update(canonical).digest("hex"),
  ].join("\n");
  const key = scope
    .split("/")
    .reduce<string | Buffer>((before, part) => createHmac("sha256", before).update(part).digest(), `AWS4${secret}`);
  return createHmac("sha256", key).update(toSign).digest("hex");
}

describe("requests", () => {
  test("are signed as AWS wants it, with all that matters", async () => {
    let seen = 0;
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request) {
        const authorization = request.headers.get("authorization") ?? "";
        expect(authorization).toEndWith(`Signature=${signatureOf(request, "s/ecret")}`);
        expect(authorization).toContain("/eu-north-1/s3/aws4_request");
        expect(authorization).toMatch(
          /SignedHeaders=(?:content-md5;)?host;x-amz-content-sha256;x-amz-date;x-amz-security-token,/,
        );
        expect(request.headers.get("x-amz-security-token")).toBe("tok/en==");
        seen++;
        return new Response("ok");
      },
    });
    const keys = { accessKeyId: "A", secretAccessKey: "s/ecret", sessionToken: "tok/en==" };
    const signing = new Store({ keys, region: "eu-north-1", endpoint: `http://127.0.0.1:${server.port}` });
    for (const key of ["a.csv", "d/é (1)+'&=#?%20*!.csv"]) {
      const range = new Headers({ range: "bytes=5-" });
      expect((await signing.send({ method: "GET", bucket: "b", key, headers: range })).status).toBe(200);
      const query = { partNumber: "2", uploadId: "a/b+c==" };
      expect((await signing.send({ method: "PUT", bucket: "b", key, query, body: SMALL })).status).toBe(200);
    }
    await signing.send({ method: "GET", bucket: "b", query: { prefix: "d/ é*", "list-type": "2" } });
    await server.stop(true);
    expect(seen).toBe(5);
  });

  test("have keys in their addresses as AWS has them", () => {
    expect(encodedKey("a b/é+*'.csv")).toBe("a%20b/%C3%A9%2B%2A%27.csv");
    expect(objectName("S3://Bucket/a//b?c#d", "input")).toEqual({ bucket: "Bucket", key: "a//b?c#d" });
  });
});

describe("the account", () => {
  let home = "";
  const env = (more: Record<string, string>): NodeJS.ProcessEnv => ({ HOME: home, ...more });
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "rowmill-aws-"));
    mkdirSync(join(home, ".aws"));
    writeFileSync(
      join(home, ".aws/credentials"),
      "[default]\naws_access_key_id = D\naws_secret_access_key=d=\n# no\n[work]\naws_access_key_id = W\naws_secret_access_key = w\naws_session_token = t\n",
    );
    writeFileSync(
      join(home, ".aws/config"),
      "[default]\nregion = eu-west-1\n[profile work]\r\nregion=eu-west-2\r\nendpoint_url = http://store:9000/\r\ns3 =\r\n  region = nested\n[profile sso]\nsso_session = x\n",
    );
  });
  afterAll(() => rmSync(home, { recursive: true }));

  test("is that of the environment, else of a profile", async () => {
    expect(await findAccount(env({}))).toEqual({
      keys: { accessKeyId: "D", secretAccessKey: "d=", sessionToken: undefined },
      region: "eu-west-1",
      endpoint: undefined,
    });
    expect(await findAccount(env({ AWS_PROFILE: "work" }))).toEqual({
      keys: { accessKeyId: "W", secretAccessKey: "w", sessionToken: "t" },
      region: "eu-west-2",
      endpoint: "http://store:9000",
    });
    const own = { AWS_ACCESS_KEY_ID: "E", AWS_SECRET_ACCESS_KEY: "e", AWS_REGION: "r", AWS_PROFILE: "nosuch" };
    expect(await findAccount(env({ ...own, AWS_ENDPOINT_URL: "http://a", AWS_ENDPOINT_URL_S3: "https://b/" }))).toEqual(
      {
        keys: { accessKeyId: "E", secretAccessKey: "e", sessionToken: undefined },
        region: "r",
        endpoint: "https://b",
      },
    );
    expect(await findAccount({ HOME: "/nowhere" })).toEqual({
      keys: undefined,
      region: "us-east-1",
      endpoint: undefined,
    });
    expect(await failed(findAccount(env({ AWS_PROFILE: "nosuch" })))).toContain("there is no such profile");
    expect(await failed(findAccount(env({ AWS_PROFILE: "sso" })))).toContain(
      "aws configure export-credentials --profile sso",
    );
    expect(await failed(findAccount(env({ AWS_ENDPOINT_URL: "minio:9000" })))).toContain("does not begin with http");
  });
});
