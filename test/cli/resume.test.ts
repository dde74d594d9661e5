/** Output that is never half there: journal, --resume, --restart, signals, inputs that change, --in-place, --summary. */
import { describe, expect, test } from "bun:test";
import { chmodSync, statSync, truncateSync, utimesSync } from "node:fs";
import { parquetWriteBuffer } from "hyparquet-writer";
import { type Folder, installBinary } from "./binary.ts";

const binary = installBinary();

const ROWS = 3000;
/** Rows of which some are bad, in two files with their columns in another order, and in other formats. */
const rowText = (id: number): string => (id % 100 === 50 ? `${id}` : `${id},"text\n${id}"`);
const CSV = `id,text\n${Array.from({ length: ROWS }, (_, id) => rowText(id)).join("\n")}\n`;
const CSV_2 = `text,id\n${Array.from({ length: 500 }, (_, id) => (id % 100 === 7 ? "bad" : `t,${ROWS + id}`)).join("\n")}\n`;
const JSONL = Array.from({ length: ROWS }, (_, id) => (id % 100 === 50 ? "{" : `{"id":${id}}`)).join("\n");
const JSON_ROWS = `[${Array.from({ length: ROWS }, (_, id) => (id % 100 === 50 ? "7" : `{"id":${id}}`)).join(",\n")}]`;

/** Does to its own process, once, what the file `signal` says, when it comes to row 1500. */
const FRAGILE = `
import { existsSync, readFileSync, rmSync } from "node:fs";
import { sign } from "./sign.ts";
export default ({ id }, ctx) => {
  if (Number(id) === 1500 && existsSync("signal")) {
    const signal = readFileSync("signal", "utf8");
    rmSync("signal");
    process.kill(process.pid, signal);
    // What comes next must not be written any more.
    for (;;);
  }
  if (Number(id) % 100 === 80) throw new Error("no eighties");
  return { id, line: ctx.line, index: ctx.index, sign };
};`;
/** Rows in groups of which some are cut off in their middle. */
function parquetOf(ids: number[]): Uint8Array {
  const columnData = [
    { name: "id", data: ids, type: "INT32" as const },
    { name: "text", data: ids.map((id) => (id % 3 === 0 ? "" : `text\n"${id}"`)), type: "STRING" as const },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: [400, 1, 499, 350], codec: "UNCOMPRESSED" }));
}

const IDS = Array.from({ length: ROWS }, (_, id) => id);

const FILES = {
  "in.parquet": parquetOf(IDS),
  "in2.parquet": parquetOf(IDS.slice(0, 700).map((id) => id + ROWS)),
  "in.csv": CSV,
  "in2.csv": CSV_2,
  "in.jsonl": JSONL,
  "in.json": JSON_ROWS,
  "x.ts": FRAGILE,
  "sign.ts": "export const sign = '+';",
};

const REJECT = ["--on-error", "reject", "-b", "100"];

function arguments_(input: string, output: string): string[] {
  return ["x.ts", ...input.split(" "), "-o", output, ...REJECT];
}

/** A folder in which a run was cut off. */
async function cutOff(signal: string, input = "in.csv", output = "out.csv"): Promise<Folder> {
  const folder = binary.folder({ ...FILES, signal });
  const ran = await folder.run(arguments_(input, output));
  if (ran.code === 0 || ran.code === 3) ran.fail("it was not cut off");
  return folder;
}

async function undisturbed(input = "in.csv", output = "out.csv"): Promise<[output: string, rejects: string]> {
  const folder = binary.folder(FILES);
  (await folder.run([...arguments_(input, output), "-q"])).expect({ code: 3 });
  return outputs(folder, output);
}

function outputs(folder: Folder, output = "out.csv"): [output: string, rejects: string] {
  // The user's frames name files by their whole path.
  return [folder.read(output), folder.read(`${output}.rejects.jsonl`).replaceAll(folder.path, "")];
}

describe("a run that was killed goes on as if nothing had been", () => {
  test.each([
    ["in.csv", "out.csv"],
    ["in.csv in2.csv", "out.csv"],
    ["in2.csv in.csv", "out.jsonl"],
    ["in.jsonl", "out.json"],
    ["in.json", "out.csv"],
    ["in.json", "out.json"],
    ["in.parquet", "out.csv"],
    ["in2.parquet in.parquet in2.parquet", "out.jsonl"],
  ])("%s to %s", async (input, output) => {
    const wanted = await undisturbed(input, output);
    for (const spread of [["-j", "1", "-b", "1"], ["-j", "3", "-b", "70"], []]) {
      const folder = await cutOff("SIGKILL", input, output);
      expect(folder.names()).toContain(`${output}.journal`);
      expect(folder.names()).not.toContain(output);
      const ran = await folder.run([...arguments_(input, output), ...spread, "--resume", "--summary", "s.json"]);
      ran.expect({ code: 3, stderr: ["rows failed"] });
      expect(outputs(folder, output)).toEqual(wanted);
      const inputs = input.split(" ").map((name) => ({ name }));
      expect(JSON.parse(folder.read("s.json"))).toMatchObject({ isResumed: true, inputs });
      expect(folder.names().filter((name) => /part$|journal/.test(name))).toEqual([]);
    }
  });

  test("over row groups of which a filter skips some", async () => {
    const asked = [...arguments_("in2.parquet in.parquet", "out.csv"), "--filter", "id < 350 || id > 1200", "-q"];
    const whole = binary.folder(FILES);
    (await whole.run(asked)).expect({ code: 3 });
    const folder = binary.folder({ ...FILES, signal: "SIGKILL" });
    await folder.run(asked);
    const ran = await folder.run([...asked, "-j", "1", "-b", "7", "--resume", "--summary", "s.json"]);
    ran.expect({ code: 3 });
    expect(outputs(folder)).toEqual(outputs(whole));
    expect(JSON.parse(folder.read("s.json"))).toMatchObject({ isResumed: true, rows: { in: 3700 } });
  });

  test("but not over Parquet whose row groups are others, of the same size and time", async () => {
    const folder = await cutOff("SIGKILL", "in.parquet");
    const { atime, mtime } = statSync(folder.at("in.parquet"));
    folder.write({ "in.parquet": parquetOf(IDS.with(0, 3)) });
    expect(statSync(folder.at("in.parquet")).size).toBe(FILES["in.parquet"].length);
    utimesSync(folder.at("in.parquet"), atime, mtime);
    const ran = await folder.run([...arguments_("in.parquet", "out.csv"), "--resume"]);
    ran.expect({ code: 1, stderr: ["cannot resume: what was read of in.parquet is not the same any more"] });
  });

  test("in place", async () => {
    const folder = binary.folder({ ...FILES, signal: "SIGKILL" });
    const args = ["x.ts", "-i", "in.csv", ...REJECT];
    await folder.run(args);
    expect(folder.read("in.csv")).toBe(CSV);
    (await folder.run([...args, "--resume", "-q"])).expect({ code: 3 });
    const [output, rejects] = await undisturbed();
    expect(folder.read("in.csv")).toBe(output);
    expect(folder.read("in.csv.rejects.jsonl").replaceAll(folder.path, "")).toBe(rejects);
  });

  test("with the end of the journal torn, or of the part files", async () => {
    const wanted = await undisturbed();
    for (const damage of [
      (folder: Folder) => truncateSync(folder.at("out.csv.journal"), folder.read("out.csv.journal").length - 30),
      (folder: Folder) => folder.write({ "out.csv.journal": `${folder.read("out.csv.journal")}00000000 {"kind"` }),
      (folder: Folder) => truncateSync(folder.at("out.csv.part"), 5000),
      (folder: Folder) => truncateSync(folder.at("out.csv.part"), 0),
      (folder: Folder) => truncateSync(folder.at("out.csv.rejects.jsonl.part"), 1),
      (folder: Folder) => folder.write({ "out.csv.part": folder.read("out.csv.part").replace("1000", "9999") }),
    ]) {
      const folder = await cutOff("SIGKILL");
      damage(folder);
      (await folder.run([...arguments_("in.csv", "out.csv"), "--resume", "-q"])).expect({ code: 3 });
      expect(outputs(folder)).toEqual(wanted);
    }
  });

  test("does only what is left to do", async () => {
    const folder = await cutOff("SIGKILL");
    const ran = await folder.run([...arguments_("in.csv", "out.csv"), "--resume", "--summary", "s.json"]);
    ran.expect({ code: 3, stderr: ["60 of 3,000 rows failed", "the first: in.csv:102: the row has 1 field"] });
    const summary = JSON.parse(folder.read("s.json")) as { rows: object; workers: { rows: number }[] };
    expect(summary.rows).toEqual({ in: 3000, mapped: 2940, dropped: 0, rejected: 60, out: 2940 });
    expect(summary.workers.reduce((rows, worker) => rows + worker.rows, 0)).toBeLessThan(3000);
  });
});

describe("an interrupt", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])("%s says how to go on", async (signal, code) => {
    const folder = binary.folder({ ...FILES, "out.csv": "old\n", signal });
    (await folder.run(arguments_("in.csv", "out.csv"))).expect({
      code,
      stderr: [
        /^error: interrupted after [\d,]+ rows\n/,
        "go on with: rowmill x.ts in.csv -o out.csv --on-error reject -b 100 --resume\n",
      ],
    });
    expect(folder.read("out.csv")).toBe("old\n");
    (await folder.run([...arguments_("in.csv", "out.csv"), "--resume", "-q"])).expect({ code: 3 });
    expect(outputs(folder)).toEqual(await undisturbed());
  });

  test.each([
    ["--unordered", ["in.csv", "--unordered"], "--unordered writes in an order that no second run repeats"],
    ["standard input", ["-"], "standard input cannot be read again"],
  ])("of a run that cannot go on leaves nothing, and says why: %s", async (_, input, why) => {
    const folder = binary.folder({ ...FILES, "out.csv": "old\n", signal: "SIGINT" });
    const ran = await folder.run(["x.ts", ...input, "-o", "out.csv", ...REJECT], { stdin: CSV });
    ran.expect({ code: 130, stderr: [`nothing was kept: ${why}`] });
    expect(folder.read("out.csv")).toBe("old\n");
    expect(folder.names().filter((name) => /part$|journal/.test(name))).toEqual([]);
  });

  test("without anything done leaves nothing", async () => {
    const folder = binary.folder({ ...FILES, "x.ts": "process.kill(process.pid, 'SIGINT'); for (;;);" });
    (await folder.run(arguments_("in.csv", "out.csv"))).expect({ code: 130 });
    expect(folder.names()).toEqual(Object.keys(FILES).toSorted());
  });
});

describe("what a run has left", () => {
  test("stops the next one, until it is told what to do", async () => {
    const folder = await cutOff("SIGKILL");
    (await folder.run(arguments_("in.csv", "out.csv"))).expect({
      code: 1,
      stderr: [
        "a run that was cut off left out.csv.journal and out.csv.part and out.csv.rejects.jsonl.part",
        "--resume",
        "--restart",
      ],
    });
    (await folder.run([...arguments_("in.csv", "out.csv"), "--restart", "-q"])).expect({ code: 3 });
    expect(outputs(folder)).toEqual(await undisturbed());
  });

  test("belongs to a process while that lives", async () => {
    const folder = binary.folder({
      ...FILES,
      "x.ts": "export default (row, ctx) => { ctx.log('begun'); return new Promise(() => {}) };",
    });
    const child = folder.start(arguments_("in.csv", "out.csv"));
    await child.stderr.getReader().read();
    for (const flags of [[], ["--resume"], ["--restart"]]) {
      (await folder.run([...arguments_("in.csv", "out.csv"), ...flags])).expect({
        code: 1,
        stderr: [`another run is writing here: out.csv.journal belongs to process ${child.pid}`],
      });
    }
    child.kill("SIGKILL");
    await child.exited;
    (
      await folder.run([...arguments_("in.csv", "out.csv"), "--restart", "--timeout", "10ms", "--limit", "1", "-q"])
    ).expect({ code: 3, stderr: ["begun"] });
  });

  test("is for the same run only", async () => {
    const changes: [says: string, change: (folder: Folder) => string[]][] = [
      ["the transform's file ", (folder) => (folder.write({ "x.ts": `${FRAGILE}\n// changed` }), [])],
      ["sign.ts has changed", (folder) => (folder.write({ "sign.ts": "export const sign = '-';" }), [])],
      ["the option args is another one", () => ["--arg", "a=b"]],
      ["the option limit is another one", () => ["--limit", "2000"]],
      ["the option to is another one", () => ["--to", "jsonl"]],
      ["the option timeout is another one", () => ["--timeout", "1h"]],
      ["in.csv had ", (folder) => (folder.write({ "in.csv": `${CSV}1,2\n` }), [])],
      ["in.csv was written to", (folder) => (folder.write({ "in.csv": CSV.replace("text", "TEXT") }), [])],
      ["there were 1 inputs and are 2", () => ["in2.csv"]],
    ];
    for (const [says, change] of changes) {
      const folder = await cutOff("SIGKILL");
      const more = change(folder);
      const ran = await folder.run([...arguments_("in.csv", "out.csv"), ...more, "--resume"]);
      ran.expect({ code: 1, stderr: ["cannot resume out.csv: ", says, "--restart"] });
      expect(folder.names()).toContain("out.csv.part");
      expect(folder.names()).toContain("out.csv.journal");
    }
  });

  test("is nothing after a row that failed, and after success", async () => {
    const folder = binary.folder(FILES);
    (await folder.run(["x.ts", "in.csv", "-o", "out.csv"])).expect({ code: 1, stderr: ["in.csv:102: "] });
    expect(folder.names()).toEqual(Object.keys(FILES).toSorted());
  });

  test("nothing at all: --resume starts afresh", async () => {
    const folder = binary.folder(FILES);
    (await folder.run([...arguments_("in.csv", "out.csv"), "--resume", "-q"])).expect({ code: 3 });
    expect(outputs(folder)).toEqual(await undisturbed());
  });
});

describe("--resume is refused", () => {
  test.each<[what: string, args: string[], says: string]>([
    ["from standard input", ["-o", "out.csv"], "standard input cannot be read again"],
    ["from a pipe", ["/dev/stdin", "-o", "out.csv"], "/dev/stdin cannot be read again"],
    ["with --unordered", ["in.csv", "-o", "out.csv", "--unordered"], "--unordered"],
    ["for a table", ["in.csv", "-o", "out.txt", "--to", "table"], "a table is drawn as a whole"],
    ["to standard output", ["in.csv"], "--resume needs an output file"],
    ["with --restart", ["in.csv", "-o", "out.csv", "--restart"], "--restart"],
  ])("%s", async (_, args, says) => {
    const folder = binary.folder(FILES);
    (await folder.run(["-e", "row", ...args, "--resume"], { stdin: CSV })).expect({ code: 2, stderr: [says] });
    expect(folder.names()).toEqual(Object.keys(FILES).toSorted());
  });
});

describe("an input that changes while it is read", () => {
  test.each([
    ["grows", "appendFileSync('in.csv', '1,2\\n')", "bytes and has"],
    ["is replaced", "copyFileSync('in.csv', 'new.csv'); renameSync('new.csv', 'in.csv')", "is another file now"],
    ["is written to", "writeFileSync('in.csv', readFileSync('in.csv'))", "was written to"],
    ["is gone", "rmSync('in.csv')", "there is no such file"],
  ])("%s: the target stays as it was", async (_, change, says) => {
    const code = `import { appendFileSync, copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
      export default (row, ctx) => { if (ctx.index === 5) { ${change} } return row; };`;
    const folder = binary.folder({ "in.csv": CSV.replaceAll(/^\d+\n/gm, ""), "x.ts": code, "out.csv": "old\n" });
    (await folder.run(["x.ts", "in.csv", "-o", "out.csv"])).expect({ code: 1, stderr: [says] });
    expect(folder.read("out.csv")).toBe("old\n");
    expect(folder.names().filter((name) => /part$|journal/.test(name))).toEqual([]);
  });
});

describe("--in-place", () => {
  test("keeps delimiter, line ends, byte order mark and mode", async () => {
    const folder = binary.folder({ "in.csv": "\uFEFFa;b\r\n1;2\r\n3;4\r\n" });
    chmodSync(folder.at("in.csv"), 0o640);
    (await folder.run(["-i", "-e", "{ ...row, c: Number(a) + Number(b) }", "in.csv"])).expect({});
    expect(folder.read("in.csv")).toBe("\uFEFFa;b;c\r\n1;2;3\r\n3;4;7\r\n");
    expect(statSync(folder.at("in.csv")).mode & 0o777).toBe(0o640);
    (await folder.run(["-i", "-e", "row", "in.csv", "--out-delimiter", ",", "--no-header-out"])).expect({});
    expect(folder.read("in.csv")).toBe("\uFEFF1,2,3\r\n3,4,7\r\n");
  });

  test("leaves the file alone when a row fails", async () => {
    const folder = binary.folder({ "in.csv": "a\n1\nx,y\n" });
    (await folder.run(["-i", "-e", "row", "in.csv"])).expect({ code: 1, stderr: ["in.csv:3: "] });
    expect(folder.read("in.csv")).toBe("a\n1\nx,y\n");
  });

  test("needs one file, and no other output", async () => {
    const folder = binary.folder(FILES);
    for (const args of [[], ["-"], ["in.csv", "in2.csv"], ["in.csv", "-o", "out.csv"]]) {
      (await folder.run(["-i", "-e", "row", ...args])).expect({ code: 2, stderr: ["--in-place"] });
    }
  });
});

const sha256 = (text: string): string => new Bun.CryptoHasher("sha256").update(text).digest("hex");

describe("--summary", () => {
  test("holds what one keeps of a run", async () => {
    const folder = binary.folder(FILES);
    await folder.run([...arguments_("in.csv in2.csv", "out.csv"), "--summary", "s.json", "-q"]);
    const log = JSON.parse(folder.read("s.json")) as { ms: number; parentMs: number };
    // Its CPU time: more than none, as it hashes and writes; no more than there was, but for the rounding.
    expect(log.parentMs).toBeGreaterThan(0);
    expect(log.parentMs).toBeLessThanOrEqual(log.ms + 1);
    expect(log).toMatchObject({
      status: "done",
      transform: "x.ts",
      inputs: [
        { name: "in.csv", bytes: CSV.length, sha256: sha256(CSV) },
        { name: "in2.csv", bytes: CSV_2.length, sha256: sha256(CSV_2) },
      ],
      output: "out.csv",
      rejects: "out.csv.rejects.jsonl",
      rows: { in: 3500, mapped: 3430, dropped: 0, rejected: 70, out: 3430 },
      firstFailure: { code: "row-field-count", file: "in.csv", line: 102 },
    });
  });

  test("counts rows of several outputs, dropped rows, and a failed run", async () => {
    const folder = binary.folder({ "in.csv": "n\n0\n1\n2\n3\n" });
    const many = "Array.from({ length: Number(n) }, () => ({ n }))";
    await folder.run(["-e", many, "in.csv", "--summary", "s.json"]);
    expect(JSON.parse(folder.read("s.json"))).toMatchObject({
      rows: { in: 4, mapped: 3, dropped: 1, rejected: 0, out: 6 },
    });
    await folder.run(["-e", "n.no.such", "in.csv", "--summary", "s.json"]);
    expect(JSON.parse(folder.read("s.json"))).toMatchObject({
      status: "failed",
      error: { code: "row-function", file: "in.csv", line: 2 },
    });
  });
});
