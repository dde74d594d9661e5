// Twenty million measurements of 400 stations, in the form of the one-billion-row challenge: least, mean and greatest
// temperature of each.
import { duckdb, miller, polars, rowmill, sqlText, type Workload } from "../workload.ts";

const GROUP_BY = ["--group-by", "station", "--min", "temperature", "--mean", "temperature", "--max", "temperature"];

const DUCKDB_FIGURES = [
  "min(temperature) AS temperature_min",
  "avg(temperature) AS temperature_mean",
  "max(temperature) AS temperature_max",
].join(", ");

/** The peers write commas. */
const DELIMITERS = ["-d", ";", "--out-delimiter", ","];

const STATIONS: Workload = {
  name: "group-by",
  title: "least, mean and greatest of 400 stations, 20 M rows, 320 MB",
  isLight: true,
  inputs: ["measurements"],
  agreement: "figures",
  contenders: [
    rowmill("Rowmill, reduce", (at) => ["run", at.transform("stations.ts"), at.input("measurements"), ...DELIMITERS]),
    rowmill("Rowmill --group-by", (at) => [...GROUP_BY, at.input("measurements"), ...DELIMITERS]),
    duckdb((at) => {
      const rows = `read_csv(${sqlText(at.input("measurements"))}, delim = ';')`;
      return `SELECT station, ${DUCKDB_FIGURES} FROM ${rows} GROUP BY station`;
    }),
    polars("stations", "measurements"),
    miller("measurements", ["--ifs", ";", "stats1", "-a", "min,mean,max", "-f", "temperature", "-g", "station"]),
  ],
  ratios: [
    { ours: "Rowmill, reduce", other: "DuckDB", atLeast: 1 / 1.2 },
    { ours: "Rowmill, reduce", other: "Miller", atLeast: 8 },
    { ours: "Rowmill, reduce", other: "polars" },
    { ours: "Rowmill --group-by", other: "DuckDB", atLeast: 1 },
    { ours: "Rowmill --group-by", other: "Miller" },
    { ours: "Rowmill --group-by", other: "polars" },
  ],
};

/** In the order of the report. */
export const GROUP_WORKLOADS: readonly Workload[] = [STATIONS];
