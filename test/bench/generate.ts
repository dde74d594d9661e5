// Makes the inputs of the benchmark, byte for byte the same on every machine: a seeded generator, no clock,
// no randomness. Run alone: `bun test/bench/generate.ts FOLDER [name…]`.
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

/** One input: its file name and the generator of its lines. */
interface Input {
  file: string;
  rows: number;
  header: string;
  line: (random: Random, index: number) => string;
}

/** A small linear generator (Park and Miller, 1988) that gives the same numbers everywhere. */
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
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

const FIRST = ["Ada", "Emmy", "Marie", "Tu", "Vera", "Sally", "Grace", "Zoë", "André", "José", "Sofía", "Jürgen"];
const LAST = ["Lovelace", "Noether", "Curie", "Youyou", "Rubin", "Ride", "Hopper", "Ångström", "Müller", "García"];
const CITIES = ["London", "Erlangen", "Warsaw", "Ningbo", "Jerusalem", "Philadelphia", "Los Angeles", "New York"];
const COUNTRIES = ["UK", "DE", "PL", "CN", "IL", "US", "FR", "SE"];
const STREETS = ["Main Street", "High Road", "Park Lane", "Mill Row", "Station Road", "Church Way"];
const WORDS = ["early", "paper", "lecture", "prize", "orbit", "number", "ring", "radium", "engine", "galaxy"];

function wideLine(random: Random, index: number): string {
  const name = `${random.pick(FIRST)} ${random.pick(LAST)}`;
  const born = 1800 + random.below(200);
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

const WIDE_HEADER = "id,name,born,city,country,email,address,score,note,updated\n";

/** Every input that `bun run bench` reads. */
export const INPUTS = {
  wide: { file: "wide.csv", rows: 2_000_000, header: WIDE_HEADER, line: wideLine },
  ten: { file: "wide-4g.csv", rows: 40_000_000, header: WIDE_HEADER, line: wideLine },
  one: { file: "wide-400m.csv", rows: 4_000_000, header: WIDE_HEADER, line: wideLine },
  narrow: {
    file: "narrow.csv",
    rows: 1_000_000,
    header: "id,name,born,city,score\n",
    line: (random, index) =>
      `${index},${random.pick(FIRST)} ${random.pick(LAST)},${1800 + random.below(200)},${random.pick(CITIES)},${random.below(1000)}\n`,
  },
  heavy: {
    file: "heavy.csv",
    rows: 100_000,
    header: "id,seed\n",
    line: (random, index) => `${index},${1 + random.below(1_000_000)}\n`,
  },
} satisfies Record<string, Input>;

/** The path of an input in `folder`; makes it first when it is not there yet. */
export function makeInput(folder: string, name: keyof typeof INPUTS): string {
  const input: Input = INPUTS[name];
  const path = join(folder, input.file);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const part = `${path}.part`;
  const fd = openSync(part, "w");
  const random = new Random(20170101);
  let text = input.header;
  for (let index = 0; index < input.rows; index++) {
    text += input.line(random, index);
    if (text.length > 1 << 20) {
      writeSync(fd, text);
      text = "";
    }
  }
  writeSync(fd, text);
  closeSync(fd);
  renameSync(part, path);
  return path;
}

if (import.meta.main) {
  const [folder = "bench-data", ...names] = process.argv.slice(2);
  const known = Object.keys(INPUTS) as (keyof typeof INPUTS)[];
  for (const name of known) if (names.length === 0 || names.includes(name)) console.log(makeInput(folder, name));
}
