// Steps on many rows: sort, top, distinct, join, many files, quantiles.
import { type Contender, duckdb, JOBS, miller, type Places, rowmill, sqlText, type Workload } from "../workload.ts";

const ALL = (at: Places): string => `read_csv(${sqlText(at.input("million"))})`;

/** GNU sort over the same file, which takes line breaks in fields for ends of rows: how long it takes, and no more. */
const GNU_SORT: Contender = {
  name: "sort --parallel=2",
  by: "sort",
  writes: "file",
  isFloor: true,
  command: (at) => [
    "env",
    "LC_ALL=C",
    ...at.peer("sort"),
    "--parallel=2",
    "-t,",
    "-k8,8n",
    "-k2,2",
    "-o",
    at.out,
    at.input("million"),
  ],
};

const SORT: Workload = {
  name: "sort",
  title: "sort by a number and a text, 1 M rows of ten columns, 110 MB",
  inputs: ["million"],
  agreement: "csv-rows",
  contenders: [
    rowmill("Rowmill", (at) => ["-e", "row", "--sort-by", "score,name,id", at.input("million")]),
    duckdb((at) => `SELECT * FROM ${ALL(at)} ORDER BY score, name, id`),
    miller("million", ["sort", "-nf", "score", "-f", "name", "-nf", "id"]),
    GNU_SORT,
  ],
  ratios: [
    { ours: "Rowmill", other: "DuckDB", atLeast: 1 / 0.8 },
    { ours: "Rowmill", other: "Miller", atLeast: 8 },
    { ours: "Rowmill", other: "sort --parallel=2", atLeast: 1 / 1.2 },
  ],
};

const TOP: Workload = {
  name: "top",
  title: "the ten greatest of 1 M rows of ten columns",
  inputs: ["million"],
  agreement: "csv-rows",
  contenders: [
    rowmill("Rowmill", (at) => ["-e", "row", "--top", "10", "--by", "-score,id", at.input("million")]),
    duckdb((at) => `SELECT * FROM ${ALL(at)} ORDER BY score DESC, id LIMIT 10`),
  ],
  ratios: [{ ours: "Rowmill", other: "DuckDB", atLeast: 1 }],
};

const DISTINCT: Workload = {
  name: "distinct",
  title: "each row once by a text, all of them different, 1 M rows of ten columns",
  inputs: ["million"],
  // DuckDB gives them in an order of its own.
  agreement: "csv-set",
  contenders: [
    rowmill("Rowmill", (at) => ["-e", "row", "--distinct=email", at.input("million")]),
    duckdb((at) => `SELECT DISTINCT ON (email) * FROM ${ALL(at)}`),
    miller("million", ["head", "-n", "1", "-g", "email"]),
  ],
  ratios: [
    { ours: "Rowmill", other: "DuckDB", atLeast: 1 / 0.8 },
    { ours: "Rowmill", other: "Miller", atLeast: 6 },
  ],
};

const JOIN: Workload = {
  name: "join",
  title: "2 M sales with the name and region of 100,000 customers",
  inputs: ["sales", "customers"],
  // DuckDB gives them in an order of its own.
  agreement: "csv-set",
  contenders: [
    rowmill("Rowmill", (at) => ["-e", "row", "--join", at.input("customers"), "--on", "customer", at.input("sales")]),
    duckdb((at) => {
      const [sales, customers] = [sqlText(at.input("sales")), sqlText(at.input("customers"))];
      return `SELECT * FROM read_csv(${sales}) AS s JOIN read_csv(${customers}) AS c USING (customer)`;
    }),
    {
      name: "Miller",
      by: "miller",
      writes: "stdout",
      command: (at) => {
        const join = ["join", "-j", "customer", "-f", at.input("customers")];
        return [...at.peer("miller"), "--icsv", "--ocsv", ...join, at.input("sales")];
      },
    },
  ],
  ratios: [
    { ours: "Rowmill", other: "DuckDB", atLeast: 1 / 0.9 },
    { ours: "Rowmill", other: "Miller", atLeast: 6 },
  ],
};

const SPLIT: Workload = {
  name: "split",
  title: "2 M rows of ten columns into 400 files, by two columns",
  inputs: ["sales"],
  // Contenders name the files in their own ways, and DuckDB has rows of a value in several.
  agreement: "csv-set",
  extension: "",
  contenders: [
    {
      ...rowmill("Rowmill", () => []),
      command: (at) => {
        const split = ["-e", "row", "--split-by", "note,channel", at.input("sales"), "-j", String(JOBS)];
        return [...at.ours, ...split, "-o", `${at.out}/{note}-{channel}.csv`];
      },
    },
    {
      ...duckdb(() => ""),
      command: (at) => {
        const options = "FORMAT csv, HEADER, PARTITION_BY (note, channel), WRITE_PARTITION_COLUMNS true";
        const rows = `read_csv(${sqlText(at.input("sales"))})`;
        return [...at.peer("duckdb"), String(JOBS), `COPY (FROM ${rows}) TO ${sqlText(at.out)} (${options})`];
      },
    },
    {
      name: "Miller",
      by: "miller",
      writes: "file",
      command: (at) => {
        const split = ["--icsv", "--ocsv", "split", "-g", "note,channel", "--prefix", `${at.out}/part`];
        return ["sh", "-c", 'mkdir "$0" && exec "$@"', at.out, ...at.peer("miller"), ...split, at.input("sales")];
      },
    },
  ],
  ratios: [
    { ours: "Rowmill", other: "DuckDB", atLeast: 1 },
    { ours: "Rowmill", other: "Miller", atLeast: 5 },
  ],
};

const MEDIAN: Workload = {
  name: "median",
  title: "median and 95th percentile of 400 stations, 20 M rows, 320 MB",
  inputs: ["measurements"],
  agreement: "figures",
  contenders: [
    rowmill("Rowmill", (at) => {
      const figures = ["--median", "temperature", "--quantile", "temperature:0.95"];
      return ["--group-by", "station", ...figures, at.input("measurements"), "-d", ";", "--out-delimiter", ","];
    }),
    duckdb((at) => {
      const rows = `read_csv(${sqlText(at.input("measurements"))}, delim = ';')`;
      const figures = "median(temperature) AS temperature_median, quantile_cont(temperature, 0.95) AS temperature_p95";
      return `SELECT station, ${figures} FROM ${rows} GROUP BY station`;
    }),
  ],
  ratios: [{ ours: "Rowmill", other: "DuckDB", atLeast: 1 / 1.2 }],
};

/** In the order of the report. */
export const STEP_WORKLOADS: readonly Workload[] = [SORT, TOP, DISTINCT, JOIN, SPLIT, MEDIAN];
