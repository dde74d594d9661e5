/**
 * How long a file of a server takes over one connection, and by parts: `bun test/bench/remote.ts [MB]`. The server is on this
 * machine, answers after 5 ms, and brings 50 MB/s over each connection, as stores do. The clock is what counts here: it is bound
 * by what the server brings.
 */
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

const LATENCY_MS = 5;
const BYTES_PER_MS = 50_000;
const STEP_MS = 4;
const BINARY = join(import.meta.dirname, "../../dist/rowmill");

const megabytes = Number(process.argv[2] ?? 200);
const line = (at: number): string => `${at},name ${at % 977},${(at * 7919) % 100_003},some text that fills the row\n`;
const lines = Array.from({ length: 20_000 }, (_, at) => line(at)).join("");
const head = "id,name,value,text\n";
const content = Buffer.from(head + lines.repeat(Math.ceil((megabytes * 1e6) / lines.length)));

let mayCut = true;
const server = createServer((request, response) => void answer(request, response));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  await Bun.sleep(LATENCY_MS);
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  const isPart = mayCut && from !== undefined;
  const start = isPart ? Number(from) : 0;
  const end = isPart && to !== "" ? Number(to) + 1 : content.length;
  response.writeHead(isPart ? 206 : 200, {
    etag: '"v1"',
    "content-length": end - start,
    ...(mayCut && { "accept-ranges": "bytes" }),
    ...(isPart && { "content-range": `bytes ${start}-${end - 1}/${content.length}` }),
  });
  let isOpen = true;
  response.on("close", () => {
    isOpen = false;
  });
  const begun = performance.now();
  for (let at = start; at < end && isOpen; at += STEP_MS * BYTES_PER_MS) {
    const piece = content.subarray(at, Math.min(end, at + STEP_MS * BYTES_PER_MS));
    await new Promise((resolve) => response.write(piece, resolve));
    const early = (at + piece.length - start) / BYTES_PER_MS - (performance.now() - begun);
    if (early > 0) await Bun.sleep(early);
  }
  response.end();
}
await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows.csv`;

async function run(words: readonly string[], input: string): Promise<{ seconds: number; digest: string }> {
  const begun = performance.now();
  const process = Bun.spawn([BINARY, ...words, input], { stdout: "pipe", stderr: "inherit" });
  const digest = new Bun.CryptoHasher("sha256");
  for await (const piece of process.stdout) digest.update(piece);
  if ((await process.exited) !== 0) throw new Error("the run has failed");
  return { seconds: (performance.now() - begun) / 1000, digest: digest.digest("hex") };
}

for (const words of [
  ["-e", "{ id, double: value * 2 }"],
  ["--filter", "value < 1000"],
]) {
  const digests = new Set<string>();
  for (const [name, isCut] of [
    ["one connection", false],
    ["by parts", true],
  ] as const) {
    mayCut = isCut;
    const times: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const { seconds, digest } = await run(words, url);
      times.push(seconds);
      digests.add(digest);
    }
    const best = Math.min(...times);
    const rate = content.length / 1e6 / best;
    console.log(`${words.join(" ").padEnd(30)} ${name.padEnd(16)} ${best.toFixed(2)} s ${rate.toFixed(0)} MB/s`);
  }
  if (digests.size !== 1) throw new Error("the outputs differ");
}
server.close();
server.closeAllConnections();
