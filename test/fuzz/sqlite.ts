/**
 * Damaged databases of SQLite: each gives rows, or ends with an error that says what is wrong, in time and in bounded memory,
 * whether it is read or written. What rows a damaged one gives is the driver's affair: only that ours ends well is looked at.
 *
 *     bun test/fuzz/sqlite.ts [--runs 100000] [--seed N]
 *
 * Prints the seed, and how many were read, refused and written; the first that ends otherwise ends with exit code 1, and is
 * left in a file.
 */
import { Database } from "bun:sqlite";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { RowmillError } from "../../src/errors.ts";
import { openSqliteTable } from "../../src/databases/sqlite/open.ts";
import { NextRowError } from "../../src/sources/source.ts";
import { openSqlite } from "../../src/sources/sqlite/open.ts";
import { Random } from "../faults/random.ts";
import { fieldsOfSource } from "../sources/sqlite/read-all.ts";

const MOST_MS = 10_000;
const MOST_BYTES = 1 << 30;
/** A damaged tree may lead to its pages again and again: so much is read of it. */
const MOST_READ = 4 << 20;

/** What the process that reads says, before a run and at its end. */
type Said = { run: number } | { mistake: string } | { counts: Record<string, number> };

interface Task {
  seed: number;
  runs: number;
  /** Where the database lies that is read. */
  path: string;
}

const INSIDE = "--inside";

if (process.argv[2] === INSIDE) await fuzz(JSON.parse(process.argv[3] ?? "") as Task);
else await watch();

/** Runs in a process of its own: it is seen when that hangs, or breaks down. */
async function watch(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "100000" },
      seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "rowmill-fuzz-"));
  const task: Task = { seed: Number(values.seed), runs: Number(values.runs), path: join(folder, "app.db") };
  console.log(`seed ${task.seed}, ${task.runs} runs`);
  let run = 0;
  let timer: NodeJS.Timeout | undefined;
  let mistake: string | undefined;
  let isDone = false;
  const child = Bun.spawn([process.execPath, import.meta.path, INSIDE, JSON.stringify(task)], {
    stdio: ["ignore", "inherit", "inherit"],
    ipc: (said: Said) => {
      clearTimeout(timer);
      if ("run" in said) {
        run = said.run;
        timer = setTimeout(() => {
          mistake = `it takes more than ${MOST_MS} ms`;
          child.kill("SIGKILL");
        }, MOST_MS);
      } else if ("mistake" in said) mistake = said.mistake;
      else {
        isDone = true;
        const counts = Object.entries(said.counts).map(([what, count]) => `${count} ${what}`);
        console.log(counts.join(", "));
      }
    },
  });
  const code = await child.exited;
  clearTimeout(timer);
  if (!isDone) mistake ??= `the process has ended: ${child.signalCode ?? code}`;
  if (mistake !== undefined) {
    const kept = join(tmpdir(), `rowmill-fuzz-${task.seed}-${run}.db`);
    copyFileSync(task.path, kept);
    console.error(`run ${run}: ${mistake}\nthe file: ${kept}`);
    process.exitCode = 1;
  }
  rmSync(folder, { recursive: true, force: true });
}

function say(said: Said): void {
  process.send?.(said);
}

async function fuzz({ seed, runs, path }: Task): Promise<void> {
  const random = new Random(seed);
  const counts = { read: 0, refused: 0, written: 0, "not written": 0 };
  for (let run = 0; run < runs; run++) {
    for (const behind of ["-journal", "-wal", "-shm"]) rmSync(path + behind, { force: true });
    writeFileSync(path, damaged(someDatabase(random), random));
    if (random.chance(0.05)) writeFileSync(`${path}-journal`, someJournal(readFileSync(path), random));
    say({ run });
    let mistake = await read(path, random, counts);
    if (random.chance(0.3)) mistake ??= write(path, random, counts);
    if (process.memoryUsage.rss() > MOST_BYTES) mistake ??= "it takes more than 1 GiB";
    if (mistake !== undefined) {
      say({ mistake });
      return;
    }
  }
  say({ counts });
}

type Counts = Record<"read" | "refused" | "written" | "not written", number>;

async function read(path: string, random: Random, counts: Counts): Promise<string | undefined> {
  const member = random.pick(["t", "t", "t", "u", "w", "v", undefined]);
  const sql = random.chance(0.1)
    ? random.pick(["SELECT * FROM t ORDER BY a", "SELECT count(*), max(b) FROM t"])
    : undefined;
  const input = { name: "app.db", path, ...(member !== undefined && { member }), ...(sql !== undefined && { sql }) };
  try {
    await fieldsOfSource(openSqlite({ kind: "sqlite", input, settings: {} }), MOST_READ);
    counts.read++;
    return undefined;
  } catch (error) {
    counts.refused++;
    return error instanceof NextRowError ? undefined : mistakeOf(error, "input");
  }
}

function write(path: string, random: Random, counts: Counts): string | undefined {
  const table = random.pick(["t", "u", "new"]);
  const replaces = random.chance(0.3);
  try {
    const target = openSqliteTable({
      kind: "sqlite",
      name: "app.db",
      path,
      table,
      replaces,
      onConflict: "fail",
      inputs: [],
    });
    try {
      void target.write(Buffer.from('"a","b"\n1,"x"\n,"y"\n'));
      void target.commit();
    } catch (error) {
      void target.abandon();
      throw error;
    }
    counts.written++;
    return undefined;
  } catch (error) {
    counts["not written"]++;
    return mistakeOf(error, "output");
  }
}

/** What the driver says is put into words by the thread. */
function mistakeOf(error: unknown, code: string): string | undefined {
  const isSaid = error instanceof RowmillError ? error.code === code : Object(error).name === "SQLiteError";
  return isSaid ? undefined : Bun.inspect(error);
}

function someDatabase(random: Random): Buffer {
  const database = new Database(":memory:");
  database.run(`PRAGMA page_size = ${random.pick([512, 512, 1024, 4096])}`);
  database.run(`PRAGMA encoding = '${random.pick(["UTF-8", "UTF-8", "UTF-16le", "UTF-16be"])}'`);
  database.run(`PRAGMA auto_vacuum = ${random.pick(["NONE", "FULL"])}`);
  database.run(`CREATE TABLE t (a ${random.pick(["INTEGER PRIMARY KEY", "", "TEXT", "REAL"])}, b TEXT, c)`);
  database.run("CREATE TABLE u (a INTEGER, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID");
  if (random.chance(0.3)) database.run("CREATE INDEX i ON t (b)");
  if (random.chance(0.3)) database.run("CREATE VIEW v AS SELECT b, count(*) AS n FROM t GROUP BY b");
  if (random.chance(0.2)) database.run("CREATE TABLE w (a, b AS (a || 'x'), c DEFAULT 1)");
  const text = (): string => "text é 😀, ".repeat(random.below(random.chance(0.1) ? 300 : 4));
  const some = (): string | number | bigint | Uint8Array | null =>
    random.pick([
      () => null,
      () => random.below(1000),
      () => random.next() * 1e6,
      () => BigInt(random.below(2 ** 31)) << 31n,
      text,
      () => new Uint8Array(random.below(40)),
    ])();
  const insert = database.prepare("INSERT INTO t VALUES (?, ?, ?)");
  const beside = database.prepare("INSERT INTO u VALUES (?, ?)");
  for (let row = random.below(random.chance(0.2) ? 400 : 30); row > 0; row--) {
    insert.run(row, text(), some());
    if (random.chance(0.3)) beside.run(row, text());
  }
  // Pages that are free again.
  if (random.chance(0.2)) database.run("DELETE FROM t WHERE rowid % 3 = 0");
  insert.finalize();
  beside.finalize();
  const bytes = database.serialize();
  database.close();
  return bytes;
}

/** Changes bytes where they matter: in the head of the file, at the beginnings of pages, in cells; or cuts and repeats. */
function damaged(bytes: Buffer, random: Random): Buffer {
  let wrong = Buffer.from(bytes);
  const pageSize = bytes.readUInt16BE(16);
  const pages = Math.floor(bytes.length / pageSize);
  for (let times = random.pick([1, 1, 2, 3]); times > 0 && wrong.length > 100; times--) {
    // A page may be cut off by now.
    const page = Math.min(random.below(pages) * pageSize, wrong.length - 1);
    const end = Math.min(page + 60, wrong.length);
    const at = random.below(wrong.length);
    const size = random.between(1, 16);
    const byte = random.pick([0, 1, 127, 128, 255, random.below(256)]);
    const kinds = [
      () => wrong.fill(byte, page, Math.min(page + random.between(1, 12), end)),
      () => wrong.fill(byte, page + random.below(end - page), end),
      () => set(wrong, 16 + random.below(84), byte),
      () => set(wrong, at, byte),
      () => set(wrong, at, (wrong[at] ?? 0) ^ (1 << random.below(8))),
      () => wrong.subarray(0, at),
      () => Buffer.concat([wrong.subarray(0, at), wrong.subarray(at, at + size), wrong.subarray(at)]),
      () => Buffer.concat([wrong.subarray(0, at), wrong.subarray(at + size)]),
      // A page in the place of another one.
      () => {
        const from = random.below(pages) * pageSize;
        bytes.copy(wrong, page, from, from + pageSize);
        return wrong;
      },
    ];
    wrong = Buffer.from(random.pick(kinds)());
  }
  return wrong;
}

function set(bytes: Buffer, at: number, byte: number): Buffer {
  bytes[at] = byte;
  return bytes;
}

/** What a program may have left that was cut off. */
function someJournal(bytes: Buffer, random: Random): Buffer {
  const head = Buffer.alloc(512);
  Buffer.from("d9d505f920a163d7", "hex").copy(head);
  head.writeUInt32BE(random.pick([1, 2, 0xffffffff]), 8);
  head.writeUInt32BE(random.below(10), 12);
  head.writeUInt32BE(random.below(100), 16);
  head.writeUInt32BE(random.pick([512, 1, 0]), 20);
  head.writeUInt32BE(random.pick([512, 1024, 4096, 7]), 24);
  return Buffer.concat([head, bytes.subarray(0, random.below(bytes.length + 1))]);
}
