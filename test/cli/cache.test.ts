/** `--cache`: which calls a second run makes, two runs at once, a run that is killed, and caches that are of no use. */
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { Database } from "bun:sqlite";
import { type Folder, installBinary } from "./binary.ts";

const binary = installBinary();

/** Writes down each call, and takes its time. */
const LOCATE = `import { appendFileSync } from "node:fs";
import { scale } from "./scale.ts";
export default async (row: { address: string }, { args }) => {
  appendFileSync("calls.txt", row.address + "\\n");
  await Bun.sleep(Number(args.ms ?? 0));
  if (row.address.startsWith("bad")) throw new Error("no such place");
  return { ...row, size: row.address.length * scale };
};
`;
const SCALE = "export const scale = 2;\n";

/** The calls since this was asked last, in an order of their own. */
function calls(folder: Folder): string[] {
  if (!existsSync(folder.at("calls.txt"))) return [];
  const all = folder.read("calls.txt").split("\n").slice(0, -1);
  folder.write({ "calls.txt": "" });
  return all.toSorted();
}

function located(csv: string): Folder {
  return binary.folder({ "locate.ts": LOCATE, "scale.ts": SCALE, "in.csv": csv });
}

const RUN = ["locate.ts", "in.csv", "--cache", "kept"];

describe("a second run", () => {
  test("calls the function for what is new to it", async () => {
    const folder = located("id,address\n1,Main\n2,Side\n");
    (await folder.run(RUN)).expect({ stdout: "id,address,size\n1,Main,8\n2,Side,8\n" });
    expect(calls(folder)).toEqual(["Main", "Side"]);
    // Other ids and columns are none of the function's business.
    folder.write({ "in.csv": "note,address,id\na,Side,9\nb,Main,10\nc,Rue,11\n" });
    (await folder.run(RUN)).expect({ stdout: "note,address,id,size\na,Side,9,8\nb,Main,10,8\nc,Rue,11,6\n" });
    expect(calls(folder)).toEqual(["Rue"]);
    (await folder.run([...RUN, "--summary", "log.json", "-q"])).expect({ stdout: /Rue/ });
    expect(JSON.parse(folder.read("log.json"))).toMatchObject({ cache: { hits: 3, misses: 0, unkept: 0 } });
  });

  test.each([
    ["its code", { "locate.ts": `${LOCATE}// changed\n` }, []],
    ["what it imports", { "scale.ts": "export const scale = 1 + 1;\n" }, []],
    ["an argument", {}, ["--arg", "ms=1"]],
  ])("calls it for all rows when %s has changed", async (_, files, words) => {
    const folder = located("address\nMain\nSide\n");
    (await folder.run(RUN)).expect({ stdout: /Main,8/ });
    calls(folder);
    folder.write(files);
    (await folder.run([...RUN, ...words])).expect({ stdout: "address,size\nMain,8\nSide,8\n" });
    expect(calls(folder)).toEqual(["Main", "Side"]);
    (await folder.run([...RUN, ...words])).expect({ stdout: /Main,8/ });
    expect(calls(folder)).toEqual([]);
  });

  test("finds the results of the same code in another folder", async () => {
    const folder = located("address\nMain\n");
    (await folder.run(RUN)).expect({ stdout: /Main,8/ });
    calls(folder);
    folder.write({ "other/locate.ts": LOCATE, "other/scale.ts": SCALE });
    (await folder.run(["other/locate.ts", "in.csv", "--cache", "kept"])).expect({ stdout: /Main,8/ });
    expect(calls(folder)).toEqual([]);
  });

  test("calls it again for rows that failed, and not for those that were called before --retries", async () => {
    const folder = located("address\nMain\nbad\n");
    const args = [...RUN, "--on-error", "skip", "--retries", "1", "-j", "1"];
    for (const expected of [
      ["Main", "bad", "bad"],
      ["bad", "bad"],
    ]) {
      (await folder.run(args)).expect({ code: 3, stdout: "address,size\nMain,8\n", stderr: ["no such place"] });
      expect(calls(folder)).toEqual(expected);
    }
  });

  test("of one worker, rows that are the same are called once", async () => {
    const folder = located("id,address\n1,Main\n2,Main\n3,Main\n");
    (await folder.run([...RUN, "-j", "1", "--arg", "ms=5"])).expect({ stdout: /3,Main,8/ });
    expect(calls(folder)).toEqual(["Main"]);
  });

  test("does not wait for the rate, which is that of calls", async () => {
    const addresses = Array.from({ length: 300 }, (_, at) => `Main ${at}\n`).join("");
    const folder = located(`address\n${addresses}`);
    (await folder.run(RUN)).expect({ stdout: /Main 299,16/ });
    folder.write({ "in.csv": `address\n${addresses}Side\n` });
    calls(folder);
    // At this rate all of them would take the best part of an hour; and their time begins with their call.
    (await folder.run([...RUN, "--rate", "5/m", "--timeout", "5s"])).expect({ stdout: /Side,8/ });
    expect(calls(folder)).toEqual(["Side"]);
  });
});

test("rows wait for their turn outside of their time", async () => {
  const folder = located("address\nA\nB\nC\nD\nE\n");
  const args = [...RUN, "--rate", "4/s", "--timeout", "900ms", "--arg", "ms=400", "-j", "1"];
  (await folder.run(args)).expect({ stdout: "address,size\nA,2\nB,2\nC,2\nD,2\nE,2\n" });
  expect(calls(folder)).toHaveLength(5);
}, 60_000);

test("what two runs at once have kept is all there", async () => {
  const addresses = Array.from({ length: 400 }, (_, at) => `Main ${at}\n`);
  const folder = located(`address\n${addresses.join("")}`);
  folder.write({ "half.csv": `address\n${addresses.slice(0, 200).join("")}` });
  const both = await Promise.all([folder.run(RUN), folder.run(["locate.ts", "half.csv", "--cache", "kept"])]);
  for (const ran of both) ran.expect({ stdout: /Main 199,16/ });
  calls(folder);
  (await folder.run(RUN)).expect({ stdout: both[0]?.stdout ?? "" });
  expect(calls(folder)).toEqual([]);
});

test("what was kept before a kill is used", async () => {
  const folder = located(`address\n${Array.from({ length: 2000 }, (_, at) => `Main ${at}\n`).join("")}`);
  const run = folder.start([...RUN, "-o", "out.csv", "--arg", "ms=20", "-j", "2"]);
  while (!existsSync(folder.at("calls.txt")) || folder.read("calls.txt").split("\n").length < 300) await Bun.sleep(10);
  run.kill("SIGKILL");
  await run.exited;
  const before = calls(folder);
  (await folder.run(["cache", "info", "kept"])).expect({ stdout: /^results: +\d+\n/ });
  (await folder.run([...RUN, "-o", "out.csv", "--arg", "ms=20", "--restart"])).expect({});
  const behind = calls(folder);
  expect(new Set([...before, ...behind]).size).toBe(2000);
  // What was under way for a tenth of a second, and no more.
  expect(behind.length).toBeLessThan(2000);
}, 120_000);

describe("a cache that is of no use", () => {
  test.each([
    ["no database", "this is no database, but a text that somebody has put here\n".repeat(100), "its file is damaged"],
    ["another's database", undefined, "is no cache of Rowmill's"],
  ])("%s ends the run before anything is called", async (_, text, said) => {
    const folder = located("address\nMain\n");
    folder.write({ "kept/results.sqlite": text ?? "" });
    if (text === undefined) {
      const other = new Database(folder.at("kept/results.sqlite"));
      other.run("CREATE TABLE people (name)");
      other.close();
    }
    (await folder.run(RUN)).expect({ code: 1, stderr: ["cannot use the cache kept", said, "hint: "] });
    expect(calls(folder)).toEqual([]);
  });

  test("another version's", async () => {
    const folder = located("address\nMain\n");
    (await folder.run(RUN)).expect({ stdout: /Main,8/ });
    const database = new Database(folder.at("kept/results.sqlite"));
    database.run("PRAGMA user_version = 7");
    database.close();
    (await folder.run(RUN)).expect({
      code: 1,
      stderr: ["was made by another version of Rowmill (its form is 7, not 1)"],
    });
  });

  test("one that is damaged within is gone without, which is said once", async () => {
    const folder = located(`address\n${Array.from({ length: 2000 }, (_, at) => `Main ${at}\n`).join("")}`);
    const whole = await folder.run(RUN);
    whole.expect({ stdout: /Main 1999,18/ });
    // What lies in the log goes into the file.
    (await folder.run(["cache", "prune", "kept"])).expect({ stdout: /^dropped 0 of 2,000 results/ });
    const path = folder.at("kept/results.sqlite");
    const bytes = await Bun.file(path).bytes();
    bytes.fill(0xa5, 8192);
    await Bun.write(path, bytes);
    const again = await folder.run(RUN);
    again.expect({ stdout: whole.stdout, stderr: ["note: the cache kept cannot be read: its file is damaged"] });
    expect(again.stderr.match(/note:/g)).toHaveLength(1);
  });

  test("one on a full disk: the run goes on, and says so once", async () => {
    const folder = located(`address\n${Array.from({ length: 2000 }, (_, at) => `Main ${at}\n`).join("")}`);
    (await folder.run(["locate.ts", "in.csv", "--cache", "kept", "--first", "1"])).expect({ stdout: /Main 0,12/ });
    // No file may grow beyond 64 KiB.
    const words = ["bash", "-c", "ulimit -f 64; trap '' XFSZ; exec rowmill locate.ts in.csv --cache kept"];
    const ran = Bun.spawnSync(words, { cwd: folder.path, env: binary.environment });
    expect(ran.stdout.toString().split("\n")).toHaveLength(2002);
    expect(ran.stderr.toString().match(/note: the cache kept cannot be written: [^\n]+\n/g)).toHaveLength(1);
    expect(ran.exitCode).toBe(0);
  });
});

describe("what cannot be kept is refused", () => {
  test.each([
    ["a filter alone", ["--filter", "address", "in.csv"], {}, 2, "and there is none"],
    ["a number of the row", ["-e", "({ n: i })", "in.csv"], {}, 1, "the code looks at ctx.index"],
    [
      "a function of many rows",
      ["x.ts", "in.csv"],
      { "x.ts": "export const batch = (rows) => rows;" },
      1,
      "exports batch",
    ],
    [
      "a counter",
      ["x.ts", "in.csv", "-j", "1"],
      { "x.ts": "let n = 0;\nexport default (row) => ({ ...row, n: n++ });" },
      1,
      "the function changes n from row to row",
    ],
    [
      "a fold",
      ["x.ts", "in.csv"],
      {
        "x.ts": "export const reduce = { init: () => [], step: (all, row) => all, merge: (a) => a, finish: (a) => a };",
      },
      1,
      "the transform has none",
    ],
    ["rows that it emits", ["-e", "row", "in.csv", "--emit", "a=a.csv"], {}, 2, "--cache keeps results, and not"],
  ])("%s", async (_, args, files, code, said) => {
    const folder = binary.folder({ "in.csv": "address\nMain\n", ...files });
    (await folder.run([...args, "--cache", "kept"])).expect({ code, stderr: [said, "hint: "] });
  });
});

test("late imports are no part of a key: nothing is kept behind them", async () => {
  const code = `import { appendFileSync } from "node:fs";
export default async ({ n }) => {
  appendFileSync("calls.txt", n + "\\n");
  return { n: (await import("./late.ts")).late(n) };
};`;
  const folder = binary.folder({ "x.ts": code, "late.ts": "export const late = (n) => n + 1;", "in.csv": "n\n1\n2\n" });
  for (let run = 0; run < 2; run++) {
    const ran = await folder.run(["x.ts", "in.csv", "--cache", "kept"]);
    ran.expect({ stdout: "n\n2\n3\n", stderr: [/note: the transform imports \S+late\.ts when rows run/] });
    expect(calls(folder)).toEqual(["1", "2"]);
  }
});

test("--dry-run says what results go by, and makes nothing", async () => {
  const folder = located("id,address\n1,Main\n");
  (await folder.run([...RUN, "--dry-run"])).expect({ stdout: /→ cache kept by address → map locate\.ts →/ });
  expect(folder.names()).toEqual(["in.csv", "locate.ts", "scale.ts"]);
});

test("rowmill cache says what there is, and drops what is old or too much", async () => {
  const folder = located("address\nMain\nSide\n");
  (await folder.run(RUN)).expect({ stdout: /Side,8/ });
  (await folder.run([...RUN, "--progress", "always"])).expect({
    stdout: /Side,8/,
    stderr: [/\n {2}cache: 2 results found, 0 calls\n/],
  });
  (await folder.run(["cache", "info", "kept"])).expect({
    stdout: /^results: +2\nbytes: +[\d,]+ \([\d.]+ KB\).*\noldest: .*\nnewest: .*\n$/,
  });
  (await folder.run(["cache", "prune", "kept", "--older-than", "30d"])).expect({ stdout: /^dropped 0 of 2 results/ });
  (await folder.run(["cache", "prune", "kept", "--older-than", "1ms"])).expect({ stdout: /^dropped 2 of 2 results/ });
  (await folder.run(["cache", "info", "nowhere"])).expect({ code: 2, stderr: ["nowhere holds no cache"] });
  (await folder.run(["cache", "drop", "kept"])).expect({ code: 2, stderr: ['"drop" is neither info nor prune'] });
});
