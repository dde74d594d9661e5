/**
 * Steps on many rows against DuckDB, on random tables: sort, top, distinct, joins, figures of groups, windows, pivots. Where the
 * two differ on purpose, as docs/guide.md says, the query says what ours means.
 *
 *     ROWMILL_BENCH_PEERS=FOLDER bun test/fuzz/duckdb.ts [--runs 500] [--seed N] [--binary PATH]
 *
 * FOLDER is made by `bun run bench --install-peers FOLDER`. Prints the seed; the first difference is shown, with exit code 1.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { INSTALL_COMMAND, NPM_PEERS, installedVersions } from "../bench/npm-peers.ts";
import { Random } from "../faults/random.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "500" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    binary: { type: "string", default: join(import.meta.dir, "../../dist/rowmill") },
  },
});
const peers = process.env["ROWMILL_BENCH_PEERS"] ?? "";
const peer = NPM_PEERS.find(({ name }) => name === "duckdb");
const versions = peer && installedVersions(peer, peers);
if (versions === undefined) {
  console.error(`DuckDB is not in ROWMILL_BENCH_PEERS (${peers || "not set"}): ${INSTALL_COMMAND}`);
  process.exit(2);
}
const seed = Number(values.seed);
const runs = Number(values.runs);
const binary = resolve(values.binary);
console.log(`seed ${seed}, ${runs} runs, against ${versions}`);

const folder = mkdtempSync(join(tmpdir(), "rowmill-duckdb-"));
const child = Bun.spawn(["node", join(import.meta.dir, "../bench/peers/duckdb-rows.mjs"), peers], {
  stdin: "pipe",
  stdout: "pipe",
  stderr: "inherit",
});
const answers = linesOf(child.stdout);

/** What DuckDB gives, as JSON. */
type Value = string | number | boolean | null;

/** One way to ask both. */
interface Task {
  /** What the binary is told beside the input. */
  words: string[];
  /** The query. `t` is the table, with its row number `i`; empty fields are NULL, all else is text; `n` is a number. */
  sql: string;
  /** Columns whose numbers DuckDB computes in binary. */
  isNear?: boolean;
}

/** Texts that look like numbers, and such as are in order by code points alone. */
const KEYS = ["a", "b", "B", "7", "07", "7.0", "é", "z z", "\u{1F600}", "\uFF5E", "", ""];
const TABLE_COLUMNS = "i, k, g, n, t";

function randomTable(random: Random, rows: number): string {
  const lines = ["id,k,g,n,t"];
  for (let row = 0; row < rows; row++) {
    const number = random.chance(0.1) ? "" : (random.between(-5000, 5000) / random.pick([1, 10, 100])).toString();
    const text = random.chance(0.1) ? "" : `t${random.below(20)}`;
    lines.push([row, random.pick(KEYS), `g${random.below(4)}`, number, text].join(","));
  }
  return `${lines.join("\n")}\n`;
}

function randomSide(random: Random): string {
  const lines = ["k,more"];
  for (let row = 0; row < random.between(1, 12); row++) lines.push(`${random.pick(KEYS)},m${row}`);
  return `${lines.join("\n")}\n`;
}

/** A direction, as both write it; what is empty comes last either way. */
function order(random: Random, column: string, sql: string): [ours: string, theirs: string] {
  return random.chance(0.5) ? [column, `${sql} ASC NULLS LAST`] : [`-${column}`, `${sql} DESC NULLS LAST`];
}

type MakeTask = (random: Random) => Task;

const TASKS: Record<string, MakeTask> = {
  sort: (random) => {
    const [first, byFirst] = random.pick([order(random, "n", "n"), order(random, "k", "k")]);
    const [second, bySecond] = order(random, "t", "t");
    return {
      words: ["--sort-by", `${first},${second}`, ...(random.chance(0.3) ? ["--memory", "1M"] : [])],
      sql: `SELECT ${TABLE_COLUMNS} FROM t ORDER BY ${byFirst}, ${bySecond}, i`,
    };
  },
  top: (random) => {
    const [by, byTheirs] = order(random, "n", "n");
    const count = random.between(1, 9);
    return {
      words: ["--top", String(count), "--by", by],
      sql: `SELECT ${TABLE_COLUMNS} FROM t ORDER BY ${byTheirs}, i LIMIT ${count}`,
    };
  },
  distinct: () => ({
    words: ["--distinct=k,g"],
    sql: `SELECT ${TABLE_COLUMNS} FROM t QUALIFY row_number() OVER (PARTITION BY k, g ORDER BY i) = 1 ORDER BY i`,
  }),
  "count distinct": () => ({
    words: ["--count-distinct", "k,g"],
    sql: "SELECT k, g, count(*) FROM t GROUP BY k, g ORDER BY min(i)",
  }),
  join: (random) => {
    const kind = random.pick(["inner", "left", "semi", "anti"] as const);
    const more = kind === "inner" || kind === "left" ? ", s.more" : "";
    const last = kind === "inner" || kind === "left" ? ", s.j" : "";
    return {
      words: ["--join", join(folder, "side.csv"), "--on", "k", "--kind", kind],
      sql: `SELECT t.i, t.k, t.g, t.n, t.t${more} FROM t ${kind.toUpperCase()} JOIN s ON t.k = s.k ORDER BY t.i${last}`,
    };
  },
  figures: (random) => {
    const at = random.pick([0, 0.1, 0.5, 0.95, 1]);
    return {
      words:
        `--group-by g --count --sum n --mean n --min n --max n --median n --quantile n:${at} --var n --stddev n --distinct-count t`.split(
          " ",
        ),
      sql: `SELECT g, count(*), coalesce(sum(n), 0), avg(n), min(n), max(n), median(n), quantile_cont(n, ${at}), var_samp(n), stddev_samp(n), count(DISTINCT t)
        FROM t GROUP BY g ORDER BY min(i)`,
      isNear: true,
    };
  },
  windows: () => ({
    words: ["--lag", "n", "--lead", "n:2", "--cumsum", "n", "--cumcount", "--per", "g"],
    sql: `SELECT ${TABLE_COLUMNS}, lag(n) OVER w, lead(n, 2) OVER w, sum(n) OVER w, count(*) OVER w
      FROM t WINDOW w AS (PARTITION BY g ORDER BY i) ORDER BY i`,
    isNear: true,
  }),
  "moving mean": (random) => {
    const size = random.between(1, 6);
    return {
      words: ["--moving-mean", `n:${size}`, "--per", "g"],
      sql: `SELECT ${TABLE_COLUMNS}, avg(n) OVER (PARTITION BY g ORDER BY i ROWS ${size - 1} PRECEDING) FROM t ORDER BY i`,
      isNear: true,
    };
  },
  rank: () => ({
    words: ["--rank", "-n", "--per", "g"],
    sql: `SELECT ${TABLE_COLUMNS}, rank() OVER (PARTITION BY g ORDER BY n DESC NULLS LAST) FROM t ORDER BY i`,
  }),
  "fill down": () => ({
    words: ["--fill-down", "t", "--per", "g"],
    sql: `SELECT i, k, g, n, last_value(t IGNORE NULLS) OVER (PARTITION BY g ORDER BY i) FROM t ORDER BY i`,
  }),
  pivot: () => ({
    words: ["-e", "{ t, g, n }", "--pivot", "g=n", "--pivot-with", "sum"],
    sql: "PIVOT",
    isNear: true,
  }),
};

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

async function query(sql: string): Promise<Value[][]> {
  await child.stdin.write(`${JSON.stringify(sql)}\n`);
  await child.stdin.flush();
  const { value } = await answers.next();
  const answer = JSON.parse(value ?? "{}") as { rows?: Value[][]; error?: string };
  if (answer.rows === undefined) throw new Error(`DuckDB: ${answer.error}\n${sql}`);
  return answer.rows;
}

/** Reads a table of texts, in which what is empty is NULL, with the number of each row. */
function load(name: string, path: string, columns: string, number: string): string {
  return `CREATE OR REPLACE TABLE ${name} AS SELECT ${number}, ${columns}
    FROM read_csv('${path}', all_varchar = true, header = true, parallel = false, delim = ',', quote = '"', nullstr = '')`;
}

/** Fields of ours, with nothing for what is empty. */
function fieldsOf(text: string): string[][] {
  return text
    .split("\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => line.split(","));
}

function isSame(ours: string, theirs: Value | undefined, isNear: boolean): boolean {
  const other = theirs === null || theirs === undefined ? "" : String(theirs);
  if (ours === other) return true;
  if (ours === "" || other === "") return false;
  const [a, b] = [Number(ours), Number(other)];
  if (Number.isNaN(a) || Number.isNaN(b)) return false;
  return a === b || (isNear && Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b)));
}

/** A pivot in SQL: a column for each group that there is, in the order in which they come first. */
function pivotSql(groups: Value[][]): string {
  const columns = groups.map(([group]) => `sum(n) FILTER (g = '${String(group)}')`);
  return `SELECT t, ${columns.join(", ")} FROM t GROUP BY t ORDER BY min(i)`;
}

let compared = 0;
try {
  for (let run = 0; run < runs; run++) {
    const random = new Random(seed, run);
    const [table, side] = [join(folder, "table.csv"), join(folder, "side.csv")];
    writeFileSync(table, randomTable(random, random.pick([1, 2, 7, 60, 400])));
    writeFileSync(side, randomSide(random));
    const [name, make] = random.pick(Object.entries(TASKS));
    const task = make(random);
    await query(load("t", table, "k, g, TRY_CAST(n AS DOUBLE) AS n, t", "CAST(id AS BIGINT) AS i"));
    await query(load("s", side, "k, more", "row_number() OVER () AS j"));
    const sql = task.sql === "PIVOT" ? pivotSql(await query("SELECT g FROM t GROUP BY g ORDER BY min(i)")) : task.sql;
    const theirs = await query(sql);
    const jobs = random.pick(["1", "2", "3"]);
    const words = [binary, "-j", jobs, "-q", ...task.words, ...(task.words[0] === "-e" ? [] : ["-e", "row"]), table];
    // Without an expression steps are of the rows as they are.
    const line =
      name === "figures" || name === "count distinct" ? words.filter((word) => word !== "-e" && word !== "row") : words;
    const ours = Bun.spawnSync(line);
    const rows = fieldsOf(ours.stdout.toString());
    const width = theirs[0]?.length ?? 0;
    const differs = rows.findIndex((fields, at) => {
      const other = theirs[at] ?? [];
      return Array.from({ length: width }, (_, column) => column).some(
        (column) => !isSame(fields[column] ?? "", other[column], task.isNear === true),
      );
    });
    if (ours.exitCode === 0 && rows.length === theirs.length && differs < 0) {
      compared += rows.length;
      continue;
    }
    console.error(`run ${run}, ${name}: ${line.join(" ")}\n${sql}`);
    console.error(`exit ${ours.exitCode} ${ours.stderr.toString()}${rows.length} rows, DuckDB ${theirs.length}`);
    const at = Math.max(differs, 0);
    console.error(`row ${at}: ${JSON.stringify(rows[at])}, DuckDB ${JSON.stringify(theirs[at])}`);
    process.exitCode = 1;
    break;
  }
  if (process.exitCode !== 1) console.log(`${runs} runs, ${compared} rows compared, no difference`);
} finally {
  child.kill();
  rmSync(folder, { recursive: true, force: true });
}
