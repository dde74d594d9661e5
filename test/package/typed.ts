/** What a program may do with the package, as far as types go. It is compiled only, by matrix.ts and package.test.ts. */
import {
  CsvParseStream,
  ItemError,
  Pool,
  RowmillError,
  type RunOptions,
  type Settled,
  parse,
  readRows,
  run,
  stringify,
} from "rowmill";

interface Scientist {
  name: string;
  born: number;
}

const scientists: Scientist[] = [{ name: "Ada Lovelace", born: 1815 }];

export async function main(): Promise<string> {
  const pool = new Pool({ jobs: 2, args: { year: 2017 }, shared: { prices: new Float64Array(3) } });
  const ages: { name: string; age: number }[] = await pool.map(
    ({ name, born }, ctx) => ({ name, age: ctx.args.year - born }),
    scientists,
  );
  const prices: (number | undefined)[] = await pool.map((at: number, ctx) => ctx.shared.prices[at], [0, 1]);
  const outcomes: Settled<number>[] = await pool.map(async (n: number) => n * 2, [1, 2], {
    settle: true,
    timeoutMs: 1000,
  });
  const reasons: string[] = [];
  for (const one of outcomes) reasons.push(one.status === "fulfilled" ? `${one.value}` : one.reason.message);
  const powers: number[] = await pool.starmap((base: number, exponent: number) => Math.pow(base, exponent), [[2, 3]]);
  const sum: number = await pool.apply((a: number, b: number) => a + b, [1, 2]);
  await pool[Symbol.asyncDispose]();
  const options: RunOptions = { expression: "row", inputs: ["scientists.csv"], output: "out.jsonl", onError: "skip" };
  const counts = await run(options);
  const rows: Record<string, unknown>[] = readRows("scientists.csv");
  const records: { name: string; born: string }[] = parse("name,born\nAda,1815\n", {
    skipFirstRow: true,
    columns: ["name", "born"],
  });
  const stream = new CsvParseStream({ skipFirstRow: true });
  const text: string = stringify([{ name: "Ada", born: 1815 }], { columns: ["name", "born"] });
  try {
    await pool.map((n: number) => n, [1]);
  } catch (error) {
    if (error instanceof ItemError || error instanceof RowmillError) return error.code;
  }
  return [ages, prices, reasons, powers, sum, counts.rowsOut, rows, records, stream.readable, text].map(String).join();
}

// @ts-expect-error -- there is no such option: the types are not just anything
export const wrong: RunOptions = { inputs: ["a.csv"], noSuchOption: 1 };
