/** What people see of a run under way and at its end: on a terminal, in a pipe, with the options that change it. */
import { describe, expect, test } from "bun:test";
import { type Folder, installBinary } from "./binary.ts";
import { type Screen, type ScreenRun, onScreen } from "./screen.ts";

const binary = installBinary();

/** Takes long enough for a few drawings of the progress line. */
const SLOW = "export default async (row) => { await Bun.sleep(20); return row; };";
const IN = `id\n${Array.from({ length: 2000 }, (_, id) => id).join("\n")}\n`;
const ARGS = "run slow.ts in.csv -o out.csv -j 2";
const WIDE = 100;

function folder(): Folder {
  return binary.folder({ "slow.ts": SLOW, "in.csv": IN });
}

/** The screen that a command leaves, and all states of its last line while it ran. */
async function watched(
  there: Folder,
  script: string,
  { columns = WIDE, env, onDrawn }: Partial<ScreenRun> = {},
): Promise<{ screen: Screen; seen: string[] }> {
  const seen: string[] = [];
  const look = (screen: Screen): void => {
    seen.push(screen.lines.at(-1) ?? "");
    if (screen.hasWrapped) seen.push("(wrapped)");
    onDrawn?.(screen);
  };
  const screen = await onScreen(there, script, { columns, onDrawn: look, ...(env !== undefined && { env }) });
  return { screen, seen };
}

const DRAWN = /^\d+ % {2}[\d,]+ rows/;
const WORD = /2,000 rows in, 2,000 out in [\d.]+ s \([\d,]+ rows\/s, [\d.]+ (?:bytes|KB|MB)\/s\)/;
const END =
  /2,000 rows in, 2,000 out in [\d.]+ s \([\d,]+ rows\/s, [\d.]+ (?:bytes|KB|MB)\/s\)\r?\n {2}workers busy: \d+ %/;

describe("on a terminal", () => {
  test("a line says how far it is, and is gone at the end; then a word on the run", async () => {
    const there = folder();
    const { screen, seen } = await watched(there, `echo before; rowmill ${ARGS}`);
    expect(seen).toContainEqual(expect.stringMatching(/^\d+ % {2}[\d,]+ rows {2}[\d,]+ rows\/s {2}[\d.]+ s left/));
    expect(screen.lines).toEqual([
      "before",
      expect.stringMatching(WORD),
      expect.stringMatching(/^ {2}workers busy: \d+ % .* {3}parent: [\d.]+ %$/),
      expect.stringMatching(/^ {2}time: read \d+ %, parse \d+ %, transform \d+ %, encode \d+ %, write \d+ %$/),
    ]);
    expect(there.read("out.csv")).toBe(IN);
    screen.close();
  });

  test("in a narrow window it says what fits, and does not wrap", async () => {
    for (const columns of [30, 9]) {
      const drawn: string[] = [];
      let hasWrapped = false;
      const onDrawn = (screen: Screen): void => {
        const [first] = screen.lines;
        // The words at the end are longer, and wrap.
        if (first === undefined || !/^\d+ %/.test(first)) return;
        drawn.push(first);
        hasWrapped ||= screen.hasWrapped;
      };
      const { screen } = await watched(folder(), `rowmill ${ARGS}`, { columns, onDrawn });
      expect(drawn).not.toEqual([]);
      expect(drawn.filter((line) => line.length >= columns)).toEqual([]);
      expect(hasWrapped).toBe(false);
      screen.close();
    }
  });

  test("a window that changes its width under the line is left without remains of it", async () => {
    const widths = [40, 25, 90, 12];
    const onDrawn = (screen: Screen): void => {
      const [next] = widths;
      if (next === undefined || !DRAWN.test(screen.lines.at(-1) ?? "")) return;
      widths.shift();
      screen.resize(next);
    };
    const { screen } = await watched(folder(), `seq 101 115; rowmill ${ARGS}`, { onDrawn });
    expect(widths).toEqual([]);
    const numbers = Array.from({ length: 15 }, (_, at) => String(101 + at));
    expect(screen.lines.slice(0, 15)).toEqual(numbers);
    expect(screen.lines[15]).toMatch(/^2,000 rows/);
    screen.close();
  });

  test("what a transform logs does not run into the line", async () => {
    const there = folder();
    there.write({
      "slow.ts": SLOW.replace("(row)", "(row, ctx)").replace(
        "return row",
        "if (row.id === '900') ctx.log('logged'); return row",
      ),
    });
    const { screen } = await watched(there, `rowmill ${ARGS}`);
    expect(screen.lines).toContain("logged");
    screen.close();
  });

  test.each([
    ["results on the same screen", "rowmill run slow.ts in.csv -j 2", {}],
    ["-q", `rowmill ${ARGS} -q`, {}],
    ["--progress never", `rowmill ${ARGS} --progress never`, {}],
    ["CI", `rowmill ${ARGS}`, { CI: "true" }],
    ["TERM=dumb", `rowmill ${ARGS}`, { TERM: "dumb" }],
    ["standard error elsewhere", `rowmill ${ARGS} 2> err.txt`, {}],
    ["both streams elsewhere", "rowmill run slow.ts in.csv -j 2 > out.csv 2> err.txt", {}],
  ] as const)("no line is drawn with %s", async (_, script, env) => {
    const there = folder();
    const { screen, seen } = await watched(there, script, { env });
    expect(seen.filter((line) => DRAWN.test(line))).toEqual([]);
    if (script.includes("err.txt")) expect(there.read("err.txt")).toBe("");
    screen.close();
  });

  test("the line is drawn while results go elsewhere, with NO_COLOR too", async () => {
    for (const env of [{}, { NO_COLOR: "1" }] as Record<string, string>[]) {
      const there = folder();
      const { screen, seen } = await watched(there, "rowmill run slow.ts in.csv -j 2 > out.csv", { env });
      expect(seen).toContainEqual(expect.stringMatching(DRAWN));
      expect(screen.raw).not.toMatch(/\u001b\[[\d;]*m/);
      expect(there.read("out.csv")).toBe(IN);
      screen.close();
    }
  });

  test("with --limit the share is that of the rows that are wanted", async () => {
    const there = folder();
    there.write({ "in.csv": `id\n${Array.from({ length: 20_000 }, (_, id) => id).join("\n")}\n` });
    const { screen, seen } = await watched(there, `rowmill ${ARGS} --limit 1000`);
    const shares = seen.flatMap((line) => /^(\d+) %/.exec(line)?.[1] ?? []).map(Number);
    // They are a twentieth of the input. The last line is drawn some time before the end.
    expect(Math.max(...shares)).toBeGreaterThan(6);
    screen.close();
  });
});

describe("where standard error is no terminal", () => {
  test("nothing is said", async () => {
    (await folder().run(ARGS.split(" "))).expect({});
    (await folder().bash("rowmill run slow.ts in.csv -j 2 | cat")).expect({ stdout: IN });
  });

  test("--progress always says it all the same", async () => {
    (await folder().run([...ARGS.split(" "), "--progress", "always"])).expect({ stderr: [END] });
  });

  test("another word than auto, always and never is refused", async () => {
    (await folder().run([...ARGS.split(" "), "--progress", "allways"])).expect({
      code: 2,
      stderr: ["did you mean always?"],
    });
  });
});

describe("help on a terminal", () => {
  test("breaks lines between words, below their column; examples stay whole", async () => {
    const { screen } = await watched(binary.folder(), "rowmill eval --help | head -3 | cat; rowmill --help", {
      columns: 50,
    });
    const at = screen.lines.findIndex((line) => line.startsWith("  -o, --output <file>"));
    expect(screen.lines[at]).toMatch(/write there, complete or$/);
    expect(screen.lines[at + 1]).toMatch(/^ {20,}not at all/);
    expect(screen.raw).toContain(`rowmill -e '{ ...row, c: Number(a) + Number(b) }' --to jsonl`);
    screen.close();
  });
});

test("commands that take their time say what they do, and what may come next", async () => {
  const there = binary.folder({ "a.ts": "export default ({ x }: { x: string }) => ({ x });\n", "in.csv": "x\n1\n" });
  const check = await watched(there, "rowmill check a.ts");
  expect(check.screen.lines).toEqual(["a.ts: no type errors"]);
  check.screen.close();
  const schema = await watched(there, "rowmill schema in.csv -o 'the schema.ts'");
  expect(schema.screen.lines).toEqual(["wrote the schema.ts; next: rowmill run 'the schema.ts' in.csv"]);
  schema.screen.close();
  const compile = await watched(there, "rowmill compile a.ts");
  expect(compile.screen.lines).toEqual([
    expect.stringMatching(/^a: \d+ MB$/),
    "next: ./a FILE; it needs nothing else, here and wherever it is copied to",
  ]);
  compile.screen.close();
});

test("what is waited for is said, in a line that fits, and gone at the end", async () => {
  const shown = Promise.withResolvers<void>();
  const registry = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch() {
      await shown.promise;
      return new Response("{}", { status: 404 });
    },
  });
  try {
    const { screen, seen } = await watched(binary.folder(), "rowmill add 'twice@漢字漢字漢字'", {
      columns: 25,
      env: { npm_config_registry: registry.url.href, BUN_CONFIG_HTTP_RETRY_COUNT: "0" },
      onDrawn: ({ lines }) => {
        if (lines.at(-1)?.startsWith("adding ") === true) shown.resolve();
      },
    });
    // 24 columns are free, and a wide character takes two.
    expect(seen).toContain("adding twice@漢字漢字漢…");
    expect(screen.lines.filter((line) => line.startsWith("adding"))).toEqual([]);
    screen.close();
  } finally {
    await registry.stop(true);
  }
});
