/**
 * What a transform does once, or between rows, and that does not end: `setup`, `teardown`, and the parts of a reduce. Each
 * run ends in time, with its reason, and an output that is complete or not there.
 *
 *     bun test/faults/waits.ts [--binary PATH] [--seed N]
 */
import { type Harness, eachOf, runCommand } from "./harness.ts";

const HANGS: Record<string, string> = {
  "an endless loop": "for (;;);",
  "a promise that never settles": "return new Promise(() => {});",
};
const ENDS: Record<string, string> = { "process.exit(0)": "process.exit(0);", "a throw": 'throw new Error("no");' };

/** Where the code stands, as a module; `merge` and `init` must answer at once. */
const PLACES: Record<string, { module: (code: string) => string; isLate: boolean; isSync: boolean }> = {
  setup: { module: (code) => `export const setup = () => { ${code} }; ${ROWS}`, isLate: false, isSync: false },
  teardown: { module: (code) => `export const teardown = () => { ${code} }; ${ROWS}`, isLate: true, isSync: false },
  init: { module: (code) => reduce({ init: code }), isLate: false, isSync: true },
  merge: { module: (code) => reduce({ merge: code }), isLate: false, isSync: true },
  finish: { module: (code) => reduce({ finish: code }), isLate: false, isSync: false },
};
const ROWS = "export default (row) => row;";

function reduce({ init = "", merge = "", finish = "" }: Record<string, string>): string {
  return `export const reduce = {
  init: () => { ${init} return { n: 0 }; },
  step: ({ n }) => ({ n: n + 1 }),
  merge: (a, b) => { ${merge} return { n: a.n + b.n }; },
  finish: ({ n }) => { ${finish} return [{ n }]; },
};
${ROWS}`;
}

/** Long enough for a busy machine, and far from what is waited for without it. */
const TIMEOUT = "1s";
const IN_TIME_MS = 30_000;
const TARGET = "as it was\n";
const INPUT = "id\n1\n2\n3\n4\n5\n6\n";

/** Runs all of them; how many there were. */
export async function runWaits({ binary }: Pick<Harness, "binary">): Promise<number> {
  const cases = Object.entries(PLACES).flatMap(([place, of]) =>
    [...Object.entries(HANGS), ...(place === "teardown" || place === "setup" ? Object.entries(ENDS) : [])]
      .filter(([, code]) => !(of.isSync && code.startsWith("return")))
      .flatMap(([what, code]) => [1, 2].map((jobs) => ({ place, of, what, code, jobs }))),
  );
  await eachOf(cases, 2, async ({ place, of, what, code, jobs }) => {
    const folder = binary.folder({ "x.ts": of.module(code), "in.csv": INPUT, "out.csv": TARGET });
    const began = performance.now();
    const ran = await folder.run([
      "x.ts",
      "in.csv",
      "-o",
      "out.csv",
      "-b",
      "2",
      "-j",
      String(jobs),
      "--timeout",
      TIMEOUT,
    ]);
    const ms = performance.now() - began;
    const fail = (why: string): never => ran.fail(`${what} in ${place}, ${jobs} workers: ${why}`);
    if (ms > IN_TIME_MS) fail(`it took ${ms.toFixed(0)} ms`);
    if (ran.code !== 1) fail(`exit code ${ran.code}, wanted 1`);
    if (!ran.stderr.includes(place) && what in HANGS) fail(`the message does not name ${place}`);
    const wanted = of.isLate ? INPUT : TARGET;
    if (folder.read("out.csv") !== wanted) fail(`the output is ${JSON.stringify(folder.read("out.csv"))}`);
    const names = folder.names().join(" ");
    if (names !== "in.csv out.csv x.ts") fail(`files left: ${names}`);
  });
  return cases.length;
}

if (import.meta.main) {
  await runCommand({}, async (settings) => {
    console.log(`${await runWaits(settings)} runs, no difference`);
  });
}
