/** Standard output and input as pipes, closed, slow, non-blocking: all bytes or an error. */
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { installBinary } from "./binary.ts";

const binary = installBinary();

/** Says the exit code of the command at this place of the pipe. */
const codeOf = (place: number): string => `; echo "code \${PIPESTATUS[${place}]}" >&2`;

function sha256(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

const NUMBERS = `n\n${Array.from({ length: 400_000 }, (_, n) => `row number ${n}`).join("\n")}\n`;

// What another program left behind: the flag belongs to the pipe, not to the process.
function nonBlocking(stream: string): string {
  return `perl -MFcntl -e 'fcntl(${stream}, F_SETFL, fcntl(${stream}, F_GETFL, 0) | O_NONBLOCK) or die'`;
}

describe("a reader that goes away", () => {
  test("ends the run quietly with 0", async () => {
    const folder = binary.folder({ "in.csv": NUMBERS });
    const ran = await folder.bash(`rowmill -e 'r => r' in.csv | head -1 ${codeOf(0)}`);
    ran.expect({ stdout: "n\n", stderr: [/^code 0\n$/] });
  });

  test("ends an endless input too", async () => {
    const folder = binary.folder();
    const ran = await folder.bash(`(echo n; yes 12345) | rowmill -e '{ n: n * 2 }' -j 2 | head -2 ${codeOf(1)}`);
    ran.expect({ stdout: "n\n24690\n", stderr: [/^code 0\n$/] });
  });

  test("before anything was written", async () => {
    const folder = binary.folder({ "in.csv": NUMBERS });
    (await folder.bash(`rowmill -e 'r => r' in.csv | true ${codeOf(0)}`)).expect({ stderr: [/^code 0\n$/] });
  });

  test("of --help", async () => {
    (await binary.folder().bash(`rowmill --help | true ${codeOf(0)}`)).expect({ stderr: [/^code 0\n$/] });
  });
});

describe("streams that are closed from the start", () => {
  // The runtime would open /dev/null in their place; the executable's own first instructions see to it that it does not.
  const CLOSED = /^error: cannot write standard output: it is closed/;

  test("standard output: an error, as of a full disk, and no input is written over", async () => {
    const folder = binary.folder({ "in.csv": NUMBERS, "few.csv": "n\n1\n", "x.ts": "export default (row) => row;" });
    const runs = [
      "-e row in.csv",
      "-e row few.csv",
      "run x.ts in.csv",
      "in.csv --sort-by n",
      "in.csv --count",
      "--help",
    ];
    for (const run of runs) {
      (await folder.bash(`rowmill ${run} >&-`)).expect({ code: 1, stderr: [CLOSED] });
    }
    (await folder.bash("cat in.csv | rowmill -e row >&-")).expect({ code: 1, stderr: [CLOSED] });
    (await folder.bash("rowmill -e row in.csv >&- <&-")).expect({ code: 1, stderr: [CLOSED] });
    expect(folder.read("in.csv")).toBe(NUMBERS);
  });

  test("standard output of a compiled program", async () => {
    const folder = binary.folder({ "in.csv": "n\n1\n", "x.ts": "export default (row) => row;" });
    (await folder.bash("rowmill compile x.ts -o x")).expect({ stdout: /^x: \d+ MB\n$/ });
    (await folder.bash("./x in.csv >&-")).expect({ code: 1, stderr: [CLOSED] });
  });

  test("standard output does not matter where a file is written", async () => {
    const folder = binary.folder({ "in.csv": "n\n1\n" });
    (await folder.bash("rowmill -e row in.csv -o out.csv >&-")).expect({});
    expect(folder.read("out.csv")).toBe("n\n1\n");
  });

  test("standard input: an error, which no empty input is", async () => {
    const folder = binary.folder();
    (await folder.bash("rowmill -e row <&-")).expect({
      code: 1,
      stderr: [/^error: cannot read standard input: EBADF/],
    });
    (await folder.bash("rowmill -e row < /dev/null")).expect({});
  });

  test("standard input does not matter where files are read", async () => {
    const folder = binary.folder({ "in.csv": "n\n1\n" });
    (await folder.bash("rowmill -e row in.csv <&-")).expect({ stdout: "n\n1\n" });
  });

  test("standard error: the run goes on", async () => {
    const folder = binary.folder({ "in.csv": "n\n1\n" });
    (await folder.bash("rowmill -e '(row, ctx) => (ctx.log(1), row)' in.csv 2>&-")).expect({ stdout: "n\n1\n" });
    (await folder.bash("rowmill -e 'nope' in.csv 2>&-")).expect({ code: 1 });
    expect(folder.read("in.csv")).toBe("n\n1\n");
  });
});

describe("all bytes arrive", () => {
  test("a pipe of 100 MB, by hash", async () => {
    const folder = binary.folder();
    const ran = await folder.bash(
      "(echo n; seq 1 12500000) | tee >(sha256sum > before) | rowmill -e 'r => r' | sha256sum > after",
    );
    ran.expect({});
    expect(folder.read("after")).toBe(folder.read("before"));
  });

  test("at a reader that takes few bytes at a time", async () => {
    const folder = binary.folder({ "in.csv": NUMBERS });
    const ran = await folder.bash("rowmill -e 'r => r' in.csv | dd bs=333 2>/dev/null | sha256sum");
    ran.expect({ stdout: `${sha256(NUMBERS)}  -\n` });
  });

  test("from a writer that gives few bytes at a time", async () => {
    const text = NUMBERS.slice(0, 500_000);
    const folder = binary.folder({ "in.csv": text });
    const ran = await folder.bash("dd if=in.csv bs=71 2>/dev/null | rowmill -e 'r => r' | sha256sum");
    ran.expect({ stdout: `${sha256(text.endsWith("\n") ? text : `${text}\n`)}  -\n` });
  });

  test.skipIf(Bun.which("perl") === null)("through a non-blocking pipe", async () => {
    const folder = binary.folder({ "in.csv": NUMBERS });
    const ran = await folder.bash(
      `(${nonBlocking("STDOUT")}; rowmill -e 'r => r' in.csv) | dd bs=333 2>/dev/null | sha256sum`,
    );
    ran.expect({ stdout: `${sha256(NUMBERS)}  -\n` });
  });

  test.skipIf(Bun.which("perl") === null)("from a non-blocking pipe", async () => {
    const text = NUMBERS.slice(0, 500_000);
    const folder = binary.folder({ "in.csv": text });
    const ran = await folder.bash(
      `dd if=in.csv bs=71 2>/dev/null | (${nonBlocking("STDIN")}; rowmill -e 'r => r') | sha256sum`,
    );
    ran.expect({ stdout: `${sha256(text.endsWith("\n") ? text : `${text}\n`)}  -\n` });
  });

  test("with a transform that touches process.stdout", async () => {
    const folder = binary.folder({
      "in.csv": NUMBERS,
      "x.ts": "process.stdout.isTTY; process.stderr.isTTY; export default (row) => row;",
    });
    const ran = await folder.bash("rowmill x.ts in.csv | dd bs=333 2>/dev/null | sha256sum");
    ran.expect({ stdout: `${sha256(NUMBERS)}  -\n` });
  });

  test("no room on the disk is an error", async () => {
    const folder = binary.folder({ "in.csv": NUMBERS });
    (await folder.bash("rowmill -e row in.csv > /dev/full")).expect({
      code: 1,
      stderr: ["standard output", "disk is full"],
    });
    (await folder.bash("rowmill -e row in.csv -o /dev/full")).expect({
      code: 1,
      stderr: ["/dev/full", "disk is full"],
    });
  });

  test("no room for --help is an error in words", async () => {
    const folder = binary.folder({ "in.csv": "n\n" });
    for (const line of ["rowmill --help > /dev/full", "rowmill -e row in.csv --dry-run > /dev/full"]) {
      (await folder.bash(line)).expect({ code: 1, stderr: ["cannot write standard output: the disk is full"] });
    }
  });

  test("no room for messages changes nothing", async () => {
    const folder = binary.folder({ "in.csv": "n\n1\n" });
    (await folder.bash("rowmill -e '(row, ctx) => (ctx.log(1), row)' in.csv 2> /dev/full")).expect({
      stdout: "n\n1\n",
    });
    (await folder.bash("rowmill -e nope in.csv 2> /dev/full")).expect({ code: 1 });
  });

  // OPEN: a worker's console writes to standard output, between the results.
  test("console.log of a transform goes to stderr, not between the results", async () => {
    const folder = binary.folder({ "in.csv": "n\n1\n2\n" });
    (await folder.run(["-e", "(console.log('seen', n), { n })", "in.csv"])).expect({
      stdout: "n\n1\n2\n",
      stderr: ["seen 1", "seen 2"],
    });
  });
});

describe("interrupted", () => {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    test(`by ${signal}: exit ${code}, the target as it was`, async () => {
      const folder = binary.folder({ "out.csv": "old\n" });
      const child = folder.start(["-e", "(row, ctx) => (ctx.log('begun'), row)", "-o", "out.csv"]);
      await child.stdin.write("n\n1\n");
      // The row was mapped: the run is under way, and waits for input.
      const { value } = await child.stderr.getReader().read();
      expect(Buffer.from(value ?? []).toString()).toBe("begun\n");
      child.kill(signal);
      expect(await child.exited).toBe(code);
      expect(folder.read("out.csv")).toBe("old\n");
      expect(folder.names()).toEqual(["out.csv"]);
    });
  }
});
