/** Long files of servers, which come by ranges: what comes out is what comes out of the same file here. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Asked, type Connection, FileServer } from "../io/file-server.ts";
import { BUCKET, KEYS, TestStore } from "../io/s3-server.ts";
import { installBinary } from "./binary.ts";

const binary = installBinary();

/** Long enough for three parts and more; now and then a row goes over lines, or does not do. */
const CSV = Buffer.from(
  `id,value,text\n${Array.from({ length: 340_000 }, (_, id) => {
    const text = id % 999 === 7 ? `"two\nlines, ""${id}"""` : `name ${id % 977} and so on, whatever`.replace(",", ";");
    return `${id},${(id * 7919) % 10_007},${id % 40_009 === 40_000 ? "none" : text}\n`;
  }).join("")}`,
);
const JSONL = Buffer.from(
  Array.from(
    { length: 260_000 },
    (_, id) => `{"id":${id},"value":${id % 1009},"text":"some text of row ${id}"}\n`,
  ).join(""),
);
const FILES: Record<string, Buffer> = { "rows.csv": CSV, "rows.jsonl": JSONL };

const START_BYTES = 1_100_000;

/** How the server answers, beside what is asked for. */
let manner: "gives ranges" | "gives none" | "changes the file" = "gives ranges";
let parts = 0;
/** The first range of the run is asked for. */
let asked = Promise.withResolvers<void>();
/** Its first connection is not needed any more. */
let left = Promise.withResolvers<void>();
let server: FileServer;
beforeAll(async () => {
  server = await FileServer.start(answer);
});
afterAll(() => server[Symbol.asyncDispose]());

async function answer({ path, headers }: Asked, to: Connection): Promise<void> {
  const body = FILES[path.slice(1)] ?? Buffer.alloc(0);
  const [, from, last] = /^bytes=(\d+)-(\d+)$/.exec(headers["range"] ?? "") ?? [];
  const isOther = manner === "changes the file" && Number(from) > 8e6;
  const etag = isOther ? '"v2"' : '"v1"';
  const whole = { etag, "accept-ranges": "bytes", "content-length": body.length };
  if (from === undefined) {
    asked = Promise.withResolvers();
    left = Promise.withResolvers();
    to.head("200 OK", whole).body(body.subarray(0, START_BYTES));
    // More than its start comes when a range was asked for.
    await asked.promise;
    to.body(body.subarray(START_BYTES)).end();
    await to.closed;
    left.resolve();
    return;
  }
  parts++;
  asked.resolve();
  if (isOther) await left.promise;
  if (manner === "gives none" || isOther) {
    to.head("200 OK", whole).body(body).end();
    return;
  }
  const range = { "content-range": `bytes ${from}-${last}/${body.length}` };
  const part = body.subarray(Number(from), Number(last) + 1);
  to.head("206 Partial Content", { ...whole, ...range, "content-length": part.length })
    .body(part)
    .end();
}

/** Runs over the file here, and over the same on a server: what comes out, what is said and which rows failed. */
async function compare(words: readonly string[], name: string, env?: Record<string, string>) {
  const url = env === undefined ? server.at(`/${name}`) : `s3://${BUCKET}/${name}`;
  const folder = binary.folder(FILES);
  const run = async (input: string) => {
    const ran = await folder.run([...words, input], { env: env ?? {} });
    const output = folder.names().includes("out.csv") ? folder.read("out.csv") : ran.stdout;
    const rejects = folder.names().includes("rejects.jsonl") ? folder.read("rejects.jsonl") : "";
    const said = [ran.stderr, rejects].map((text) => text.replaceAll(url, name));
    return { code: ran.code, digest: Bun.SHA256.hash(output, "hex"), length: output.length, said };
  };
  const wanted = await run(name);
  expect(wanted.code).toBe(words.includes("reject") ? 3 : 0);
  const before = parts;
  expect(await run(url)).toEqual(wanted);
  if (env === undefined) expect(parts - before).toBeGreaterThan(2);
}

const RUNS: [name: string, words: string[]][] = [
  ["rows.csv", ["-e", "{ id, twice: value * 2, text }"]],
  ["rows.csv", ["--filter", "text.startsWith('two')", "--jobs", "1"]],
  [
    "rows.csv",
    [
      "-e",
      "{ id, n: text === 'none' ? BigInt(text) : 1 }",
      "--on-error",
      "reject",
      "--rejects",
      "rejects.jsonl",
      "-o",
      "out.csv",
    ],
  ],
  ["rows.csv", ["--group-by", "text", "--count", "--sum", "id", "--jobs", "3"]],
  ["rows.jsonl", ["-e", "{ text, id: id + 1 }", "--to", "csv"]],
];

describe("a long file of a server", () => {
  test("comes to what the same file comes to here", async () => {
    manner = "gives ranges";
    for (const [name, words] of RUNS) await compare(words, name);
  });

  test("where the server gives no ranges after all, too", async () => {
    manner = "gives none";
    for (const [name, words] of RUNS.slice(0, 1)) await compare(words, name);
  });

  test("that is written to meanwhile ends the run, behind the rows before", async () => {
    manner = "changes the file";
    const ran = await binary.folder().run(["-e", "{ id }", server.at("/rows.csv"), "--to", "jsonl"]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(
      /cannot read http:\S+rows\.csv to its end: \d+ of \d+ bytes came, and the file on the server is another one now/,
    );
    const rows = ran.stdout.split("\n").slice(0, -1);
    expect(rows.length).toBeGreaterThan(100_000);
    expect(rows.at(-1)).toMatch(/^\{"id":\d+\}$/);
  });

  test("is told how it comes", async () => {
    manner = "gives ranges";
    const folder = binary.folder();
    (await folder.run(["-e", "row", "--dry-run", server.at("/rows.csv")])).expect({
      stdout: /^sent: +by ranges, over 6 connections at once$/m,
    });
    (await folder.run(["--filter", "id < 3", server.at("/rows.csv"), "--summary", "run.json", "-o", "out.csv"])).expect(
      {},
    );
    const [input] = (JSON.parse(folder.read("run.json")) as { inputs: object[] }).inputs;
    expect(input).toEqual({
      name: server.at("/rows.csv"),
      bytes: CSV.length,
      sha256: Bun.SHA256.hash(CSV, "hex"),
      connections: 6,
    });
  });
});

describe("a long object of a store", () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await TestStore.start();
    await store.put("rows.csv", new Uint8Array(CSV));
  });
  afterAll(() => store.close());

  test("comes to what the same file comes to here, whatever connections break", async () => {
    const env = {
      AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
      AWS_ENDPOINT_URL: store.endpoint,
    };
    await store.break({}, { down: 3_000_000 }, { down: 100 }, { up: 10 }, { down: 2_000_000 });
    await compare(["-e", "{ id, twice: value * 2 }"], "rows.csv", env);
    await compare(["--group-by", "text", "--count", "--jobs", "3"], "rows.csv", env);
  });
});
