/** What the runs of shards.ts and slurm.ts read and do: quotes with line feeds everywhere, rows that fail, all kinds of steps. */
import { gzipSync } from "node:zlib";
import type { Files } from "../cli/binary.ts";
import { Random } from "./random.ts";

/** A run that is cut into shards. */
export interface ShardedWorkload {
  name: string;
  files: Files;
  /** Operands and options of the run, without what says where it writes. */
  args: string[];
  output: string;
}

/** Fails, drops, and gives several rows, by what the row holds; takes its time now and then. */
const MAP = `
export const columns = ["id", "name", "kind", "x", "part"];
export default ({ id, name, kind, x }) => {
  const n = Number(id);
  if (n % 10 === 4) Bun.sleepSync(PAUSE);
  if (n % 97 === 5) throw new Error("no " + id);
  if (n % 11 === 3) return null;
  const row = { id, name, kind, x: Number(x), part: 0 };
  return n % 29 === 1 ? [row, { ...row, part: 1 }, { ...row, part: 2 }] : row;
};
`;

/** Sums are of numbers that doubles do not hold: in another order they would be others. */
const REDUCE = `
export default ({ id, kind, x }) => {
  const n = Number(id);
  if (n % 10 === 4) Bun.sleepSync(PAUSE);
  if (n % 97 === 5) throw new Error("no " + id);
  return { kind, x: Number(x) / 7 };
};
export const reduce = {
  init: () => ({}),
  step(kinds, { kind, x }) {
    const known = (kinds[kind] ??= { count: 0, sum: 0 });
    known.count++;
    known.sum += x;
  },
  merge(before, behind) {
    for (const [kind, { count, sum }] of Object.entries(behind)) {
      const known = (before[kind] ??= { count: 0, sum: 0 });
      known.count += count;
      known.sum += sum;
    }
  },
  finish: (kinds) => Object.entries(kinds).map(([kind, { count, sum }]) => ({ kind, count, sum })),
};
`;

/** How many milliseconds some rows take. */
export interface Amount {
  rows: number;
  pause: number;
}

/** Rows of CSV, some bad: as bytes, since not all are UTF-8. */
function csvFile(
  random: Random,
  { first, rows, isTurned = false }: { first: number; rows: number; isTurned?: boolean },
): Buffer {
  const lines = [isTurned ? "x,kind,name,id" : "id,name,kind,x"];
  for (let id = first; id < first + rows; id++) {
    const name = random.chance(0.5) ? `"a ""name"",\n${id}\n\nof\r\n${random.below(9)} lines\n"` : `name ${id}`;
    const fields = [String(id), name, `k${random.below(7)}`, String(random.below(1e6) / 100)];
    const damage = random.below(300);
    if (damage === 0) lines.push(`${id},too,many,fields,\n${id}`);
    else if (damage === 1) lines.push(`${id},a "quote",k1,1`);
    else if (damage === 2) lines.push(`${id},\xe9t\xe9,k1,1`);
    else if (damage === 3) lines.push("");
    lines.push((isTurned ? fields.toReversed() : fields).join(","));
  }
  return Buffer.from(`${lines.join("\n")}\n`, "latin1");
}

function jsonlFile(random: Random, { first, rows }: { first: number; rows: number }): string {
  const lines = Array.from({ length: rows }, (_, at) => {
    if (random.chance(0.005)) return `{"id":${first + at},`;
    const name = `näme "${at}"\n${random.below(9)}`;
    return JSON.stringify({ id: first + at, name, kind: `k${random.below(7)}`, x: random.below(1e6) / 100 });
  });
  return `${lines.join("\n")}\n`;
}

/** All workloads, each of about so many rows. */
export function shardedWorkloads(seed: number, { rows, pause }: Amount): ShardedWorkload[] {
  const random = new Random(seed);
  const third = Math.ceil(rows / 3);
  const code: Files = {
    "map.ts": MAP.replace("PAUSE", String(pause)),
    "sum.ts": REDUCE.replace("PAUSE", String(pause)),
  };
  const one: Files = { ...code, "in.csv": csvFile(random, { first: 0, rows }) };
  const three: Files = {
    ...code,
    "a.csv": csvFile(random, { first: 0, rows: third }),
    "b.csv": csvFile(random, { first: third, rows: third, isTurned: true }),
    "c.csv": csvFile(random, { first: 2 * third, rows: third }),
  };
  const packed = Object.fromEntries(
    Array.from({ length: 6 }, (_, at) => [
      `${at}.csv.gz`,
      gzipSync(csvFile(random, { first: at * third, rows: Math.ceil(rows / 6) })),
    ]),
  );
  return [
    { name: "rows", files: one, args: ["map.ts", "in.csv"], output: "out.csv" },
    { name: "three files", files: three, args: ["map.ts", "a.csv", "b.csv", "c.csv"], output: "out.csv" },
    { name: "a reduce", files: one, args: ["sum.ts", "in.csv"], output: "out.csv" },
    {
      name: "groups",
      files: three,
      args: ["map.ts", "a.csv", "b.csv", "c.csv", "--group-by", "kind", "--count", "--sum", "x", "--mean", "x"],
      output: "out.csv",
    },
    { name: "a sort", files: one, args: ["map.ts", "in.csv", "--sort-by", "kind,-x"], output: "out.jsonl" },
    { name: "distinct rows", files: one, args: ["map.ts", "in.csv", "--distinct=kind,part"], output: "out.csv" },
    {
      name: "lines of JSON",
      files: { ...code, "in.jsonl": jsonlFile(random, { first: 0, rows }) },
      args: ["map.ts", "in.jsonl"],
      output: "out.json",
    },
    {
      name: "compressed files",
      files: { ...code, ...packed },
      args: ["map.ts", ...Object.keys(packed)],
      output: "out.csv",
    },
  ];
}
