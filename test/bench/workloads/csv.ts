// Rows of CSV: projection, every column, filters; and what accents, quotes and a schema cost.
import {
  type Contender,
  duckdb,
  miller,
  parallel,
  type Places,
  polars,
  python,
  rowmill,
  rowmillRun,
  sqlText,
  type Workload,
} from "../workload.ts";

/** A script of test/bench/peers for Bun, on one core: its name before the paths of input and output. */
function plainBun(library: string, by: "bun" | "udsv", script: string): Contender {
  const command = (at: Places): string[] => {
    const words = by === "bun" ? [...at.peer("bun"), at.script(script)] : at.peer(by);
    return [...words, at.input("wide"), at.out];
  };
  return { name: `plain Bun with ${library}`, by, writes: "file", command };
}

const WIDE: Workload = {
  name: "wide",
  title: "two of ten columns and arithmetic, 2 M rows, 220 MB",
  isLight: true,
  inputs: ["wide"],
  agreement: "csv-rows",
  contenders: [
    rowmillRun("Rowmill", "ages.ts", "wide"),
    duckdb((at) => `SELECT name, 2017 - born AS age FROM read_csv(${sqlText(at.input("wide"))})`),
    polars("wide", "wide"),
    miller("wide", ["cut", "-f", "name,born", "then", "put", "$age = 2017 - $born", "then", "cut", "-x", "-f", "born"]),
    python("Python Pool.imap", "wide", ["pool_wide.py", "imap"]),
    python("Python Pool.map", "wide", ["pool_wide.py", "map"]),
    plainBun("csv-parse", "bun", "plain-csv-parse.ts"),
    plainBun("udsv", "udsv", "plain-udsv.mjs"),
    {
      name: "wc -l",
      by: "wc",
      writes: "stdout",
      isFloor: true,
      command: (at) => [...at.peer("wc"), "-l", at.input("wide")],
    },
  ],
  ratios: [
    { ours: "Rowmill", other: "DuckDB", atLeast: 2 },
    { ours: "Rowmill", other: "Miller", atLeast: 12 },
    { ours: "Rowmill", other: "Python Pool.imap", atLeast: 40 },
    { ours: "Rowmill", other: "Python Pool.map" },
    { ours: "Rowmill", other: "polars" },
    { ours: "Rowmill", other: "plain Bun with csv-parse" },
    { ours: "Rowmill", other: "plain Bun with udsv" },
    { ours: "Rowmill", other: "wc -l" },
  ],
};

const SPREAD: Workload = {
  name: "spread",
  title: "every column and one more, 1 M rows × 5",
  isLight: true,
  inputs: ["narrow"],
  agreement: "csv-rows",
  contenders: [
    rowmillRun("Rowmill", "spread.ts", "narrow"),
    duckdb((at) => `SELECT *, 2017 - born AS age FROM read_csv(${sqlText(at.input("narrow"))})`),
    polars("spread", "narrow"),
    miller("narrow", ["put", "$age = 2017 - $born"]),
    // Right for this file only, which has no quotes. The header is in the first piece.
    parallel("mawk", "narrow", `mawk -F, '$1 == "id" { print $0 ",age"; next } { print $0 "," (2017 - $3) }'`),
  ],
  ratios: [
    { ours: "Rowmill", other: "DuckDB", atLeast: 1 / 0.8 },
    { ours: "Rowmill", other: "Miller", atLeast: 3 },
    { ours: "Rowmill", other: "polars" },
    { ours: "Rowmill", other: "GNU parallel with mawk" },
  ],
};

const FILTER: Workload = {
  name: "filter",
  title: "filter that keeps 10 % of 2 M rows, whole rows of ten columns",
  isLight: true,
  inputs: ["wide"],
  agreement: "csv-rows",
  contenders: [
    rowmill("Rowmill --filter", (at) => ["--filter", "born >= 1980", at.input("wide")]),
    rowmillRun("Rowmill run", "late.ts", "wide"),
    // As text, or DuckDB would write 5.1 for 5.10; it is also the faster way.
    duckdb((at) => {
      const rows = `read_csv(${sqlText(at.input("wide"))}, all_varchar = true)`;
      return `SELECT * FROM ${rows} WHERE born::INTEGER >= 1980`;
    }),
    polars("filter", "wide"),
    miller("wide", ["filter", "$born >= 1980"]),
  ],
  ratios: [
    { ours: "Rowmill --filter", other: "DuckDB", atLeast: 2 },
    { ours: "Rowmill run", other: "DuckDB", atLeast: 2 },
    { ours: "Rowmill --filter", other: "Miller" },
    { ours: "Rowmill --filter", other: "polars" },
  ],
};

const ACCENTS: Workload = {
  name: "accents",
  title: "the wide file, names with accents in every row",
  inputs: ["accented", "ascii"],
  agreement: "none",
  contenders: [rowmillRun("accents", "ages.ts", "accented"), rowmillRun("ASCII only", "ages.ts", "ascii")],
  ratios: [{ ours: "accents", other: "ASCII only", atLeast: 0.6 }],
};

const QUOTED: Workload = {
  name: "quoted",
  title: "the wide file, every field in quotes",
  inputs: ["quoted", "wide"],
  agreement: "bytes",
  contenders: [rowmillRun("quoted", "ages.ts", "quoted"), rowmillRun("as needed", "ages.ts", "wide")],
  ratios: [{ ours: "quoted", other: "as needed", atLeast: 0.6 }],
};

const SCHEMA: Workload = {
  name: "schema",
  title: "the wide file, a zod schema of the two columns",
  inputs: ["wide"],
  agreement: "bytes",
  contenders: [rowmillRun("schema", "scientists.ts", "wide"), rowmillRun("no schema", "ages.ts", "wide")],
  ratios: [{ ours: "schema", other: "no schema", atLeast: 0.5 }],
};

const FULL_SCHEMA: Workload = {
  name: "full-schema",
  title: "the wide file, a zod schema of all ten columns",
  inputs: ["wide"],
  agreement: "bytes",
  contenders: [rowmillRun("schema", "wide-schema.ts", "wide"), rowmillRun("no schema", "copy.ts", "wide")],
  ratios: [{ ours: "schema", other: "no schema", atLeast: 0.5 }],
};

const TENFOLD: Workload = {
  name: "tenfold",
  title: "10 × the rows: 40 M against 4 M, 4 GB against 400 MB",
  inputs: ["large", "huge"],
  agreement: "none",
  contenders: [rowmillRun("4 M rows", "ages.ts", "large"), rowmillRun("40 M rows", "ages.ts", "huge")],
  ratios: [{ ours: "4 M rows", other: "40 M rows", atMost: 10.5 }],
};

/** In the order of the report. */
export const CSV_WORKLOADS: readonly Workload[] = [WIDE, SPREAD, FILTER, ACCENTS, QUOTED, SCHEMA, FULL_SCHEMA, TENFOLD];
