/**
 * Joined rows are the same bytes for every jobs × batch size × block size × file or stream × order in which workers answer,
 * whatever formats the input and the table have, and those of a slow loop over both.
 */
import { beforeAll, describe, expect, spyOn, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { Joiner } from "../../src/formats/indexed/joiner.ts";
import type { RunOptions } from "../../src/options/run-options.ts";
import type { JoinKind } from "../../src/tables/asked.ts";
import { SpilledJoins } from "../../src/pipeline/spilled-joins.ts";
import { csvLine } from "./plain-loop.ts";
import { folder, rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20171129));

setUpShapedRuns();

type Row = Record<string, string | null>;

/** What a function makes of a row, and the same as code. */
interface Mapping {
  of: (row: Row) => Row[] | "fails";
  options: () => Partial<RunOptions>;
}

const MAPPINGS: Record<string, Mapping> = {
  "no function": { of: (row) => [row], options: () => ({}) },
  "rows as they are": { of: (row) => [row], options: () => ({ expression: "row" }) },
  "a filter": { of: (row) => (row["v"] === "2" ? [] : [row]), options: () => ({ filter: 'row.v !== "2"' }) },
  "many, none and failures, some of them late": {
    of: (row) => (row["v"] === "5" && row["t"] !== "b" ? "fails" : row["v"] === "6" ? [] : [row, { ...row, v: "new" }]),
    options: () => ({ transform: join(folder, "join-many.ts") }),
  },
  "many rows at once": {
    of: (row) => (row["v"] === "5" ? "fails" : [row]),
    options: () => ({ transform: join(folder, "join-whole.ts") }),
  },
};

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "join-many.ts"),
    `export default async (row, { index }) => {
      if (index % 3 === 0) await new Promise(setImmediate);
      if (row.v === "5" && row.t !== "b") throw new Error("five");
      return row.v === "6" ? null : [row, { ...row, v: "new" }];
    };\n`,
  );
  writeFileSync(
    join(folder, "join-whole.ts"),
    `export const batch = (rows) => {
      if (rows.some(({ v }) => v === "5")) throw new Error("five");
      return rows;
    };\n`,
  );
});

const key = fc.constantFrom("", "a", "b", "1", "01", "é", "😀", "\uffff", 'q"', "a,b", "a\nb");
const text = fc.constantFrom("", "a", "b", "x y", "é", "😀", 'q"', "a,b", "a\tb", "a\nb", "7");
const inputRows = fc.array(fc.record({ k: key, l: key, v: fc.constantFrom("1", "2", "3", "4", "5", "6") }), {
  maxLength: 25,
});
const tableRows = fc.array(fc.record({ k: key, m: key, t: text, u: text }), { maxLength: 12 });

/** With so little of it, tables go to files, and are looked at row by row; or a few rows at a time. */
const memory = fc.constantFrom(undefined, 1, "80K");

const asked = fc.record({
  kind: fc.constantFrom<JoinKind>("inner", "left", "semi", "anti"),
  on: fc.constantFrom<Record<string, string>>({ k: "k" }, { l: "k" }, { k: "m" }, { k: "k", l: "m" }),
  from: fc.constantFrom("csv" as const, "jsonl" as const),
  table: fc.constantFrom("csv", "tsv", "jsonl", "json"),
  to: fc.constantFrom("csv" as const, "jsonl" as const),
  mapping: fc.constantFrom(...Object.keys(MAPPINGS)),
  memory,
});

function quoted(field: string): string {
  return /[",\t\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function written(rows: readonly Row[], columns: readonly string[], format: string): string {
  if (format === "json") return JSON.stringify(rows);
  if (format === "jsonl") return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const delimiter = format === "tsv" ? "\t" : ",";
  const lines = [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ""))];
  return lines.map((fields) => `${fields.map(quoted).join(delimiter)}\n`).join("");
}

/** One row of the input after another, and for each all of the table. */
function slowly(
  rows: readonly Row[],
  table: readonly Row[],
  {
    kind,
    on,
    prefix,
    missing,
    mapping,
  }: { kind: JoinKind; on: Record<string, string>; prefix: string; missing: string | null; mapping: Mapping },
): { out: Row[]; leftOut: string[] } {
  const keys = new Set(Object.values(on));
  const added = ["k", "m", "t", "u"].filter((name) => !keys.has(name));
  const out: Row[] = [];
  const leftOut: string[] = [];
  for (const row of rows) {
    const found = table.filter((other) =>
      Object.entries(on).every(([mine, theirs]) => row[mine] !== "" && row[mine] === other[theirs]),
    );
    const widened = (other: Row | undefined): Row => ({
      ...row,
      ...Object.fromEntries(added.map((name) => [prefix + name, other === undefined ? missing : (other[name] ?? "")])),
    });
    const joined: Record<JoinKind, () => Row[]> = {
      inner: () => found.map(widened),
      left: () => (found.length === 0 ? [widened(undefined)] : found.map(widened)),
      semi: () => (found.length === 0 ? [] : [row]),
      anti: () => (found.length === 0 ? [row] : []),
    };
    const outputs = joined[kind]().map(mapping.of);
    if (outputs.includes("fails")) leftOut.push("row-function");
    else out.push(...(outputs as Row[][]).flat());
  }
  return { out, leftOut };
}

test("joined rows are those of a slow loop, however the work is spread", async () => {
  const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });
  const finding = spyOn(SpilledJoins.prototype, "find");
  let runs = 0;
  const property = fc.asyncProperty(inputRows, tableRows, asked, shapes, async (rows, table, how, ways) => {
    const { kind, on, from, to } = how;
    const mapping = MAPPINGS[how.mapping] ?? { of: () => "fails" as const, options: () => ({}) };
    const file = join(folder, `table-${++runs}.${how.table}`);
    writeFileSync(file, written(table, ["k", "m", "t", "u"], how.table));
    const adds = kind === "inner" || kind === "left";
    const options: RunOptions = {
      ...mapping.options(),
      from,
      types: "text",
      to,
      join: [{ file, on, kind, ...(adds && { prefix: "o_" }) }],
      onError: "reject",
      rejects: rejectsFile,
      ...(how.memory !== undefined && { memory: how.memory }),
    };
    const missing = from === "jsonl" ? null : "";
    const { out, leftOut } = slowly(rows, table, { kind, on, prefix: "o_", missing, mapping });
    const [first] = out;
    const keys = new Set(Object.values(on));
    const columns = [
      "k",
      "l",
      "v",
      ...(adds ? ["k", "m", "t", "u"].filter((name) => !keys.has(name)).map((name) => `o_${name}`) : []),
    ];
    const body =
      to === "csv"
        ? out.map((row) => csvLine(columns.map((name) => row[name] ?? ""))).join("")
        : out.map((row) => `${JSON.stringify(row)}\n`).join("");
    for (const way of ways) {
      const ran = await runShaped(
        { format: from, bytes: Buffer.from(written(rows, ["k", "l", "v"], from)) },
        options,
        way,
      );
      expect(ran.failure).toBeUndefined();
      const isHeaderAlone = to === "csv" && first === undefined;
      // A table of JSON without rows has no columns.
      const hasColumns = table.length > 0 || !how.table.startsWith("json");
      if (hasColumns || !adds)
        expect(to === "csv" && !isHeaderAlone ? ran.output : ran.output.replace(/^k,.*\n/, "")).toBe(
          isHeaderAlone ? "" : to === "csv" ? `${columns.join(",")}\n${body}` : body,
        );
      expect(ran.leftOut).toEqual(leftOut);
    }
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 80 });
  expect(finding.mock.calls.length).toBeGreaterThan(100);
  finding.mockRestore();
}, 600_000);

test("keys of JSON are as they are spelled, whatever room tables have", async () => {
  const [texts, values] = [join(folder, "spelled.csv"), join(folder, "spelled.jsonl")];
  writeFileSync(texts, "k,t\n1,a\n1.0,b\n1e2,c\ntrue,d\n9007199254740993,e\n[1],f\nnull,g\n1,h\n");
  writeFileSync(
    values,
    ["1", "1.0", '"1.0"', "1e2", "true", "9007199254740993", "[1]", "null"]
      .map((k, at) => `{"k":${k},"t":${at}.50}\n`)
      .join(""),
  );
  const rows = [
    "1.0",
    "1",
    '"1"',
    "1e2",
    "100",
    "true",
    "9007199254740993",
    "9007199254740992",
    "[1]",
    "null",
    '"null"',
  ];
  const bytes = Buffer.from(rows.map((k) => `{"k":${k}}\n`).join(""));
  const shapes = fc.array(shape, { minLength: 2, maxLength: 2 });
  const property = fc.asyncProperty(fc.constantFrom(texts, values), shapes, async (file, ways) => {
    const options: Omit<RunOptions, "inputs"> = { from: "jsonl", to: "jsonl", join: [{ file, on: "k", kind: "left" }] };
    const outputs: string[] = [];
    for (const way of ways)
      for (const room of [undefined, 1, "80K"]) {
        const ran = await runShaped(
          { format: "jsonl", bytes },
          { ...options, ...(room !== undefined && { memory: room }) },
          way,
        );
        expect(ran.failure).toBeUndefined();
        outputs.push(ran.output);
      }
    expect(new Set(outputs).size).toBe(1);
    expect(outputs[0]?.match(/"t":(?!null)/g)?.length).toBeGreaterThan(5);
  });
  await fc.assert(property, { seed: SEED, numRuns: 20 });
}, 600_000);

/** Fields as they may stand in a file: quoted for nothing, too. */
const rawField = fc.constantFrom(
  "",
  "a",
  "b",
  '""',
  '"a"',
  '"b"',
  '"a,b"',
  '"q"""',
  "é",
  '"é"',
  '"a\nb"',
  "😀",
  "1",
  '"a;b"',
  "a;b",
);
const rawKeys = fc.array(fc.tuple(rawField, rawField, rawField), { maxLength: 25 });
const rawTable = fc.array(fc.tuple(rawField, rawField, rawField), { maxLength: 10 });
const rawAsked = fc.record({
  kind: fc.constantFrom<JoinKind>("inner", "left", "semi", "anti"),
  key: fc.constantFrom(0, 1, 2),
  columns: fc.constantFrom(1, 2, 3),
  added: fc.constantFrom(0, 1, 2),
  end: fc.constantFrom("\n", "\n", "\r\n"),
  crlf: fc.boolean(),
  header: fc.boolean(),
  memory,
});

/** Lines of a file; of one column, what is empty must be quoted. */
function rawLines(rows: readonly (readonly string[])[], columns: number, end: string): string {
  const names = ["k", "t", "u"];
  return [names, ...rows].map((row) => row.slice(0, columns).join(",").replace(/^$/, '""') + end).join("");
}

test("rows that are joined as bytes are those that are joined one by one", async () => {
  const shapes = fc.array(shape, { minLength: 2, maxLength: 2 });
  const weaving = spyOn(Joiner.prototype, "weave");
  let runs = 0;
  const property = fc.asyncProperty(rawKeys, rawTable, rawAsked, shapes, async (rows, table, how, ways) => {
    const { kind, columns, added, end, crlf, header } = how;
    const file = join(folder, `raw-${++runs}.csv`);
    writeFileSync(file, rawLines(table, 1 + added, "\n"));
    const on = ["k", "t", "u"][Math.min(how.key, columns - 1)] ?? "k";
    const options: RunOptions = {
      from: "csv",
      delimiter: ",",
      to: "csv",
      crlf,
      noHeaderOut: header,
      join: [{ file, on: { [on]: "k" }, kind, ...((kind === "inner" || kind === "left") && { prefix: "o_" }) }],
      ...(how.memory !== undefined && { memory: how.memory }),
    };
    const input = { format: "csv", bytes: Buffer.from(rawLines(rows, columns, end)) } as const;
    const outputs: string[] = [];
    for (const way of ["rows", "woven-joined"]) {
      process.env["ROWMILL_WAY"] = way;
      for (const one of ways) {
        const ran = await runShaped(input, options, one);
        expect(ran.failure).toBeUndefined();
        outputs.push(ran.output);
      }
    }
    expect(new Set(outputs).size).toBe(1);
  });
  try {
    await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 80 });
    expect(weaving.mock.calls.length).toBeGreaterThan(100);
  } finally {
    delete process.env["ROWMILL_WAY"];
    weaving.mockRestore();
  }
}, 600_000);

describe("several tables", () => {
  test("are joined one after another, also by columns that one before has brought", async () => {
    const [first, second] = [join(folder, "first.csv"), join(folder, "second.jsonl")];
    writeFileSync(first, "k,m\na,x\na,y\nb,z\n");
    writeFileSync(second, '{"m":"x","t":1}\n{"m":"x","t":2}\n{"m":"z","t":3}\n');
    const shapes = fc.array(shape, { minLength: 2, maxLength: 2 });
    const property = fc.asyncProperty(shapes, memory, async (ways, room) => {
      for (const way of ways) {
        const ran = await runShaped(
          { format: "csv", bytes: Buffer.from("k,v\na,1\nc,2\nb,3\na,4\n") },
          {
            from: "csv",
            to: "jsonl",
            ...(room !== undefined && { memory: room }),
            join: [
              { file: first, on: "k" },
              { file: second, on: "m", kind: "left" },
            ],
          },
          way,
        );
        expect(
          ran.output
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line) as unknown),
        ).toEqual([
          { k: "a", v: 1, m: "x", t: 1 },
          { k: "a", v: 1, m: "x", t: 2 },
          { k: "a", v: 1, m: "y", t: null },
          { k: "b", v: 3, m: "z", t: 3 },
          { k: "a", v: 4, m: "x", t: 1 },
          { k: "a", v: 4, m: "x", t: 2 },
          { k: "a", v: 4, m: "y", t: null },
        ]);
      }
    });
    await fc.assert(property, { seed: SEED, numRuns: 10 });
  }, 600_000);
});
