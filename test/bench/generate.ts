// Makes the inputs of the benchmark, byte for byte the same on every machine: a seeded generator, no clock, no
// randomness of the system. Alone: `bun test/bench/generate.ts FOLDER [--scale F] [name…]`.
//
// A file that is there is taken as it is: after a change of a generator delete the folder.
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

/** The inputs by name. */
export type InputName = "wide" | "huge" | "large" | "narrow" | "records" | "heavy" | "eight" | "scientists";

/** One input: its file and the generator of its rows. */
interface Input {
  file: string;
  rows: number;
  /** The same number of rows at every scale. */
  isFixed?: true;
  /** The first line with its newline, or "" for a format that has none. */
  header: string;
  /** One row with its newline. */
  row: (random: Random, index: number) => string;
}

/** The minimal standard generator of Park and Miller (1988): the same numbers everywhere. */
class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    this.#state = (this.#state * 16807) % 2147483647;
    return this.#state % limit;
  }
  pick(list: readonly string[]): string {
    return list[this.below(list.length)] ?? "";
  }
}

const SEED = 20170101;
/** How much text is gathered before it is written. */
const CHUNK_CHARS = 1 << 20;

const FIRST = ["Ada", "Emmy", "Marie", "Tu", "Vera", "Sally", "Grace", "Zoë", "André", "José", "Sofía", "Jürgen"];
const LAST = ["Lovelace", "Noether", "Curie", "Youyou", "Rubin", "Ride", "Hopper", "Ångström", "Müller", "García"];
const CITIES = ["London", "Erlangen", "Warsaw", "Ningbo", "Jerusalem", "Philadelphia", "Los Angeles", "New York"];
const COUNTRIES = ["UK", "DE", "PL", "CN", "IL", "US", "FR", "SE"];
const STREETS = ["Main Street", "High Road", "Park Lane", "Mill Row", "Station Road", "Church Way"];
const WORDS = ["early", "paper", "lecture", "prize", "orbit", "number", "ring", "radium", "engine", "galaxy"];
const SCIENTISTS = [
  "Ada Lovelace,1815",
  "Emmy Noether,1882",
  "Marie Curie,1867",
  "Tu Youyou,1930",
  "Ada Yonath,1939",
  "Vera Rubin,1928",
  "Sally Ride,1951",
];

function nameOf(random: Random): string {
  return `${random.pick(FIRST)} ${random.pick(LAST)}`;
}

function bornOf(random: Random): number {
  return 1800 + random.below(200);
}

function wideRow(random: Random, index: number): string {
  const name = nameOf(random);
  const born = bornOf(random);
  const city = random.pick(CITIES);
  const street = `${1 + random.below(999)} ${random.pick(STREETS)}`;
  // One address in ten holds a comma, one note in twenty a line break and escaped quotes.
  const address = random.below(10) === 0 ? `"${street}, ${city}"` : street;
  const words = `${random.pick(WORDS)} ${random.pick(WORDS)}`;
  const note = random.below(20) === 0 ? `"said ""${words}""\nand left"` : words;
  const email = `user${index}@example.org`;
  const score = `${random.below(100)}.${10 + random.below(90)}`;
  const day = `20${10 + random.below(16)}-${10 + random.below(3)}-${10 + random.below(19)}`;
  return `${index},${name},${born},${city},${random.pick(COUNTRIES)},${email},${address},${score},${note},${day}\n`;
}

function narrowRow(random: Random, index: number): string {
  return `${index},${nameOf(random)},${bornOf(random)},${random.pick(CITIES)},${random.below(1000)}\n`;
}

function recordRow(random: Random, index: number): string {
  const record = { id: index, name: nameOf(random), born: bornOf(random), city: random.pick(CITIES) };
  return `${JSON.stringify(record)}\n`;
}

const WIDE_HEADER = "id,name,born,city,country,email,address,score,note,updated\n";

const INPUTS: Record<InputName, Input> = {
  wide: { file: "wide.csv", rows: 2_000_000, header: WIDE_HEADER, row: wideRow },
  large: { file: "wide-400m.csv", rows: 4_000_000, header: WIDE_HEADER, row: wideRow },
  huge: { file: "wide-4g.csv", rows: 40_000_000, header: WIDE_HEADER, row: wideRow },
  narrow: { file: "narrow.csv", rows: 1_000_000, header: "id,name,born,city,score\n", row: narrowRow },
  records: { file: "records.jsonl", rows: 1_000_000, header: "", row: recordRow },
  heavy: {
    file: "heavy.csv",
    rows: 100_000,
    header: "id,seed\n",
    row: (random, index) => `${index},${1 + random.below(1_000_000)}\n`,
  },
  eight: { file: "eight.csv", rows: 8, isFixed: true, header: "id\n", row: (_random, index) => `${index + 1}\n` },
  scientists: {
    file: "scientists.csv",
    rows: SCIENTISTS.length,
    isFixed: true,
    header: "name,born\n",
    row: (_random, index) => `${SCIENTISTS[index] ?? ""}\n`,
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
  const rows = input.isFixed ? input.rows : Math.max(1, Math.round(input.rows * scale));
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
