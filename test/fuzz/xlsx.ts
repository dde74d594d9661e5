/**
 * Damaged workbooks: each ends with the rows that were in it, or with an error that says what is wrong, in time and in bounded
 * memory. Archives are damaged as a whole; and parts of them, whose sizes and checksums are right then.
 *
 *     bun test/fuzz/xlsx.ts [--runs 100000] [--seed N]
 *
 * Prints the seed, and how many were read and refused; the first that is neither ends with exit code 1, and is left in a file.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parentPort } from "node:worker_threads";
import { RowmillError } from "../../src/errors.ts";
import { Random } from "../faults/random.ts";
import { type MadeWorkbook, readBook, workbook, workbookParts } from "../sources/xlsx/workbooks.ts";

const MOST_MS = 10_000;
const MOST_BYTES = 1 << 30;

/** What the thread that reads says. */
type Said = { run: number } | { mistake: string } | { counts: Record<string, number> };

if (parentPort === null) watch();
else parentPort.on("message", (task: Task) => void fuzz(task));

function say(said: Said): void {
  parentPort?.postMessage(said);
}

interface Task {
  seed: number;
  runs: number;
  /** Where the workbook lies that is read. */
  path: string;
}

/** Runs in a thread of its own: it is seen when that hangs. */
function watch(): void {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "100000" },
      seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "rowmill-fuzz-"));
  const task: Task = { seed: Number(values.seed), runs: Number(values.runs), path: join(folder, "book.xlsx") };
  console.log(`seed ${task.seed}, ${task.runs} runs`);
  const thread = new Worker(import.meta.url);
  let run = 0;
  let timer: NodeJS.Timeout | undefined;
  const fail = (mistake: string): void => {
    const kept = join(tmpdir(), `rowmill-fuzz-${task.seed}-${run}.xlsx`);
    copyFileSync(task.path, kept);
    console.error(`run ${run}: ${mistake}\nthe file: ${kept}`);
    process.exit(1);
  };
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => fail(`it takes more than ${MOST_MS} ms`), MOST_MS);
  };
  thread.addEventListener("message", ({ data }: MessageEvent<Said>) => {
    wait();
    if ("run" in data) run = data.run;
    else if ("mistake" in data) fail(data.mistake);
    else {
      console.log(
        Object.entries(data.counts)
          .map(([what, count]) => `${count} ${what}`)
          .join(", "),
      );
      rmSync(folder, { recursive: true, force: true });
      process.exit(0);
    }
  });
  thread.addEventListener("error", (event) => fail(event.message));
  wait();
  thread.postMessage(task);
}

async function fuzz({ seed, runs, path }: Task): Promise<void> {
  const random = new Random(seed);
  const counts = { read: 0, refused: 0 };
  for (let run = 0; run < runs; run++) {
    const made = someWorkbook(random);
    const isArchive = random.chance(0.4);
    const bytes = isArchive ? damaged(workbook(made), random) : workbook({ ...made, parts: damagedPart(made, random) });
    writeFileSync(path, bytes);
    say({ run });
    const settings = random.chance(0.3) ? { sheet: "*" } : random.chance(0.3) ? { noHeaders: true } : {};
    let mistake: string | undefined;
    try {
      const { text } = await readBook(readFileSync(path), settings);
      counts.read++;
      // What has the checksums that its directory says is what was written.
      if (isArchive && text !== (await readBook(workbook(made), settings)).text) mistake = "other rows were read";
    } catch (error) {
      counts.refused++;
      if (!(error instanceof RowmillError) || error.code !== "input") mistake = Bun.inspect(error);
    }
    if (process.memoryUsage.rss() > MOST_BYTES) mistake ??= "it takes more than 1 GiB";
    if (mistake !== undefined) return say({ mistake });
  }
  say({ counts });
}

function someWorkbook(random: Random): MadeWorkbook {
  const shared = Array.from({ length: random.between(0, 6) }, (_, at) =>
    random.pick([
      `<t>text ${at}</t>`,
      `<r><t>rich</t></r><r><t xml:space="preserve"> text</t></r>`,
      "<t>a &amp; b</t>",
      "<t/>",
    ]),
  );
  const cell = (column: number, row: number): string => {
    const place = random.chance(0.7) ? ` r="${String.fromCharCode(65 + column)}${row}"` : "";
    const kinds = [
      `<c${place}><v>${random.below(1e6) / 100}</v></c>`,
      `<c${place} s="${random.between(1, 4)}"><v>${random.below(50_000)}.5</v></c>`,
      `<c${place} t="inlineStr"><is><t>in &lt;place&gt;, "quoted"</t></is></c>`,
      `<c${place} t="b"><v>${random.below(2)}</v></c>`,
      `<c${place} t="e"><v>#N/A</v></c>`,
      `<c${place}><f>A1*2</f><v>4</v></c>`,
      `<c${place}/>`,
    ];
    if (shared.length > 0) kinds.push(`<c${place} t="s"><v>${random.below(shared.length)}</v></c>`);
    return random.pick(kinds);
  };
  const sheet = (name: string): MadeWorkbook["sheets"][number] => {
    const width = random.between(1, 6);
    const header = Array.from({ length: width }, (_, at) => `<c t="inlineStr"><is><t>h${at}</t></is></c>`).join("");
    const rows = Array.from({ length: random.between(0, 30) }, (_, at) => {
      const cells = Array.from({ length: width }, (_each, column) => cell(column, at + 2)).join("");
      return `<row${random.chance(0.8) ? ` r="${at + 2}"` : ""}>${cells}</row>`;
    });
    return { name, rows: `<row r="1">${header}</row>${rows.join("")}`, behind: random.chance(0.3) ? MERGED : "" };
  };
  const sheets = Array.from({ length: random.between(1, 3) }, (_, at) => sheet(`S${at}`));
  return { sheets, shared, formats: [14, 20, "[h]:mm", "yyyy-mm-dd hh:mm"], is1904: random.chance(0.2) };
}

const MERGED = '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>';

/** A part of a workbook in which something is wrong. */
function damagedPart(made: MadeWorkbook, random: Random): Record<string, Buffer> {
  const parts = workbookParts(made);
  const names = Object.keys(parts);
  // Of all parts sheets have the most that can be wrong.
  const sheets = names.filter((name) => name.includes("worksheets/"));
  const name = random.pick(random.chance(0.6) ? sheets : names);
  const xml = Buffer.from(parts[name] ?? "");
  return { [name]: random.chance(0.5) ? damaged(xml, random) : damagedXml(xml, random) };
}

/** Words of XML in places where they do not belong, and bytes without end. */
function damagedXml(xml: Buffer, random: Random): Buffer {
  const at = random.below(xml.length + 1);
  const word = random.pick([
    "<",
    ">",
    "&",
    "&#0;",
    "&#x110000;",
    "&lt",
    "<![CDATA[",
    "]]>",
    "<!--",
    "<?",
    "</c>",
    "</row>",
    "<row>",
    '<c r="XFD1048576"><v>1</v></c>',
    '<c r="ZZZZZZZZ1"><v>1</v></c>',
    '<c s="99999999999999999999"><v>1</v></c>',
    '<c t="s"><v>4294967295</v></c>',
    '<row r="99999999999999999999">',
    "<!DOCTYPE x>",
    "\u0000",
    "\u00ff\u00fe",
    '"',
    " ".repeat(random.below(3 << 20)),
    "<a>".repeat(random.below(1e5)),
    "<c><v>1</v></c>".repeat(random.below(20_000)),
  ]);
  return Buffer.concat([xml.subarray(0, at), Buffer.from(word, "latin1"), xml.subarray(at)]);
}

/** Changes a few bytes, or cuts, repeats or swaps parts. */
function damaged(bytes: Uint8Array, random: Random): Buffer {
  let wrong = Buffer.from(bytes);
  for (let times = random.between(1, 3); times > 0 && wrong.length > 0; times--) {
    const at = random.below(wrong.length);
    const size = random.between(1, 16);
    const before = wrong.subarray(0, at);
    const kinds = [
      () => before,
      () => Buffer.concat([before, wrong.subarray(at, at + size), wrong.subarray(at)]),
      () => Buffer.concat([before, wrong.subarray(at + size)]),
      () => Buffer.concat([before, Buffer.alloc(size, random.pick([0, 255])), wrong.subarray(at + size)]),
      () => Buffer.concat([before, Buffer.from([random.below(256)]), wrong.subarray(at + 1)]),
    ];
    wrong = Buffer.from(random.pick(kinds)());
  }
  return wrong;
}
