// The rows of the benchmark's inputs: a seeded generator, no clock, no randomness of the system.

/** The minimal standard generator of Park and Miller (1988): the same numbers everywhere. */
export class Random {
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

/** Writes row number `index`, with its newline. */
export type RowWriter = (random: Random, index: number) => string;

const FIRST = ["Ada", "Emmy", "Marie", "Tu", "Vera", "Sally", "Grace", "Zoë", "André", "José", "Sofía", "Jürgen"];
const LAST = ["Lovelace", "Noether", "Curie", "Youyou", "Rubin", "Ride", "Hopper", "Ångström", "Müller", "García"];
/** An accent in each. */
const ACCENTED_FIRST = ["Ádá", "Emmý", "Márie", "Tú", "Véra", "Sálly", "Gráce", "Zoë", "André", "José", "Sofía"];
const CITIES = ["London", "Erlangen", "Warsaw", "Ningbo", "Jerusalem", "Philadelphia", "Los Angeles", "New York"];
const COUNTRIES = ["UK", "DE", "PL", "CN", "IL", "US", "FR", "SE"];
const STREETS = ["Main Street", "High Road", "Park Lane", "Mill Row", "Station Road", "Church Way"];
const WORDS = ["early", "paper", "lecture", "prize", "orbit", "number", "ring", "radium", "engine", "galaxy"];
const REGIONS = ["North", "South", "East", "West", "Old", "New", "Upper", "Lower", "Port", "Mount"];
const PLACES = ["Abha", "Bergen", "Cairns", "Dakar", "Erbil", "Funafuti", "Gjoa", "Hobart", "Iqaluit", "Jayapura"];
const LETTERS = ["a", "b", "c", "d"];

const SCIENTISTS = [
  "Ada Lovelace,1815",
  "Emmy Noether,1882",
  "Marie Curie,1867",
  "Tu Youyou,1930",
  "Ada Yonath,1939",
  "Vera Rubin,1928",
  "Sally Ride,1951",
];
/** How many scientists there are. */
export const SCIENTIST_COUNT: number = SCIENTISTS.length;

function nameOf(random: Random): string {
  return `${random.pick(FIRST)} ${random.pick(LAST)}`;
}

/** ASCII only. */
function plainNameOf(random: Random): string {
  return nameOf(random)
    .normalize("NFD")
    .replaceAll(/[^ -~]/g, "");
}

/** With an accent, at least. */
function accentedNameOf(random: Random): string {
  return `${random.pick(ACCENTED_FIRST)} ${random.pick(LAST)}`;
}

function bornOf(random: Random): number {
  return 1800 + random.below(200);
}

/** Ten fields. One address in ten holds a comma, one note in twenty a line break and quotes. */
function wideFields(name: string, random: Random, index: number): (string | number)[] {
  const born = bornOf(random);
  const city = random.pick(CITIES);
  const street = `${1 + random.below(999)} ${random.pick(STREETS)}`;
  const address = random.below(10) === 0 ? `${street}, ${city}` : street;
  const words = `${random.pick(WORDS)} ${random.pick(WORDS)}`;
  const note = random.below(20) === 0 ? `said "${words}"\nand left` : words;
  const email = `user${index}@example.org`;
  const score = `${random.below(100)}.${10 + random.below(90)}`;
  const day = `20${10 + random.below(16)}-${10 + random.below(3)}-${10 + random.below(19)}`;
  return [index, name, born, city, random.pick(COUNTRIES), email, address, score, note, day];
}

function quoted(field: string | number): string {
  return `"${String(field).replaceAll('"', '""')}"`;
}

function quotedWhereNeeded(field: string | number): string {
  return typeof field === "string" && /[",\n]/.test(field) ? quoted(field) : String(field);
}

/** The header of wide rows. */
export const WIDE_HEADER = "id,name,born,city,country,email,address,score,note,updated\n";

function wide(name: (random: Random) => string, written: (field: string | number) => string): RowWriter {
  return (random, index) => `${wideFields(name(random), random, index).map(written).join(",")}\n`;
}

export const wideRow: RowWriter = wide(nameOf, quotedWhereNeeded);
/** The rows of `wideRow`, every field in quotes. */
export const quotedRow: RowWriter = wide(nameOf, quoted);
export const asciiRow: RowWriter = wide(plainNameOf, quotedWhereNeeded);
export const accentedRow: RowWriter = wide(accentedNameOf, quotedWhereNeeded);

export function narrowRow(random: Random, index: number): string {
  return `${index},${nameOf(random)},${bornOf(random)},${random.pick(CITIES)},${random.below(1000)}\n`;
}

/** A sale: nine fields, of a customer in a hundred thousand. */
export const SALE_HEADER = "id,customer,day,units,price,city,country,note,channel,paid\n";
export const CUSTOMER_COUNT = 100_000;

export function saleRow(random: Random, index: number): string {
  const day = `20${10 + random.below(16)}-${10 + random.below(3)}-${10 + random.below(19)}`;
  const price = `${random.below(500)}.${10 + random.below(90)}`;
  const note = `${random.pick(WORDS)} ${random.pick(WORDS)}`;
  const place = `${random.pick(CITIES)},${random.pick(COUNTRIES)}`;
  const paid = random.below(2) === 0;
  return `${index},C${random.below(CUSTOMER_COUNT)},${day},${1 + random.below(20)},${price},${place},${note},${random.pick(LETTERS)},${paid}\n`;
}

export function customerRow(random: Random, index: number): string {
  return `C${index},${nameOf(random)},${random.pick(REGIONS)}\n`;
}

export function recordRow(random: Random, index: number): string {
  const record = { id: index, name: nameOf(random), born: bornOf(random), city: random.pick(CITIES) };
  return `${JSON.stringify(record)}\n`;
}

export function seedRow(random: Random, index: number): string {
  return `${index},${1 + random.below(1_000_000)}\n`;
}

/** One of 400 stations and a temperature with one digit after the point: the form of the one-billion-row challenge. */
export function measurementRow(random: Random): string {
  const station = `${random.pick(REGIONS)} ${random.pick(PLACES)} ${random.pick(LETTERS)}`;
  return `${station};${((random.below(1400) - 400) / 10).toFixed(1)}\n`;
}

/** A visit of a web page: who, with what program, and what was read. */
export function visitRow(random: Random, index: number): string {
  const title = `${nameOf(random)}: ${random.pick(WORDS)} & ${random.pick(WORDS)}, in ${random.pick(CITIES)}`;
  return `${index},${quoted(agentOf(random))},${quoted(title)}\n`;
}

const SYSTEMS = [
  "Windows NT 10.0; Win64; x64",
  "Macintosh; Intel Mac OS X 10_15_7",
  "X11; Linux x86_64",
  "Linux; Android 14; Pixel 8",
  "iPhone; CPU iPhone OS 17_4 like Mac OS X",
];

function agentOf(random: Random): string {
  const system = random.pick(SYSTEMS);
  const version = `${90 + random.below(50)}.0`;
  const webkit = `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko)`;
  switch (random.below(4)) {
    case 0:
      return `Mozilla/5.0 (${system}; rv:${version}) Gecko/20100101 Firefox/${version}`;
    case 1:
      return `${webkit} Chrome/${version}.0.${random.below(200)} Safari/537.36 Edg/${version}.0.${random.below(90)}`;
    case 2:
      return `${webkit} Version/17.${random.below(6)} Safari/605.1.15`;
    default:
      return `${webkit} Chrome/${version}.0.${random.below(200)} Safari/537.36`;
  }
}

export function numberRow(_random: Random, index: number): string {
  return `${index + 1}\n`;
}

export function scientistRow(_random: Random, index: number): string {
  return `${SCIENTISTS[index] ?? ""}\n`;
}
