// Records of JSONL.
import {
  type Contender,
  duckdb,
  parallel,
  type Places,
  rowmill,
  rowmillRun,
  sqlText,
  type Workload,
} from "../workload.ts";

const MAP = "{name, age: (2017 - .born)}";
const FILTER = "select(.born >= 1980)";

function jq(program: string): Contender {
  const command = (at: Places): string[] => [...at.peer("jq"), "-c", program, at.input("records")];
  return { name: "jq", by: "jq", writes: "stdout", command };
}

function records(at: Places): string {
  return `read_json(${sqlText(at.input("records"))}, format = 'newline_delimited')`;
}

const JSONL: Workload = {
  name: "jsonl",
  title: "JSONL map, 1 M records",
  isLight: true,
  inputs: ["records"],
  agreement: "bytes",
  contenders: [
    rowmillRun("Rowmill", "ages.ts", "records"),
    duckdb((at) => `SELECT name, 2017 - born AS age FROM ${records(at)}`, "json"),
    jq(MAP),
    parallel("jq", "records", `jq -c '${MAP}'`),
  ],
  ratios: [
    { ours: "Rowmill", other: "DuckDB", atLeast: 1 / 0.8 },
    { ours: "Rowmill", other: "jq", atLeast: 8 },
    { ours: "Rowmill", other: "GNU parallel with jq" },
  ],
};

const JSONL_FILTER: Workload = {
  name: "jsonl-filter",
  title: "JSONL filter that keeps 10 % of 1 M records",
  isLight: true,
  inputs: ["records"],
  agreement: "bytes",
  contenders: [
    rowmill("Rowmill", (at) => ["--filter", "born >= 1980", at.input("records")]),
    duckdb((at) => `SELECT * FROM ${records(at)} WHERE born >= 1980`, "json"),
    jq(FILTER),
    parallel("jq", "records", `jq -c '${FILTER}'`),
  ],
  ratios: [
    { ours: "Rowmill", other: "DuckDB", atLeast: 1 / 0.6 },
    { ours: "Rowmill", other: "jq" },
    { ours: "Rowmill", other: "GNU parallel with jq" },
  ],
};

/** In the order of the report. */
export const JSONL_WORKLOADS: readonly Workload[] = [JSONL, JSONL_FILTER];
