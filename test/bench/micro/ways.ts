// Each way that rows take through a worker, alone: a batch in memory → its result, without threads, files and a parent.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type BrokenMessage,
  PROGRESS_CLAIMS,
  PROGRESS_WORDS,
  type ResultMessage,
  type TaskMessage,
} from "../../../src/scheduler/messages.ts";
import type { OpenMessage } from "../../../src/spawn.ts";
import { blocksByName, type Way } from "../../../src/transform/plan/ways.ts";
import { serveTransform } from "../../../src/transform/serve.ts";
import type { BatchResult, FromWorker, RowTask, ToWorker } from "../../../src/transform/wire.ts";
import { reduce as cities } from "../transforms/cities.ts";
import { reduce as stations } from "../transforms/stations.ts";
import type { Bench, Texts, Work } from "./bench.ts";
import { type RunWords, type Told, toldOf } from "./setup.ts";
import { firstLines, firstRows, slowLine, slowRecords, slowRows, STATION_COLUMNS, WIDE_COLUMNS } from "./texts.ts";

/** So much of the data says what its columns are. */
const SAMPLE_BYTES = 16 * 1024;

/** What goes a way, and should come out. */
interface Course {
  /** A small input of such rows. */
  sample: string;
  rows: string;
  options: RunWords;
  expected: () => string;
}

interface NamedCourse {
  /** Which of the courses of a way it is, where there are several. */
  what?: string;
  way: Way;
  course: (texts: Texts) => Course;
}

function transform(file: string): { transform: string } {
  return { transform: join(import.meta.dir, "../transforms", file) };
}

function wideCsv(
  { wide }: Texts,
  options: Omit<RunWords, "from" | "to">,
  line: (row: Record<string, string>) => string,
): Course {
  return {
    sample: slowLine(WIDE_COLUMNS) + firstRows(wide, SAMPLE_BYTES).toString(),
    rows: wide,
    options: { from: "csv", to: "csv", ...options },
    expected: () => slowRows(wide, WIDE_COLUMNS).map(line).join(""),
  };
}

function jsonLines(
  { records }: Texts,
  options: Omit<RunWords, "from" | "to">,
  results: (rows: Record<string, unknown>[]) => object[],
): Course {
  return {
    sample: firstLines(records, SAMPLE_BYTES).toString(),
    rows: records,
    options: { from: "jsonl", to: "jsonl", ...options },
    expected: () => lines(results(slowRecords(records))),
  };
}

function folded(
  { stations: text }: Texts,
  options: Omit<RunWords, "from" | "to">,
  fold: (rows: Record<string, string>[]) => object[],
): Course {
  return {
    sample: `station;temperature\n${firstLines(text, SAMPLE_BYTES).toString()}`,
    rows: text,
    options: { from: "csv", to: "jsonl", delimiter: ";", ...options },
    expected: () => lines(fold(slowRows(text, STATION_COLUMNS, ";"))),
  };
}

function lines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

const AGE = "{ name, age: 2017 - born }";
const ageLine = ({ name, born }: Record<string, string>): string => slowLine([name, 2017 - Number(born)]);

function ages(rows: Record<string, unknown>[]): object[] {
  return rows.map(({ name, born }) => ({ name, age: 2017 - Number(born) }));
}

function stationRows(rows: Record<string, string>[]): object[] {
  let all = stations.init();
  for (const { station = "", temperature = "" } of rows) all = stations.step(all, { station, temperature });
  return stations.finish(all);
}

function hottest(rows: Record<string, string>[]): object[] {
  const groups = Map.groupBy(rows, ({ station }) => station);
  return [...groups].map(([station, all]) => ({
    station,
    count: all.length,
    temperature_max: Math.max(...all.map(({ temperature }) => Number(temperature))),
  }));
}

function eldest(rows: Record<string, unknown>[]): object[] {
  const groups = Map.groupBy(rows, ({ city }) => city);
  return [...groups].map(([city, all]) => ({
    city,
    count: all.length,
    born_max: Math.max(...all.map(({ born }) => Number(born))),
  }));
}

function cityRows(rows: Record<string, unknown>[]): object[] {
  let all = cities.init();
  for (const { city, born } of rows) all = cities.step(all, { city: String(city), born: Number(born) });
  return cities.finish(all);
}

/** A table of years, and how old is who was born then. It is read when a worker is told of the run. */
function yearsFile(): string {
  const file = join(mkdtempSync(join(tmpdir(), "rowmill-micro-")), "years.csv");
  const years = Array.from({ length: 400 }, (_, at) => 1700 + at);
  writeFileSync(file, `born,age\n${years.map((year) => slowLine([year, 2017 - year])).join("")}`);
  process.once("exit", () => rmSync(dirname(file), { recursive: true }));
  return file;
}

const COURSES: readonly NamedCourse[] = [
  { way: "woven-numbers", course: (texts) => wideCsv(texts, { expression: AGE }, ageLine) },
  { way: "woven-texts", course: (texts) => wideCsv(texts, { expression: AGE }, ageLine) },
  {
    way: "woven-numbers",
    what: "--filter",
    course: (texts) =>
      wideCsv(texts, { filter: "born >= 1980" }, (row) =>
        Number(row["born"]) >= 1980 ? slowLine(Object.values(row)) : "",
      ),
  },
  {
    way: "woven-joined",
    course: (texts) =>
      wideCsv(texts, { join: [{ file: yearsFile(), on: "born" }] }, (row) =>
        slowLine([...Object.values(row), 2017 - Number(row["born"])]),
      ),
  },
  { way: "woven-objects", course: (texts) => jsonLines(texts, { expression: AGE }, ages) },
  {
    way: "copied",
    course: (texts) =>
      jsonLines(texts, { filter: "born >= 1980" }, (rows) => rows.filter(({ born }) => Number(born) >= 1980)),
  },
  {
    way: "groups",
    course: (texts) =>
      folded(
        texts,
        { groupBy: ["station"], figures: [{ kind: "count" }, { kind: "max", column: "temperature" }] },
        hottest,
      ),
  },
  { way: "steps-interned", course: (texts) => folded(texts, transform("stations.ts"), stationRows) },
  { way: "steps-numbers", course: (texts) => folded(texts, transform("stations.ts"), stationRows) },
  { way: "steps-texts", course: (texts) => folded(texts, transform("stations.ts"), stationRows) },
  {
    way: "groups",
    what: "jsonl",
    course: (texts) =>
      jsonLines(texts, { groupBy: ["city"], figures: [{ kind: "count" }, { kind: "max", column: "born" }] }, eldest),
  },
  { way: "steps-objects", course: (texts) => jsonLines(texts, transform("cities.ts"), cityRows) },
  { way: "rows-folded", course: (texts) => folded(texts, transform("stations.ts"), stationRows) },
  { way: "rows-block", what: "jsonl", course: (texts) => jsonLines(texts, { expression: AGE }, ages) },
  { way: "rows-block", what: "csv", course: (texts) => wideCsv(texts, { expression: AGE }, ageLine) },
  {
    way: "rows",
    course: (texts) =>
      wideCsv(texts, { expression: AGE, quoteAll: true }, ({ name, born }) => `"${name}","${2017 - Number(born)}"\n`),
  },
  {
    way: "rows-async",
    course: (texts) => wideCsv(texts, { expression: `async ({ name, born }) => (${AGE})` }, ageLine),
  },
  { way: "batch", course: (texts) => wideCsv(texts, transform("all-ages.ts"), ageLine) },
];

async function opened(way: Way, course: Course, count: number): Promise<Work> {
  const worker = new BareWorker();
  await worker.open(await toldOf(course.sample, course.options), way);
  const bytes = Buffer.from(course.rows);
  const task: RowTask = {
    batch: 0,
    bytes: { kind: "copy", data: bytes },
    file: 0,
    firstRow: 0,
    firstLine: 1,
    rows: count,
  };
  return {
    bytes: bytes.length,
    rows: count,
    run: async (seen) => {
      const result = await worker.run(task);
      if (seen === undefined) worker.giveBack(result.output);
      else seen.push(Object.keys(blocksByName(result.blocks)), await worker.textOf(result));
    },
    expected: () => [[way], course.expected()],
  };
}

type Answer = ResultMessage<BatchResult> | FromWorker | { type: "ready" } | BrokenMessage;
type AnswerOf<Type extends Answer["type"]> = Extract<Answer, { type: Type }>;

/** A worker's role in this process: what it is told, and what it answers. */
class BareWorker {
  readonly #progress = new Int32Array(new SharedArrayBuffer(PROGRESS_WORDS * 4));
  readonly #hear: (message: { type: string }) => void;
  #awaited: { type: Answer["type"]; resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  constructor() {
    const open: OpenMessage = { type: "open", role: "transform", worker: 0, progress: this.#progress };
    this.#hear = serveTransform(open, (message) => this.#heard(message as Answer));
  }

  async open({ load, setup, columns }: Told, way: Way): Promise<void> {
    this.#hear(load);
    // Which of the slow ways a block takes, its results say.
    const asked = { ...setup.setup, way: way.startsWith("rows") ? "rows" : way };
    await this.#tell({ ...setup, columns, setup: asked }, "ready");
  }

  async run(payload: RowTask): Promise<BatchResult> {
    const id = 0;
    Atomics.store(this.#progress, PROGRESS_CLAIMS, id);
    const usual = { poisoned: [], isSerial: false, done: 0, takesParts: false };
    const task: TaskMessage<RowTask> = { type: "task", id, payload, ...usual, ticket: 0 };
    const answer = await this.#tell(task, "result");
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value;
  }

  /** The output of a batch; of rows that were folded, what is made of their part. */
  async textOf({ output, part }: BatchResult): Promise<string> {
    if (part === undefined) return Buffer.from(output).toString();
    await this.#tell({ type: "take", part }, "taken");
    const { rows } = await this.#tell({ type: "give" }, "taken");
    return Buffer.from(rows?.output ?? []).toString();
  }

  /** The parent does so with results that it has written. */
  giveBack({ buffer }: BatchResult["output"]): void {
    this.#hear({ type: "memory", memory: buffer } as ToWorker);
  }

  #tell<Type extends Answer["type"]>(message: ToWorker | TaskMessage<RowTask>, type: Type): Promise<AnswerOf<Type>> {
    const { promise, resolve, reject } = Promise.withResolvers<AnswerOf<Type>>();
    this.#awaited = { type, resolve: (answer) => resolve(answer as AnswerOf<Type>), reject };
    this.#hear(message);
    return promise;
  }

  #heard(answer: Answer): void {
    if (answer.type === "broken") this.#awaited?.reject(new Error(answer.error.message));
    else if (answer.type === this.#awaited?.type) this.#awaited.resolve(answer);
  }
}

/** All ways: which of them blocks took is checked as well as what came out. */
export const WAY_BENCHES: readonly Bench[] = COURSES.map(({ way, what, course }) => ({
  name: `way ${way}${what === undefined ? "" : `, ${what}`}`,
  open: (texts) => opened(way, course(texts), texts.rows),
}));
