/** What the runs of kill.ts read: files with bad rows at random places, and a transform that fails, drops and multiplies. */
import type { Files } from "../cli/binary.ts";
import { Random } from "./random.ts";

/** A run that is killed and resumed. */
export interface Workload {
  name: string;
  files: Files;
  /** Inputs in their order. */
  inputs: string[];
  output: string;
  args: string[];
  isInPlace: boolean;
  /** No row fails, and workers find the rows and write what comes of them. */
  isClean?: boolean;
  /** What gives the same where rows end their process: these fail in it. Records of failed rows say different things. */
  tame?: string[];
}

/** Fails, drops, and gives several rows, by what the row holds. */
const TRANSFORM = `
export const columns = ["id", "name", "part", "line"];
export default ({ id, name }, ctx) => {
  const n = Number(id);
  if (n % 97 === 5) throw new Error("no " + id);
  if (n % 1013 === 7) throw undefined;
  if (n % 11 === 3) return null;
  const row = { id, name, part: 0, line: ctx.line };
  return n % 29 === 1 ? [row, { ...row, part: 1 }, { ...row, part: 2 }] : row;
};
`;

/** Batches of these take long: what is done of one is handed in before it is done. */
const SLOW = `
export default async ({ id, name }, ctx) => {
  const n = Number(id);
  if (n % 2 === 0) Bun.sleepSync(n % 7);
  else await Bun.sleep(n % 23 === 1 ? 200 : n % 7);
  if (n % 97 === 5) throw new Error("no " + id);
  return n % 11 === 3 ? null : { id, name, line: ctx.line };
};
`;

/** Some rows end the process, at once or when others are open with them. */
function deadly(end: string): string {
  return `
const end = () => { ${end} };
export default ({ id, name }) => {
  const n = Number(id);
  if (n % 89 === 40) end();
  if (n % 113 === 60) return Bun.sleep(1).then(end);
  return { id, name };
};
`;
}

/** Slow rows, and deadly ones, are fewer. */
const SLOW_ROWS = 400;

/** The first rows of an input are not written by workers. */
const CLEAN_ROWS = 40_000;

/** In place the columns must stay, so that a second run would be seen. */
const IN_PLACE = `
export default ({ id, name, x }) => {
  if (Number(id) % 97 === 5) throw new Error("no " + id);
  return Number(id) % 11 === 3 ? null : { id, name, x: x + "+" };
};
`;

/** Rows of CSV, some bad: as bytes, since not all are UTF-8. */
function csvFile(
  random: Random,
  { first, rows, isTurned }: { first: number; rows: number; isTurned: boolean },
): Buffer {
  const lines = [isTurned ? "x,name,id" : "id,name,x"];
  for (let id = first; id < first + rows; id++) {
    const name = random.chance(0.02) ? `"a name, ""${id}""\nof two lines"` : `name ${random.below(1e6)}`;
    const fields = [String(id), name, "x".repeat(random.below(20))];
    const line = (isTurned ? fields.toReversed() : fields).join(",");
    const damage = random.below(500);
    if (damage === 0) lines.push(`${line},too,many`);
    else if (damage === 1) lines.push(`${id},a "quote",x`);
    else if (damage === 2) lines.push(`${id},\xe9t\xe9,x`);
    else if (damage === 3) lines.push("");
    lines.push(line);
  }
  return Buffer.from(`${lines.join("\n")}\n`, "latin1");
}

function cleanFile(random: Random, rows: number): string {
  let text = "id,name,x\n";
  for (let id = 0; id < rows; id++) text += `${id},name ${random.below(1e6)},${"x".repeat(random.below(20))}\n`;
  return text;
}

function jsonlFile(random: Random, rows: number): string {
  let text = "";
  for (let id = 0; id < rows; id++) {
    if (random.chance(0.002)) text += `{"id":${id},\n`;
    text += `${JSON.stringify({ id, name: `näme ${random.below(1e6)}`, x: ["x", id] })}\n`;
  }
  return text;
}

function jsonFile(random: Random, rows: number): string {
  const values = Array.from({ length: rows }, (_, id) => ({ id, name: `näme ${random.below(1e6)}`, x: { id } }));
  return `[${values.map((value) => JSON.stringify(value)).join(",\n")}]\n`;
}

/** All workloads, each of about so many rows. */
export function workloads(seed: number, rows: number): Workload[] {
  const random = new Random(seed);
  const third = Math.ceil(rows / 3);
  const one = csvFile(random, { first: 0, rows, isTurned: false });
  const few = csvFile(random, { first: 0, rows: SLOW_ROWS, isTurned: false });
  const files: Files = { "x.ts": TRANSFORM, "in-place.ts": IN_PLACE };
  const base = { args: ["x.ts"], isInPlace: false };
  return [
    { ...base, name: "csv", files: { ...files, "in.csv": one }, inputs: ["in.csv"], output: "out.csv" },
    {
      ...base,
      name: "three files, the second with its columns turned",
      files: {
        ...files,
        "a.csv": csvFile(random, { first: 0, rows: third, isTurned: false }),
        "b.csv": csvFile(random, { first: third, rows: third, isTurned: true }),
        "c.csv": csvFile(random, { first: 2 * third, rows: third, isTurned: false }),
      },
      inputs: ["a.csv", "b.csv", "c.csv"],
      output: "out.csv",
    },
    {
      ...base,
      name: "jsonl",
      files: { ...files, "in.jsonl": jsonlFile(random, rows) },
      inputs: ["in.jsonl"],
      output: "out.jsonl",
    },
    {
      ...base,
      name: "json",
      files: { ...files, "in.json": jsonFile(random, rows) },
      inputs: ["in.json"],
      output: "out.json",
    },
    { ...base, name: "csv to json", files: { ...files, "in.csv": one }, inputs: ["in.csv"], output: "out.json" },
    {
      name: "in place",
      files: { ...files, "in.csv": one },
      inputs: ["in.csv"],
      output: "in.csv",
      args: ["in-place.ts", "-i"],
      isInPlace: true,
    },
    {
      name: "written by workers",
      files: { "in.csv": cleanFile(random, Math.max(rows, CLEAN_ROWS)) },
      inputs: ["in.csv"],
      output: "out.csv",
      args: ["-e", "({ id: row.id, name: row.name + row.name, n: row.id * 3 })"],
      isInPlace: false,
      isClean: true,
    },
    {
      name: "slow rows",
      files: { "slow.ts": SLOW, "in.csv": few },
      inputs: ["in.csv"],
      output: "out.csv",
      args: ["slow.ts", "--concurrency", "4"],
      isInPlace: false,
    },
    {
      name: "rows that end the process",
      files: { "deadly.ts": deadly("process.abort();"), "tame.ts": deadly("throw new Error();"), "in.csv": few },
      inputs: ["in.csv"],
      output: "out.csv",
      args: ["deadly.ts"],
      tame: ["tame.ts"],
      isInPlace: false,
    },
  ];
}
