/**
 * Random tables, options and sizes of shards: what is planned, done in shards and merged has the bytes of one machine: output,
 * rejects and exit code; and what fails there fails here.
 *
 *     bun test/fuzz/shards.ts [--runs 500] [--kinds csv,parquet] [--only N] [--binary PATH] [--seed N]
 */
import { Database } from "bun:sqlite";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { Files, Folder } from "../cli/binary.ts";
import { type Harness, difference, eachOf, runCommand } from "../faults/harness.ts";
import { Random } from "../faults/random.ts";
import { bgzfOf } from "../io/bgzf-writer.ts";

type TextKind = "csv" | "tsv" | "jsonl";
type InputKind = TextKind | "parquet" | "db";
type Row = Record<string, string>;

const COLUMNS = ["k", "n", "s", "id"];
const TEXTS = ["", "x", " x ", 'a "b"', "a,b\n\nc", "\r\n", "näme", "=1+1", "7", "\t", "a\rb", "日本語", '"'];

const PROGRAMS = [
  "row",
  "{ k, n, id }",
  "{ id, k, n: n === '' ? null : Number(n), s: s + s }",
  "id % 3 ? row : null",
  "(row) => (row.id % 5 ? [row, { ...row, k: 'twice' }] : [])",
  "(row) => { if (row.id % 7 === 3) throw new Error('no ' + row.id); return { k: row.k, n: row.n, id: row.id }; }",
];

/** What is done with all rows: words of the command line, each set by itself. */
const STEPS = [
  [],
  [],
  ["--sort-by", "k,-n:num"],
  ["--sort-by", "s", "--limit", "9"],
  ["--group-by", "k", "--count", "--sum", "n", "--mean", "n", "--min", "n", "--distinct-count", "s"],
  ["--group-by", "k", "--median", "n", "--mode", "s", "--first-value", "s", "--last-value", "n", "--collect", "id"],
  ["--count", "--stddev", "n"],
  ["--count-distinct", "k,n"],
  ["--distinct"],
  ["--distinct=k,n"],
  ["--head-by", "k"],
  ["--top", "7", "--by", "-n,id"],
  ["--tail", "5"],
  ["--sample", "9", "--seed", "3"],
  ["--sample", "40%"],
  ["--shuffle", "--seed", "5"],
  ["--lag", "n,id:3", "--per", "k"],
  ["--lead", "id:2"],
  ["--cumsum", "n", "--cumcount", "--per", "k"],
  ["--moving-mean", "id:4"],
  ["--rank", "-n"],
  ["--share", "id"],
  ["--fill-down", "n,s"],
  ["--pivot", "k=n", "--pivot-with", "count"],
  ["--unpivot", "n,s"],
  ["--join", "table.csv", "--on", "k", "--kind", "left"],
  ["--first", "11"],
  ["--filter", "n !== ''"],
  ["--union"],
];
const OUTPUTS = ["csv", "csv", "tsv", "jsonl", "json", "md"];
const POLICIES = [["--on-error", "reject"], ["--on-error", "reject"], ["--on-error", "skip"], []];
const KEYS = ["a", "b", "", "k,1", "Ä"];

/** A run, without what says where it writes. */
interface Spread {
  files: Files;
  args: string[];
  output: string;
  shards: string[];
}

function tableOf(random: Random, first: number): Row[] {
  const rows = random.chance(0.1) ? random.below(3) : random.between(5, 120);
  return Array.from({ length: rows }, (_, at) => ({
    k: random.pick(KEYS),
    n: random.chance(0.1) ? "" : random.chance(0.02) ? "none" : String(random.below(40) - 9),
    s: random.chance(0.6) ? random.pick(TEXTS) : `text ${random.below(9)}`,
    id: String(first + at),
  }));
}

/** The text of a file; damaged here and there, where rows may fail. */
function textOf(random: Random, rows: readonly Row[], { kind, mayFail }: { kind: TextKind; mayFail: boolean }): string {
  const end = random.chance(0.2) ? "\r\n" : "\n";
  const isDamaged = (): boolean => mayFail && random.chance(0.02);
  if (kind === "jsonl") return rows.map((row) => (isDamaged() ? "{" : JSON.stringify(row)) + end).join("");
  const delimiter = kind === "csv" ? "," : "\t";
  const columns = random.chance(0.2) ? COLUMNS.toReversed() : COLUMNS;
  const quoted = (field: string): string =>
    /[",\t\r\n]/.test(field) || random.chance(0.1) ? `"${field.replaceAll('"', '""')}"` : field;
  const lines = rows.map((row) => {
    const line = columns.map((name) => quoted(row[name] ?? "")).join(delimiter);
    if (isDamaged()) return random.pick([`${line}${delimiter}more`, `x"y"${delimiter}1`, '"a" b']);
    return random.chance(0.02) ? `${end}${line}` : line;
  });
  const isCut = random.chance(0.2);
  return [columns.join(delimiter), ...lines].join(end) + (isCut ? "" : end);
}

/** A text as it is, or packed: as a whole, or in blocks that are found one by one. */
function packed(random: Random, text: string): { ending: string; content: Files[string] } {
  if (random.chance(0.7)) return { ending: "", content: text };
  if (random.chance(0.3)) return { ending: ".gz", content: gzipSync(text) };
  const lengths = Array.from({ length: random.between(1, 5) }, () => random.between(1, 900));
  return { ending: ".gz", content: bgzfOf(Buffer.from(text), lengths) };
}

/** Long texts, so that a table has parts, and cells, in which others may begin. */
const LONG_TEXT = "long, ".repeat(8000);

/** A table of its own kind, in row groups, or with row numbers of which many are missing. */
function tableFile(random: Random, rows: readonly Row[], kind: "parquet" | "db"): Uint8Array {
  const isLong = kind === "db" || random.chance(0.2);
  const long = rows.map(({ id = "" }) => (isLong ? `${id}${LONG_TEXT}` : id));
  if (kind === "parquet") {
    const columnData = [
      ...COLUMNS.map((name) => ({ name, data: rows.map((row) => row[name] ?? ""), type: "STRING" as const })),
      { name: "long", data: long, type: "STRING" as const },
    ];
    return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: random.between(1, 50) }));
  }
  using database = new Database(":memory:");
  database.run("CREATE TABLE t (k TEXT, n TEXT, s TEXT, id TEXT, long TEXT)");
  using insert = database.prepare("INSERT INTO t (rowid, k, n, s, id, long) VALUES (?, ?, ?, ?, ?, ?)");
  let number = -random.below(1000);
  for (const [at, row] of rows.entries()) {
    number += random.chance(0.1) ? random.between(1, 500) : 1;
    insert.run(number, ...COLUMNS.map((name) => row[name] ?? ""), long[at] ?? "");
  }
  return database.serialize();
}

/** Files of inputs, with what names them. */
function inputOf(
  random: Random,
  { kind, first, mayFail }: { kind: InputKind; first: number; mayFail: boolean },
): { file: string; name: string; content: Files[string] } {
  const rows = tableOf(random, 1000 * first);
  const file = `${first}.${kind}`;
  if (kind === "parquet" || kind === "db")
    return { file, name: kind === "db" ? `${file}#t` : file, content: tableFile(random, rows, kind) };
  const { ending, content } = packed(random, textOf(random, rows, { kind, mayFail }));
  return { file: `${file}${ending}`, name: `${file}${ending}`, content };
}

function spreadOf(random: Random, kinds: readonly InputKind[]): Spread {
  const kind = random.pick(kinds);
  const policy = random.pick(POLICIES);
  const mayFail = policy.length > 0;
  const files: Files = { "table.csv": "k,more\na,1\n,2\n" };
  const names: string[] = [];
  const count = random.chance(0.7) ? 1 : random.between(2, 3);
  for (let at = 0; at < count; at++) {
    const { file, name, content } = inputOf(random, { kind, first: at, mayFail });
    files[file] = content;
    names.push(name);
  }
  const code = random.chance(0.7) ? ["-e", random.pick(PROGRAMS)] : ["-e", "row"];
  const batch = random.chance(0.4) ? ["-b", String(random.pick([1, 3, 17, 1000]))] : [];
  const bytes = Object.values(files).reduce((sum: number, content) => sum + content.length, 0);
  const shards = random.chance(0.5)
    ? ["--shard-bytes", String(random.between(1, Math.max(2, bytes)))]
    : ["--shards", String(random.between(1, 9))];
  return {
    files,
    args: [...code, ...names, ...random.pick(STEPS), ...policy, ...batch],
    output: `out.${random.pick(OUTPUTS)}`,
    shards,
  };
}

/** What a run has left. */
function leftBy(folder: Folder, output: string): { rows: Uint8Array; rejects: Uint8Array } {
  const read = (name: string): Uint8Array =>
    existsSync(folder.at(name)) ? readFileSync(folder.at(name)) : Buffer.from("(none)");
  return { rows: read(output), rejects: read(`${output}.rejects.jsonl`) };
}

/** @returns The exit code of one machine. */
async function holds(harness: Harness, number: number, kinds: readonly InputKind[]): Promise<number> {
  const random = new Random(harness.seed, number + 1);
  const { files, args, output, shards } = spreadOf(random, kinds);
  const folder = harness.binary.folder(files);
  const jobs = ["-j", String(random.between(1, 2)), "-q"];
  const one = await folder.run([...args, "-o", output, ...jobs]);
  const wanted = leftBy(folder, output);
  for (const name of [output, `${output}.rejects.jsonl`]) rmSync(folder.at(name), { force: true });
  const to = output.split(".").at(-1) ?? "";
  const steps = [
    ["plan", ...args, "-o", "work", ...shards, "--to", to, "-q"],
    ["shard", "work", "all", ...jobs],
    ["merge", "work", "-o", output, ...jobs],
  ];
  let code = 0;
  let said = "";
  for (const step of steps) {
    const ran = await folder.run(step);
    code = ran.code;
    said += ran.stderr;
    if (code !== 0) break;
  }
  const found = leftBy(folder, output);
  const isWrong = one.code === 0 || one.code === 3 ? code !== one.code : code === 0 || code === 3;
  const why =
    (isWrong ? `exit code ${code}, wanted ${one.code}\n${said}\n--- one machine\n${one.stderr}` : undefined) ??
    difference("the output", found.rows, wanted.rows) ??
    difference("the rejects", found.rejects, wanted.rejects);
  if (why !== undefined)
    throw new Error(
      `run ${number} (--seed ${harness.seed} --only ${number}): ${why}\n--- in ${folder.path}\nrowmill ${args.join(" ")} -o ${output}\n${steps.map((step) => `rowmill ${step.join(" ")}`).join("\n")}`,
    );
  rmSync(folder.path, { recursive: true });
  return one.code;
}

const TEXTS_AND_TABLES: readonly InputKind[] = ["csv", "csv", "tsv", "jsonl", "parquet", "db"];

/** Carries out so many runs; ends with an error at the first difference. Tells how many ended with which exit code. */
export async function shardsAgainstOne(
  harness: Harness,
  numbers: Iterable<number>,
  kinds: readonly InputKind[] = TEXTS_AND_TABLES,
): Promise<Map<number, number>> {
  const codes = new Map<number, number>();
  await eachOf(numbers, 2, async (number) => {
    const code = await holds(harness, number, kinds);
    codes.set(code, (codes.get(code) ?? 0) + 1);
  });
  return codes;
}

if (import.meta.main) {
  await runCommand({ runs: "500", only: "", kinds: TEXTS_AND_TABLES.join(",") }, async (settings) => {
    const numbers =
      settings.text("only") === ""
        ? Array.from({ length: settings.number("runs") }, (_, at) => at)
        : [settings.number("only")];
    const codes = await shardsAgainstOne(settings, numbers, settings.text("kinds").split(",") as InputKind[]);
    for (const [code, count] of codes) console.log(`exit code ${code}: ${count}`);
    console.log("no difference");
  });
}
