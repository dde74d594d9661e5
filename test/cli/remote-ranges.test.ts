/** Long files of servers, which come by ranges: what comes out is what comes out of the same file here. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Asked, type Connection, FileServer } from "../io/file-server.ts";
import { parquetWriteBuffer } from "hyparquet-writer";
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
/** Twenty row groups, the texts of which are most of the file. */
const PARQUET = Buffer.from(
  parquetWriteBuffer({
    columnData: [
      { name: "id", data: Array.from({ length: 100_000 }, (_, id) => id), type: "INT32" },
      { name: "text", data: Array.from({ length: 100_000 }, (_, id) => `row ${id}: ${Math.sin(id)}`), type: "STRING" },
      { name: "odd", data: Array.from({ length: 100_000 }, (_, id) => (id % 7 === 0 ? undefined : id % 2 === 1)) },
    ],
    rowGroupSize: 5000,
    codec: "UNCOMPRESSED",
  }),
);
const FILES: Record<string, Buffer> = { "rows.csv": CSV, "rows.jsonl": JSONL, "rows.parquet": PARQUET };

const START_BYTES = 1_100_000;

/** How the server answers, beside what is asked for. */
let manner: "gives ranges" | "gives none" | "changes the file" = "gives ranges";
let parts = 0;
/** Bytes of all parts that were asked for. */
let partBytes = 0;
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
  const isOther = manner === "changes the file" && Number(from) > (path.endsWith("csv") ? 8e6 : 1000);
  const etag = isOther ? '"v2"' : '"v1"';
  const whole = { etag, "accept-ranges": "bytes", "content-length": body.length };
  if (from === undefined) {
    asked = Promise.withResolvers();
    left = Promise.withResolvers();
    const closed = to.closed.then(left.resolve);
    to.head("200 OK", whole).body(body.subarray(0, START_BYTES));
    // More than its start comes when a range was asked for.
    await asked.promise;
    to.body(body.subarray(START_BYTES)).end();
    await closed;
    return;
  }
  parts++;
  partBytes += Number(last) + 1 - Number(from);
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
      /cannot read http:\S+rows\.csv behind the first \d+ of \d+ bytes: the file on the server is another one now/,
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

describe("a Parquet file on a server", () => {
  test("comes to what the same file comes to here", async () => {
    manner = "gives ranges";
    await compare(["-e", "row", "--to", "csv"], "rows.parquet");
    await compare(["--filter", "odd && id % 1000 < 3", "--to", "jsonl", "--jobs", "1"], "rows.parquet");
  });

  test("brings the columns alone that somebody looks at, of row groups that may have rows", async () => {
    manner = "gives ranges";
    const url = server.at("/rows.parquet");
    const folder = binary.folder({ "few.csv": "id\n7\n99999\n" });
    const bytesOf = async (words: string[], stdout: string | RegExp): Promise<number> => {
      const before = partBytes;
      (await folder.run(words)).expect({ stdout });
      return partBytes - before;
    };
    const footer = 64 * 1024;
    const some = await bytesOf(["-e", "{ id }", "--filter", "id < 3", "--to", "csv", url], "id\n0\n1\n2\n");
    expect(some).toBeLessThan(footer + 50_000);
    const all = await bytesOf(["-e", "{ half: id / 2 }", "--to", "csv", url], /^half\n0\n0\.5\n/);
    expect(all).toBeLessThan(footer + 500_000);
    expect(all).toBeLessThan(PARQUET.length / 4);
    (await folder.run(["few.csv", "--join", url, "--on", "id"])).expect({ stdout: /^id,text,odd\n7,.*\n99999,.*\n$/ });
    (await folder.run(["info", url])).expect({ stdout: /rows: +100000/ });
  });

  test("is work for many machines, row groups for each", async () => {
    manner = "gives ranges";
    const folder = binary.folder({ "rows.parquet": PARQUET });
    const words = ["-e", "{ id, odd }", "--to", "csv"];
    const { stdout } = await folder.run([...words, "rows.parquet"]);
    const ran = await folder.run(["plan", ...words, server.at("/rows.parquet"), "-o", "work/", "--shard-bytes", "1M"]);
    expect(ran.stdout + ran.stderr).toMatch(/[34] shards of 100,000 rows/);
    await folder.run(["shard", "work/", "all", "-q"]);
    (await folder.run(["merge", "work/"])).expect({ stdout, stderr: [] });
  });

  test("that is written to meanwhile, or of a server that gives no ranges, is an error", async () => {
    manner = "changes the file";
    const ran = await binary.folder().run(["-e", "row", "--to", "csv", server.at("/rows.parquet")]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("the file on the server is another one now");
    manner = "gives none";
    (await binary.folder().run(["-e", "row", server.at("/rows.parquet")])).expect({
      code: 1,
      stderr: ["its server does not send the rest of a file alone", "curl -fLO URL"],
    });
  });
});

describe("a long object of a store", () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await TestStore.start();
    await store.put("rows.csv", new Uint8Array(CSV));
    await store.put("rows.parquet", new Uint8Array(PARQUET));
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
    await store.break({}, { down: 40_000 }, { down: 100 }, { up: 10 }, { down: 2_000 });
    await compare(["-e", "{ odd, id }", "--to", "csv"], "rows.parquet", env);
  });
});
