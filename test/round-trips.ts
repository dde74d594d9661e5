/**
 * Writes the tables of docs/writing.md that say what becomes of values on their way through formats: `bun test/round-trips.ts`.
 * They come from runs of the compiled binary; round-trips.test.ts holds the page against them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { markdownTable } from "markdown-table";
import { Binary, type Folder } from "./cli/binary.ts";
import { PostgresServer } from "./cli/postgres-server.ts";

export const PAGE: string = join(import.meta.dir, "../docs/writing.md");
/** What stands around the tables, and between them. */
const BEGIN = "<!-- The tables are written by `bun test/round-trips.ts`. -->";
const END = "<!-- To here. -->";
const MIDDLE = "What is read otherwise when a file of one format is handed on (`-e row`) to another one:";

const SERVER = "postgres";
const FORMATS = ["csv", "tsv", "jsonl", "json", "xlsx", "parquet", "sqlite", SERVER] as const;
type Format = (typeof FORMATS)[number];

/** The values of a column, as JSON: two rows, so that a column is known by more than what it may lack. */
const VALUES: readonly [name: string, first: string, second: string][] = [
  ["whole number", "7", "8"],
  ["64 bits", "9223372036854775807", "1"],
  ["digits", "1.50", "2.25"],
  ["boolean", "true", "false"],
  ["null", "null", '"x"'],
  ["empty text", '""', '"x"'],
  ["code", '"007"', '"008"'],
  ["numeral", '"12"', '"13"'],
  ["mixed", "1", '"x"'],
  ["day", '"2024-02-29"', '"2024-03-01"'],
  ["object", '{"k":[1,null]}', '{"k":[]}'],
  ["moment", '"2024-02-29T12:30:00.000Z"', '"2024-02-29T12:30:00.000Z"'],
];
/** A column of dates, which no JSON has. */
const MOMENT = "moment";
const WITH_MOMENT = `{ ...row, ${MOMENT}: new Date(Date.UTC(2024, 1, 29, 12, 30)) }`;

/** A row of a file as JSON, value by value. */
type Row = Readonly<Record<string, string>>;

/** Cells of tables, line by line. */
export type Tables = string[][][];

/** What runs say; without a server of Postgres nothing of it. */
export async function roundTrips(binary: Binary): Promise<{ tables: Tables; hasServer: boolean }> {
  const server = await PostgresServer.start();
  try {
    const trips = new Trips(binary.folder({ "in.jsonl": reference() }), server);
    const formats = FORMATS.filter((format) => format !== SERVER || server !== undefined);
    return { tables: await trips.tables(formats), hasServer: server !== undefined };
  } finally {
    await server?.stop();
  }
}

function reference(): string {
  const given = VALUES.filter(([name]) => name !== MOMENT);
  return [1, 2].map((row) => `{${given.map((one) => `${JSON.stringify(one[0])}:${one[row]}`).join(",")}}\n`).join("");
}

class Trips {
  readonly #folder: Folder;
  readonly #server: PostgresServer | undefined;

  constructor(folder: Folder, server: PostgresServer | undefined) {
    this.#folder = folder;
    this.#server = server;
  }

  async tables(formats: readonly Format[]): Promise<Tables> {
    const wanted: Row[] = [1, 2].map((row) => Object.fromEntries(VALUES.map((one) => [one[0], one[row as 1 | 2]])));
    const read = new Map<Format, Row[]>();
    for (const format of formats) {
      await this.#run("-e", WITH_MOMENT, "in.jsonl", "-o", this.#place(format, format));
      read.set(format, await this.#rows(format, format));
    }
    const values = VALUES.map(([name, first]) => [
      name,
      code(first),
      ...formats.map((format) => {
        const rows = read.get(format) ?? [];
        return changes(wanted, rows, [name]).length === 0 ? "=" : code(rows[0]?.[name] ?? "");
      }),
    ]);
    const pairs: string[][] = [];
    for (const from of formats) {
      const line = formats.map(async (to) => {
        const name = `${from}_${to}`;
        await this.#run("-e", "row", ...reading(from), this.#place(from, from), "-o", this.#place(to, name));
        const names = VALUES.map(([value]) => value);
        return changes(read.get(from) ?? [], await this.#rows(to, name), names).join(", ") || "nothing";
      });
      pairs.push([from, ...(await Promise.all(line))]);
    }
    return [
      [["value", "in JSON lines", ...formats], ...values],
      [["from", ...formats], ...pairs],
    ];
  }

  #place(format: Format, name: string): string {
    if (format === SERVER) return this.#server?.url(`#${name}`) ?? "";
    return format === "sqlite" ? `${name}.db#t` : `${name}.${format}`;
  }

  async #rows(format: Format, name: string): Promise<Row[]> {
    const text = await this.#run("-e", "row", ...reading(format), this.#place(format, name), "--to", "jsonl");
    return text.split("\n").slice(0, -1).map(rowOf);
  }

  async #run(...args: string[]): Promise<string> {
    const ran = await this.#folder.run([...args, "-j", "1"]);
    if (ran.code !== 0) ran.fail(`exit code ${ran.code}`);
    return ran.stdout;
  }
}

/** TSV that is made of other formats has no quotes. */
function reading(format: Format): string[] {
  return format === "tsv" ? ["--quote", ""] : [];
}

/** The values of a line of JSON, with all their digits. */
function rowOf(line: string): Row {
  const row: Record<string, string> = {};
  JSON.parse(line, function keep(this: unknown, key: string, value: unknown, { source }: { source?: string } = {}) {
    if (Object.hasOwn(NAMES, key)) row[key] = source ?? JSON.stringify(value);
    return value;
  } as (key: string, value: unknown) => unknown);
  return row;
}

const NAMES = Object.fromEntries(VALUES.map(([name]) => [name, true]));

function changes(before: readonly Row[], after: readonly Row[], names: readonly string[]): string[] {
  return names.filter((name) => before.some((row, at) => row[name] !== after[at]?.[name]));
}

function code(text: string): string {
  return `\`${text}\``;
}

/** The tables as the page has them. */
export function tablesOfPage(page: string): Tables {
  const [, inside = ""] = page.split(BEGIN);
  const tables: Tables = [];
  let isWithin = false;
  for (const line of (inside.split(END)[0] ?? "").split("\n")) {
    if (line.startsWith("|")) {
      if (!isWithin) tables.push([]);
      const cells = line.split("|").slice(1, -1);
      if (!/^[ :-]+$/.test(cells.join(""))) tables.at(-1)?.push(cells.map((cell) => cell.trim()));
    }
    isWithin = line.startsWith("|");
  }
  return tables;
}

/** Without what only a server of Postgres can tell. */
export function withoutServer(tables: Tables): Tables {
  return tables.map((table) => {
    const column = table[0]?.indexOf(SERVER);
    return table.filter(([name]) => name !== SERVER).map((line) => line.filter((_, at) => at !== column));
  });
}

if (import.meta.main) {
  const binary = new Binary();
  binary.install();
  const { tables, hasServer } = await roundTrips(binary).finally(() => binary.remove());
  if (!hasServer) throw new Error("a server of Postgres is needed");
  const [values = "", pairs = ""] = tables.map((table) => markdownTable(table));
  const page = readFileSync(PAGE, "utf8");
  const [before = "", rest = ""] = page.split(BEGIN);
  const [, after = ""] = rest.split(END);
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${values}\n\n${MIDDLE}\n\n${pairs}\n\n${END}${after}`);
}
