/**
 * The main property: output bytes, and the first failing row, are the same for every jobs × batch size × block size ×
 * file or stream × order in which workers answer, and those of a plain loop.
 *
 * ROWMILL_FUZZ_RUNS=20000 makes it look longer, at random; the seed of a failure is part of its message, and
 * ROWMILL_FUZZ_SEED takes it.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import type { RunOptions } from "../../src/options/run-options.ts";
import { TOKENIZER_DIALECTS } from "../formats/csv/malformed.ts";
import { FUNCTIONS, JSON_FILTERS, READS, type RandomInput, randomInput } from "./inputs.ts";
import { sentAhead } from "./in-process.ts";
import { type PlainFunction, plainLoop } from "./plain-loop.ts";
import { type Shape, rejectsFile, runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

const RUNS = Number(process.env["ROWMILL_FUZZ_RUNS"] ?? 0);
const SEED = Number(process.env["ROWMILL_FUZZ_SEED"] ?? (RUNS > 0 ? Date.now() % 2 ** 31 : 20170526));

setUpShapedRuns();

function csv(text: string): RandomInput {
  return { format: "csv", bytes: Buffer.from(text, "latin1") };
}

function jsonl(text: string): RandomInput {
  return { format: "jsonl", bytes: Buffer.from(text) };
}

afterAll(() => {
  expect(sentAhead.taken).toBeGreaterThan(100);
  expect(sentAhead.declined).toBeGreaterThan(100);
});

const shapes = fc.array(shape, { minLength: 3, maxLength: 3 });
const target = fc.constantFrom("csv" as const, "csv" as const, "jsonl" as const, "json" as const);

describe("output bytes and the first failure are those of a plain loop, however the work is spread:", () => {
  for (const [name, call] of Object.entries(FUNCTIONS)) {
    test(
      name,
      async () => {
        const limits = fc.option(fc.nat({ max: 20 }), { nil: undefined, freq: 3 });
        const rows = fc.record({ first: limits, limit: limits });
        const property = fc.asyncProperty(
          randomInput,
          target,
          rows,
          shapes,
          async (input, to, { first, limit }, ways) => {
            const isIdentity = name === "identity";
            const plain = {
              input: input.bytes,
              from: input.format,
              to,
              call,
              isIdentity,
              first,
              limit: limit ?? Infinity,
            };
            const wanted = await plainLoop({ ...plain, reads: READS[name] });
            const options: RunOptions = {
              expression: call.toString(),
              from: input.format,
              to,
              delimiter: ",",
              types: "text",
              ...(first !== undefined && { first }),
              ...(limit !== undefined && { limit }),
            };
            for (const way of ways) expect(await runShaped(input, options, way)).toEqual(wanted);
          },
        );
        await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 15 });
      },
      600_000,
    );
  }
});

function onlyKept(keeps: PlainFunction): PlainFunction {
  return (row, ctx) => (keeps(row, ctx) ? row : null);
}

describe("rows of JSONL that a filter keeps leave as in a plain loop:", () => {
  for (const [filter, keeps] of Object.entries(JSON_FILTERS)) {
    const call = onlyKept(keeps);
    test(
      filter,
      async () => {
        const onlyJsonl = randomInput.filter(({ format }) => format === "jsonl");
        const property = fc.asyncProperty(onlyJsonl, target, shapes, async (input, to, ways) => {
          const plain = { input: input.bytes, from: input.format, to, call, isIdentity: true, limit: Infinity };
          const wanted = await plainLoop({ ...plain, goesOn: true });
          const options: RunOptions = { filter, from: "jsonl", to, onError: "reject", rejects: rejectsFile };
          for (const way of ways) expect(await runShaped(input, options, way)).toEqual(wanted);
        });
        await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 12 });
      },
      600_000,
    );
  }
});

describe("with rows that fail left out, the rest and the records are those of a plain loop:", () => {
  for (const [name, call] of Object.entries(FUNCTIONS)) {
    test(
      name,
      async () => {
        const property = fc.asyncProperty(randomInput, target, shapes, async (input, to, ways) => {
          const isIdentity = name === "identity";
          const plain = { input: input.bytes, from: input.format, to, call, isIdentity, limit: Infinity, goesOn: true };
          const wanted = await plainLoop({ ...plain, reads: READS[name] });
          const options: RunOptions = {
            expression: call.toString(),
            from: input.format,
            to,
            delimiter: ",",
            types: "text",
            onError: "reject",
            rejects: rejectsFile,
          };
          const records = new Set<string>();
          for (const way of ways) {
            expect(await runShaped(input, options, way)).toEqual(wanted);
            // A stream and a file have different names.
            records.add(readFileSync(rejectsFile, "utf8").replaceAll(/^\{"file":"[^"]*"/gm, ""));
          }
          expect(records.size).toBe(1);
        });
        await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 12 });
      },
      600_000,
    );
  }
});

/** Filters, with the functions that they stand for. */
const FILTERS: Record<string, PlainFunction> = {
  "row.born > 1": (row) => (row["born"] as number) > 1,
  "row.born - 3": (row) => (row["born"] as number) - 3,
  'row["name"]': (row) => row["name"],
  "Object.values(row).length % 2 === i % 2": (row, { index }) => Object.values(row).length % 2 === index % 2,
  "Promise.resolve(i % 3 === 0)": (_row, { index }) => index % 3 === 0,
  "row => !row": () => false,
};

describe("rows that a filter keeps are those of a plain loop:", () => {
  for (const [filter, keeps] of Object.entries(FILTERS)) {
    test(
      filter,
      async () => {
        const property = fc.asyncProperty(randomInput, target, shapes, async (input, to, ways) => {
          const call = onlyKept(keeps);
          const plain = { input: input.bytes, from: input.format, to, call, isIdentity: true, limit: Infinity };
          const wanted = await plainLoop({ ...plain, reads: filter.match(/born|name/g) ?? [] });
          const options: RunOptions = { filter, from: input.format, to, delimiter: ",", types: "text" };
          for (const way of ways) expect(await runShaped(input, options, way)).toEqual(wanted);
        });
        await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 12 });
      },
      600_000,
    );
  }
});

describe("dialects that the tokenizer reads give what a plain loop gives:", () => {
  const call = FUNCTIONS["every column and two more"] ?? ((row) => row);
  for (const [name, dialect] of Object.entries(TOKENIZER_DIALECTS)) {
    // For the library alone.
    if (dialect.trim === "std") continue;
    test(
      name,
      async () => {
        const onlyCsv = randomInput.filter(({ format }) => format === "csv");
        const property = fc.asyncProperty(onlyCsv, shapes, async (input, ways) => {
          const plain = {
            input: input.bytes,
            from: "csv",
            to: "csv",
            call,
            isIdentity: false,
            limit: Infinity,
          } as const;
          const wanted = await plainLoop({ ...plain, dialect });
          const options: RunOptions = {
            expression: call.toString(),
            from: "csv",
            to: "csv",
            delimiter: dialect.delimiter,
            types: "text",
            escape: dialect.escape,
            lazyQuotes: dialect.lazyQuotes,
            trim: dialect.trim === "both",
            comment: [...dialect.comments],
          };
          for (const way of ways) expect(await runShaped(input, options, way)).toEqual(wanted);
        });
        await fc.assert(property, { seed: SEED, numRuns: RUNS > 0 ? RUNS : 15 });
      },
      600_000,
    );
  }
});

/** What went wrong once, each in the shape that showed it. */
describe("cases", () => {
  const plainShape: Shape = {
    jobs: 1,
    batchBytes: 1,
    growth: 1,
    batchRows: undefined,
    blockBytes: undefined,
    pieces: [],
    concurrency: 1,
    picks: [1],
    isAsked: false,
  };

  test("lines that end with CR alone are refused, as in the plain loop, and a CR in quotes is none of them", async () => {
    const call = FUNCTIONS["identity"] ?? ((row) => row);
    const texts = [
      "\r0,name\n",
      "a,b\r1,2\r",
      "a\r\r\n1\r\r\n",
      '"a\rb",c\n1,2\n',
      '"a\n\r",b\r1,2\n',
      "\r\na\r\n",
      "a\r\nb\r",
    ];
    const failures: unknown[] = [];
    for (const text of texts) {
      const input = csv(text);
      const wanted = await plainLoop({
        input: input.bytes,
        from: "csv",
        to: "csv",
        call,
        isIdentity: true,
        limit: Infinity,
      });
      expect(await runShaped(input, { from: "csv", to: "csv", delimiter: "," }, plainShape)).toEqual(wanted);
      failures.push(wanted.failure?.code);
    }
    const refused = "input";
    expect(failures).toEqual([refused, refused, refused, undefined, refused, undefined, undefined]);
  });

  test("an object that inherits from an array is as many rows as that has", async () => {
    const call = FUNCTIONS["integer-like columns"] ?? ((row) => row);
    const outputs: string[] = [];
    for (const text of ['{"__proto__":[]}\n', '{"0":[],"__proto__":[0]}\n', '{"0":{"c":2},"__proto__":[0]}\n']) {
      const input = jsonl(text);
      const wanted = await plainLoop({
        input: input.bytes,
        from: "jsonl",
        to: "csv",
        call,
        isIdentity: false,
        limit: Infinity,
      });
      expect(await runShaped(input, { from: "jsonl", to: "csv", expression: call.toString() }, plainShape)).toEqual(
        wanted,
      );
      outputs.push(wanted.failure?.code ?? wanted.output);
    }
    expect(outputs).toEqual(["", "row-result", "c\n2\n"]);
  });

  test("a batch of several blocks that guessed its columns keeps the rows behind a result that does not fit them", async () => {
    const call = FUNCTIONS["columns of a later row, fewer and fewer"];
    const input = csv(`n\n${"1\n".repeat(9)}`);
    const shaped = { ...plainShape, batchRows: 4, blockBytes: 1 };
    const { output, failure } = await runShaped(input, { expression: String(call), to: "csv" }, shaped);
    expect(failure).toBeUndefined();
    expect(output).toBe("a,b,c\n1,2,3\n4,,\n,,5\n6,,\n,,7\n8,,\n");
  });

  test("a blank line before a row that is not UTF-8 counts as a line, and rows behind blank lines keep their fields", async () => {
    const input = csv("a,b\n1,2\n\n3,4\n\r\n\xff,6\n");
    const { output, failure } = await runShaped(input, { to: "csv" }, { ...plainShape, batchBytes: 1000 });
    expect(output).toBe("a,b\n1,2\n3,4\n");
    expect(failure).toEqual({ code: "row-encoding", line: 6 });
  });

  test("blank lines beside a short row are no fields of it", async () => {
    for (const rows of ["x\n\n3,4\n", "x\r\n\r\n3,4\n", "\nx\n3,4\n", "3,4\nx\n\n"]) {
      const { failure } = await runShaped(csv(`a,b\n${rows}`), { to: "csv" }, { ...plainShape, batchBytes: 1000 });
      expect(failure?.code).toBe("row-field-count");
    }
  });

  test("rows without any column are empty lines", async () => {
    const { output } = await runShaped(jsonl("{}\n{}\n"), { from: "jsonl", to: "csv" }, plainShape);
    expect(output).toBe("\n\n\n");
  });

  test("--limit 0 gives the header of the input", async () => {
    const { output, failure } = await runShaped(csv("a,b\n1,2\n"), { to: "csv", limit: 0 }, plainShape);
    expect({ output, failure }).toEqual({ output: "a,b\n", failure: undefined });
  });

  test("a last row of exactly --max-row-bytes without a line end is read", async () => {
    const { output } = await runShaped(csv("a\nbcd"), { to: "csv", maxRowBytes: 3 }, plainShape);
    expect(output).toBe("a\nbcd\n");
  });

  test("the first failing row in input order is reported, though a later batch failed first", async () => {
    const expression = 'r => { if (r.n === "3" || r.n === "7") throw new Error(r.n); return r; }';
    const input = csv("n\n1\n2\n3\n4\n5\n6\n7\n8\n");
    for (let pick = 1; pick < 40; pick++) {
      const shaped = { ...plainShape, jobs: 3, picks: [pick, pick * 7, pick * 3 + 1, pick * 5 + 2] };
      const { output, failure } = await runShaped(input, { expression, to: "csv" }, shaped);
      expect({ output, failure }).toEqual({ output: "n\n1\n2\n", failure: { code: "row-function", line: 4 } });
    }
  });
});
