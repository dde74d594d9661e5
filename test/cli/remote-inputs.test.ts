/** Inputs on servers, as a user names them. The servers are on this machine. */
import { afterAll, describe, expect, test } from "bun:test";
import { FileServer, breaking } from "../io/file-server.ts";
import { installBinary } from "./binary.ts";

const binary = installBinary();

const CSV = "name,born\nAda Lovelace,1815\nEmmy Noether,1882\n";
const ROWS = [
  { name: "Ada Lovelace", born: "1815" },
  { name: "Emmy Noether", born: "1882" },
];
const JSONL = ROWS.map((row) => `${JSON.stringify(row)}\n`).join("");

/** What is found at each path: a body, and the media type that the server gives it. */
const FILES: Record<string, [body: string | Uint8Array<ArrayBuffer>, mediaType: string]> = {
  "/a.csv": [CSV, "application/octet-stream"],
  "/a.csv.gz": [Bun.gzipSync(CSV), "application/gzip"],
  "/a.zst": [new Uint8Array(Bun.zstdCompressSync(CSV)), "application/octet-stream"],
  "/utf16.csv": [new Uint8Array(Buffer.from(`\uFEFF${CSV}`, "utf16le")), "text/csv"],
  "/rows.jsonl": [JSONL, "text/plain"],
  "/rows.tsv": [CSV.replaceAll(",", "\t"), "text/plain"],
  "/export": [JSONL, "application/x-ndjson; charset=utf-8"],
  "/api": [JSON.stringify(ROWS), "application/json"],
  "/sheet": ["a\tb\n1,5\t2\n", "text/tab-separated-values"],
  "/plain": [CSV, "text/plain"],
  "/page.csv": ["<!doctype html>\n<p>Log in</p>\n", "text/html; charset=utf-8"],
  "/named-page.csv": [CSV, "text/html"],
  "/empty.csv": ["", "text/csv"],
};

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/old.csv") return Response.redirect("/a.csv", 302);
    const [body, mediaType] = FILES[pathname] ?? [];
    if (body === undefined) return new Response("no such page", { status: 404 });
    return new Response(body, { headers: { "content-type": mediaType ?? "" } });
  },
});
afterAll(() => server.stop(true));

function at(path: string): string {
  return `http://127.0.0.1:${server.port}${path}`;
}

describe("a file on a server", () => {
  test("is read like a stream: compressed, in another encoding, behind a redirect", async () => {
    const folder = binary.folder();
    for (const path of ["/a.csv", "/a.csv.gz", "/a.zst", "/utf16.csv", "/old.csv", "/a.csv?version=2#top", "/plain"]) {
      (await folder.run(["-e", "row", at(path)])).expect({ stdout: CSV });
    }
    (await folder.run(["-e", "row", at("/a.csv").replace("http", "HTTP")])).expect({ stdout: CSV });
    (await folder.run(["-e", "row", at("/empty.csv")])).expect({ stdout: "" });
  });

  test("has the format of its path's extension, else that of what the server says, else csv", async () => {
    const folder = binary.folder();
    (await folder.run(["-e", "row", at("/rows.jsonl?x=a.csv")])).expect({ stdout: JSONL });
    (await folder.run(["-e", "row", at("/rows.tsv"), "--to", "csv"])).expect({ stdout: CSV });
    (await folder.run(["-e", "row", at("/export")])).expect({ stdout: JSONL });
    (await folder.run(["-e", "row", at("/api"), "--to", "csv"])).expect({ stdout: CSV });
    (await folder.run(["-e", "row", at("/sheet")])).expect({ stdout: "a\tb\n1,5\t2\n" });
    // What the user says wins.
    (await folder.run(["-e", "row", at("/api"), "--from", "jsonl"])).expect({
      code: 1,
      stderr: ["the row is an array"],
    });
    (await folder.run(["-e", "row", at("/api"), "--dry-run"])).expect({ stdout: /^format: +json\n/m });
  });

  test("stands among files and standard input; ctx.file and messages name it", async () => {
    const folder = binary.folder({
      "b.csv": "born,name\n1867,Marie Curie\n",
      "file.ts": "export default (row, ctx) => ({ n: row.name, file: ctx.file });",
    });
    const ran = await folder.run(["file.ts", "b.csv", at("/a.csv"), "-"], { stdin: "name,born\nTu Youyou,1930\n" });
    ran.expect({
      stdout: `n,file\nMarie Curie,b.csv\nAda Lovelace,${at("/a.csv")}\nEmmy Noether,${at("/a.csv")}\nTu Youyou,-\n`,
    });
    (await folder.run(["-e", "{ n: BigInt(name) }", at("/a.csv")])).expect({
      code: 1,
      stdout: "",
      stderr: [`error: ${at("/a.csv")}:2: `],
    });
    folder.write({ list: `b.csv\n${at("/a.csv")}\n` });
    (await folder.run(["--filter", "born > 1850", "--files-from", "list"])).expect({
      stdout: "born,name\n1867,Marie Curie\n1882,Emmy Noether\n",
    });
  });

  test("is looked at by info and schema", async () => {
    const folder = binary.folder();
    (await folder.run(["info", at("/a.csv")])).expect({ stdout: /rows: +2\n[^]*│ born +│ integer │/ });
    (await folder.run(["info", at("/api"), "--json"])).expect({ stdout: /"format":"json".*"rows":2/ });
    (await folder.run(["schema", at("/a.csv")])).expect({ stdout: /born: z\.number\(\)\.int\(\)/ });
  });

  test("is no place to write to, and nothing to go on with", async () => {
    const folder = binary.folder();
    (await folder.run(["-i", "-e", "row", at("/a.csv")])).expect({
      code: 2,
      stderr: ["--in-place needs one input file"],
    });
    (await folder.run(["-e", "row", at("/a.csv"), "-o", "out.csv", "--resume"])).expect({
      code: 2,
      stderr: [`--resume is not possible: ${at("/a.csv")} cannot be read again`],
    });
    (await folder.run(["-e", "row", at("/a.csv"), "-o", "out.csv"])).expect({});
    expect(folder.read("out.csv")).toBe(CSV);
  });
});

describe("what cannot be had", () => {
  test("a page that is not there, and a web page in its place", async () => {
    const folder = binary.folder({ "a.csv": CSV });
    (await folder.run(["-e", "row", at("/nosuch.csv")])).expect({
      code: 1,
      stderr: [`error: cannot read ${at("/nosuch.csv")}: the server answers 404 Not Found`, "hint: check the address"],
    });
    (await folder.run(["-e", "row", at("/page.csv")])).expect({
      code: 1,
      stderr: [`error: cannot read ${at("/page.csv")}: its server sends a web page`],
    });
    (await folder.run(["-e", "row", at("/named-page.csv")])).expect({ stdout: CSV });
    // Rows before it are rows.
    (await folder.run(["-e", "row", "a.csv", at("/nosuch.csv")])).expect({ code: 1, stdout: CSV, stderr: ["404"] });
  });

  test("no server, no address", async () => {
    const folder = binary.folder();
    (await folder.run(["-e", "row", "http://127.0.0.1:1/a.csv"])).expect({
      code: 1,
      stderr: ["error: cannot read http://127.0.0.1:1/a.csv: 127.0.0.1:1 refuses the connection"],
    });
    (await folder.run(["-e", "row", "https://"])).expect({
      code: 1,
      stderr: ["cannot read https://: it is no address"],
    });
  });

  test("a password in an address is not shown", async () => {
    const ran = await binary.folder().run(["-e", "row", at("/x").replace("//", "//me:secret@")]);
    ran.expect({ code: 1, stderr: ["cannot read http://me:…@127.0.0.1:"] });
    expect(ran.stderr).not.toContain("secret");
  });
});

/** Gives what was sent a chance to be read before the connection breaks. */
async function later(): Promise<void> {
  await new Promise((resolve) => void setImmediate(resolve));
}

describe("a connection that breaks", () => {
  const rows = Array.from({ length: 20_000 }, (_, row) => `${row},${"x".repeat(row % 50)}\n`);
  const big = Buffer.from(`n,text\n${rows.join("")}`);
  test("costs nothing where the server sends the rest", async () => {
    await using breaks = await FileServer.start(breaking(big, [300_000, 100_000], later));
    (await binary.folder().run(["-e", "row", breaks.at("/big.csv")])).expect({ stdout: big.toString() });
    expect(breaks.asked.length).toBeGreaterThanOrEqual(3);
  });

  test("leaves the output as it was where it does not", async () => {
    const { promise: hasRows, resolve } = Promise.withResolvers<void>();
    await using breaks = await FileServer.start(async (_, to) => {
      to.head("200 OK", { "content-length": big.length }).body(big.subarray(0, 200_000));
      await hasRows;
      to.end();
    });
    const folder = binary.folder({
      "out.csv": "old\n",
      "log.ts": "export default (row, ctx) => { if (ctx.index === 0) ctx.log('began'); return row; };",
    });
    const child = folder.start(["log.ts", breaks.at("/big.csv"), "-o", "out.csv"]);
    let said = "";
    for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += piece;
      if (said.startsWith("began\n")) resolve();
    }
    expect(await child.exited).toBe(1);
    expect(said).toMatch(/to its end: the connection broke after \d+ of \d+ bytes, and its server does not tell/);
    expect(said).toContain("hint: download it first, and name the file: curl -fLO URL");
    expect(folder.read("out.csv")).toBe("old\n");
    expect(folder.names()).toEqual(["log.ts", "out.csv"]);
  });

  test("does not matter to a run that has what it wants", async () => {
    await using slow = await FileServer.start(async (_, to) => {
      to.head("200 OK", { "content-length": big.length }).body(big.subarray(0, 200_000));
      await to.closed;
    });
    (await binary.folder().run(["-e", "row", slow.at("/big.csv"), "--limit", "1"])).expect({ stdout: "n,text\n0,\n" });
  });

  test("rows of a slow server come out as they come in", async () => {
    const { promise: seen, resolve: see } = Promise.withResolvers<void>();
    await using slow = await FileServer.start(async (_, to) => {
      to.head("200 OK").body("n\n1\n2\n");
      await seen;
      to.body("3\n").end();
    });
    const child = binary.folder().start(["-e", "row", slow.at("/live.csv")]);
    const reader = child.stdout.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
      if (text === "n\n1\n2\n") see();
    }
    expect(text).toBe("n\n1\n2\n3\n");
    expect(await child.exited).toBe(0);
  });
});

describe("--http-header", () => {
  const SECRET = "s3cret-Of-Nobody";
  const env = { TOKEN: SECRET };
  /** Gives the file to those who say the token. */
  const guarded = (): Promise<FileServer> =>
    FileServer.start(({ headers }, to) => {
      if (headers.authorization === `Bearer ${SECRET}`) to.head("200 OK", { "content-length": CSV.length }).body(CSV);
      else to.head("401 Unauthorized", { "content-length": 0 });
      to.end();
    });

  test("takes what a variable of the environment says", async () => {
    await using guard = await guarded();
    const folder = binary.folder({ "b.csv": "name,n\nAda Lovelace,1\n" });
    const url = guard.at("/a.csv");
    for (const header of [
      "Authorization: Bearer $TOKEN",
      "authorization:Bearer ${TOKEN}",
      `Authorization: Bearer ${SECRET}`,
    ]) {
      (await folder.run(["--http-header", header, "-e", "row", url], { env })).expect({ stdout: CSV });
    }
    const header = ["--http-header", "Authorization: Bearer $TOKEN"];
    (await folder.run(["info", ...header, url], { env })).expect({ stdout: /rows: +2\n/ });
    (await folder.run(["b.csv", ...header, "--join", url, "--on", "name"], { env })).expect({
      stdout: "name,n,born\nAda Lovelace,1,1815\n",
    });
    (await folder.run(["diff", ...header, url, url, "--on", "name"], { env })).expect({
      stdout: "_change,_columns,name,born\n",
      stderr: ["no difference in 2 rows"],
    });
    (await folder.run(["schema", ...header, url], { env })).expect({ stdout: /born/ });
    (await folder.run(["-e", "row", url])).expect({
      code: 1,
      stderr: ["the server answers 401 Unauthorized", "--http-header 'Authorization: Bearer $TOKEN' says who asks"],
    });
    (await folder.run(["-e", "row", ...header, url], { env: { TOKEN: "old" } })).expect({
      code: 1,
      stderr: ["does not take what --http-header says"],
    });
  });

  test("is refused where it is none, or a variable is not there; no value is repeated", async () => {
    const folder = binary.folder();
    const refused = async (header: string, message: string): Promise<void> => {
      const ran = await folder.run(["--http-header", header, "-e", "row", at("/a.csv")]);
      ran.expect({ code: 2, stderr: [message] });
      expect(ran.stderr).not.toContain(SECRET);
    };
    await refused("Authorization: Bearer $NOSUCH_TOKEN", "and the environment has no such variable");
    await refused(SECRET, "--http-header wants NAME: VALUE");
    await refused(`X-Key: ${SECRET}\nHost: b`, "has characters that no header can have");
    await refused("Range: bytes=0-1", "--http-header names Range, which is not for users to say");
  });

  test("goes to the host that was named, and to no other", async () => {
    await using other = await FileServer.start((_, to) =>
      to.head("200 OK", { "content-length": CSV.length }).body(CSV).end(),
    );
    await using first = await FileServer.start(({ path }, to) => {
      if (path === "/c.csv") to.head("200 OK", { "content-length": CSV.length }).body(CSV);
      else
        to.head("302 Found", {
          location: path === "/a.csv" ? "/b.csv" : path === "/b.csv" ? other.at("/x") : "/c.csv",
        });
      to.end();
    });
    const folder = binary.folder();
    const header = ["--http-header", `X-Key: ${SECRET}`];
    (await folder.run([...header, "-e", "row", first.at("/a.csv")])).expect({ stdout: CSV });
    (await folder.run([...header, "-e", "row", first.at("/old.csv")])).expect({ stdout: CSV });
    expect(first.asked.map(({ path, headers }) => [path, headers["x-key"]])).toEqual(
      ["/a.csv", "/b.csv", "/old.csv", "/c.csv"].map((path) => [path, SECRET]),
    );
    expect(other.asked.map(({ headers }) => headers["x-key"])).toEqual([undefined]);
  });

  test("stands in no file, and in no message", async () => {
    await using guard = await guarded();
    const folder = binary.folder({
      "ids.csv": `id\n${Array.from({ length: 100_000 }, (_, id) => `${id}\n`).join("")}`,
    });
    const url = `${guard.at("/a.csv").replace("//", `//me:${SECRET}@`)}?sig=${SECRET}`;
    const header = ["--http-header", `Authorization: Bearer ${SECRET}`];
    const outputs = ["-o", "out.csv", "--summary", "run.json", "--on-error", "reject"];
    const ran = await folder.run(["-e", "{ n: BigInt(name) }", ...header, ...outputs, url]);
    ran.expect({ code: 3, stderr: ["2 of 2 rows failed"] });
    // What is left of a run that failed is a journal, which says what it was a run of.
    const failing = `{ id: Number(id) < 90_000 ? id : BigInt("x") }`;
    const table = ["--join", url, "--on", "id=name", "--kind", "left", "--max-errors", "1", "--on-error", "skip"];
    const cut = await folder.run(["-e", failing, ...header, "ids.csv", ...table, "-o", "cut.csv"]);
    cut.expect({ code: 1, stderr: ["go on with:", "--http-header 'Authorization: …'"] });
    const kept = folder.names();
    expect(kept).toContain("out.csv.rejects.jsonl");
    expect(kept).toContain("cut.csv.journal");
    for (const name of kept) expect(folder.read(name)).not.toContain(SECRET);
    expect(ran.stderr + ran.stdout + cut.stderr).not.toContain(SECRET);
  });
});
