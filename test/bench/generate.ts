// Makes the inputs of the benchmark, byte for byte the same on every machine: a seeded generator, no clock, no
// randomness of the system. Alone: `bun test/bench/generate.ts FOLDER [--scale F] [name…]`.
//
// A file that is there is taken as it is: after a change of a generator delete the folder.
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  accentedRow,
  asciiRow,
  CUSTOMER_COUNT,
  customerRow,
  measurementRow,
  narrowRow,
  numberRow,
  quotedRow,
  Random,
  recordRow,
  SALE_HEADER,
  saleRow,
  type RowWriter,
  scientistRow,
  SCIENTIST_COUNT,
  seedRow,
  visitRow,
  WIDE_HEADER,
  wideRow,
} from "./random-rows.ts";

/** The inputs by name. */
export type InputName =
  | "wide"
  | "quoted"
  | "ascii"
  | "accented"
  | "large"
  | "huge"
  | "narrow"
  | "records"
  | "heavy"
  | "visits"
  | "measurements"
  | "million"
  | "sales"
  | "customers"
  | "eight"
  | "scientists";

/** One input: its file and the generator of its rows. */
interface Input {
  file: string;
  rows: number;
  /** The same number of rows at every scale. */
  isFixed?: true;
  /** The first line with its newline, or "" for a format that has none. */
  header: string;
  row: RowWriter;
}

const SEED = 20170101;
/** How much text is gathered before it is written. */
const CHUNK_CHARS = 1 << 20;

const INPUTS: Record<InputName, Input> = {
  wide: { file: "wide.csv", rows: 2_000_000, header: WIDE_HEADER, row: wideRow },
  quoted: { file: "wide-quoted.csv", rows: 2_000_000, header: WIDE_HEADER, row: quotedRow },
  ascii: { file: "wide-ascii.csv", rows: 2_000_000, header: WIDE_HEADER, row: asciiRow },
  accented: { file: "wide-accented.csv", rows: 2_000_000, header: WIDE_HEADER, row: accentedRow },
  large: { file: "wide-400m.csv", rows: 4_000_000, header: WIDE_HEADER, row: wideRow },
  huge: { file: "wide-4g.csv", rows: 40_000_000, header: WIDE_HEADER, row: wideRow },
  narrow: { file: "narrow.csv", rows: 1_000_000, header: "id,name,born,city,score\n", row: narrowRow },
  records: { file: "records.jsonl", rows: 1_000_000, header: "", row: recordRow },
  heavy: { file: "heavy.csv", rows: 100_000, header: "id,seed\n", row: seedRow },
  visits: { file: "visits.csv", rows: 100_000, header: "id,agent,title\n", row: visitRow },
  measurements: {
    file: "measurements.csv",
    rows: 20_000_000,
    header: "station;temperature\n",
    row: measurementRow,
  },
  million: { file: "wide-1m.csv", rows: 1_000_000, header: WIDE_HEADER, row: wideRow },
  sales: { file: "sales.csv", rows: 2_000_000, header: SALE_HEADER, row: saleRow },
  customers: {
    file: "customers.csv",
    rows: CUSTOMER_COUNT,
    isFixed: true,
    header: "customer,name,region\n",
    row: customerRow,
  },
  eight: { file: "eight.csv", rows: 8, isFixed: true, header: "id\n", row: numberRow },
  scientists: {
    file: "scientists.csv",
    rows: SCIENTIST_COUNT,
    isFixed: true,
    header: "name,born\n",
    row: scientistRow,
  },
};

/** The file name of an input. */
export function fileOf(name: InputName): string {
  return INPUTS[name].file;
}

/**
 * The path of an input in `folder`; makes it first when it is not there yet. `scale` multiplies the number of rows; a
 * folder holds the inputs of one scale.
 */
export function makeInput(folder: string, name: InputName, scale: number): string {
  const input = INPUTS[name];
  const path = join(folder, input.file);
  if (existsSync(path)) return path;
  const rows = input.isFixed === true ? input.rows : Math.max(1, Math.round(input.rows * scale));
  mkdirSync(folder, { recursive: true });
  const part = `${path}.part`;
  const fd = openSync(part, "w");
  try {
    writeRows(fd, input, rows);
  } finally {
    closeSync(fd);
  }
  renameSync(part, path);
  return path;
}

function writeRows(fd: number, input: Input, rows: number): void {
  const random = new Random(SEED);
  let text = input.header;
  for (let index = 0; index < rows; index++) {
    text += input.row(random, index);
    if (text.length < CHUNK_CHARS) continue;
    writeAll(fd, text);
    text = "";
  }
  writeAll(fd, text);
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

function isInputName(name: string): name is InputName {
  return Object.hasOwn(INPUTS, name);
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { scale: { type: "string" } } });
  const [folder = "bench-data", ...names] = positionals;
  const chosen = names.length === 0 ? Object.keys(INPUTS) : names;
  for (const name of chosen) {
    if (!isInputName(name)) throw new RangeError(`No input "${name}": there are ${Object.keys(INPUTS).join(", ")}`);
    console.log(makeInput(folder, name, Number(values.scale ?? 1)));
  }
}
