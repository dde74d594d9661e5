/** Formats of the life sciences: lines that are no rows stay where they are, rows keep their bytes, however the work is spread. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  gffNotation,
  gtfNotation,
  infoNotation,
  readKeys,
  sampleNotation,
} from "../../src/formats/science/notations.ts";
import { type Notation, numberOf } from "../../src/formats/values/field-object.ts";
import type { RunOptions } from "../../src/options/run-options.ts";
import { runShaped, setUpShapedRuns, shape } from "./shaped-run.ts";

setUpShapedRuns();

const SEED = 20170526;

interface Lines {
  from: "vcf" | "bed" | "gff" | "gtf" | "sam";
  head: string[];
  /** Lines between rows that are none. */
  between: fc.Arbitrary<string>;
  row: fc.Arbitrary<string>;
  /** Lines behind the last row. */
  tail?: fc.Arbitrary<string[]>;
  /** The number by which rows are chosen, by its column. */
  column: number;
  name: string;
}

const text = fc.constantFrom("a", "é", '"x"', ".", "a b", ",", "😀", "'");
const number = fc.integer({ min: 0, max: 999 }).map(String);
const joined = (...fields: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...fields).map((values) => values.join("\t"));
const attributes = fc.constantFrom("ID=a;Parent=b,c", "Note=a%2Cb", ".", "x");
const info = fc.constantFrom("DP=1;AF=0.50,1e3", "DB", ".", "A=;B=x");
const sample = fc.constantFrom("0/1:1", "./.", ".", "1|1:.");

const KINDS: Lines[] = [
  {
    from: "gff",
    head: ["##gff-version 3"],
    between: fc.constantFrom("###", "# c", "#", "track a=b", "browser hide all"),
    row: joined(text, text, text, number, number, text, text, text, attributes),
    tail: fc.constantFrom([], ["##FASTA", ">x", "ACGT"], [">x", "AC", "", "GT\t1"]),
    column: 3,
    name: "start",
  },
  {
    from: "bed",
    head: ["browser x"],
    between: fc.constantFrom("track a=b", "#c", "browser hide all"),
    row: joined(text, number, number, text),
    column: 1,
    name: "chromStart",
  },
  {
    from: "vcf",
    head: ["##fileformat=VCFv4.2", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts1\tTotal"],
    between: fc.constant(""),
    row: joined(text, number, text, text, text, text, text, info, fc.constant("GT:DP"), sample, sample),
    column: 1,
    name: "POS",
  },
  {
    from: "sam",
    head: ["@HD\tVN:1.6", "@CO\tx"],
    between: fc.constant(""),
    row: fc
      .tuple(
        joined(text, number, text, number, number, text, text, number, number, text, text),
        fc.array(text, { maxLength: 3 }),
      )
      .map(([fields, tags]) => [fields, ...tags].join("\t")),
    column: 3,
    name: "POS",
  },
];

describe("lines stay where they are, and rows keep their bytes:", () => {
  for (const { from, head, between, row, tail = fc.constant<string[]>([]), column, name } of KINDS) {
    for (const objects of from === "vcf" || from === "gff" ? [false, true] : [false]) {
      test(`${from}${objects ? ", with objects" : ""}`, async () => {
        const lines = fc.array(
          fc.oneof(
            { weight: 3, arbitrary: row.map((line) => ({ line, isRow: true })) },
            between.map((line) => ({ line, isRow: false })),
          ),
          { maxLength: 12 },
        );
        const property = fc.asyncProperty(
          lines,
          tail,
          fc.constantFrom("\n", "\r\n"),
          fc.array(shape, { minLength: 2, maxLength: 2 }),
          async (some, behind, newline, ways) => {
            fc.pre(some.some(({ isRow }) => isRow));
            const all = [
              ...head.map((line) => ({ line, isRow: false })),
              ...some,
              ...behind.map((line) => ({ line, isRow: false })),
            ];
            const bytes = Buffer.from(all.map(({ line }) => `${line}${newline}`).join(""));
            // What stands behind the rows is kept as it is; a blank line between them is none.
            const kept = (isChosen: (line: string) => boolean): string =>
              all
                .filter(({ line, isRow }, at) =>
                  isRow ? isChosen(line) : line !== "" || at >= head.length + some.length,
                )
                .map(({ line }) => `${line}${newline}`)
                .join("");
            const options: RunOptions = { from, to: from, ...(objects && { objects }) };
            for (const way of ways) {
              // The lines of a batch are no rows of it.
              const shaped = { ...way, batchRows: undefined };
              const filtered = { ...options, filter: `${name} % 2 === 0` };
              expect((await runShaped({ format: "csv", bytes }, options, shaped)).output).toBe(kept(() => true));
              expect((await runShaped({ format: "csv", bytes }, filtered, shaped)).output).toBe(
                kept((line) => Number(line.split("\t")[column]) % 2 === 0),
              );
              if (!objects) continue;
              const [member, key] = from === "vcf" ? ["INFO.DP", "DP="] : ["attributes.ID", "ID="];
              const byObject = { ...options, filter: `${member} !== undefined` };
              expect((await runShaped({ format: "csv", bytes }, byObject, shaped)).output).toBe(
                kept((line) => line.split("\t").some((field, at) => at > 6 && field.startsWith(key))),
              );
            }
          },
        );
        await fc.assert(property, { seed: SEED, numRuns: 20 });
      }, 600_000);
    }
  }
});

/** What is written of values is read as these. */
function check(notation: Notation, values: fc.Arbitrary<Record<string, unknown>>): void {
  fc.assert(
    fc.property(values, (given) => {
      expect(notation.read(notation.write(given), Number)).toEqual(given);
    }),
    { seed: SEED },
  );
}

test("some keys of INFO are read as all of them are", () => {
  const part = fc.constantFrom(
    "DP=1",
    "DP",
    "DP=",
    "DPX=2",
    "=DP",
    "",
    "AF=0.5,.",
    "AF=x,y",
    "DP=99999999999999999999",
    ".",
  );
  const declared = { AF: { isList: true, type: "number" }, DP: { isList: false, type: "text" } } as const;
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.boolean(), (parts, areDeclared) => {
      const [said, field] = [areDeclared ? declared : {}, parts.join(";")];
      const all = infoNotation(said).read(field, numberOf);
      const keys = ["DP", "AF", "NONE"];
      const wanted = Object.entries(all).filter(([name]) => keys.includes(name));
      expect(readKeys(field, keys, said)).toEqual(Object.fromEntries(wanted));
    }),
    { seed: SEED, numRuns: 1000 },
  );
});

describe("what is written of an object is read as the same:", () => {
  const key = fc.constantFrom("DP", "AF", "x_1", "ID");
  const item = fc.oneof(fc.integer(), fc.constantFrom("a", "b c", "é", "0x1", "01"));
  const several = fc.array(item, { minLength: 2, maxLength: 3 });

  test("INFO of VCF", () => {
    check(infoNotation({}), fc.dictionary(key, fc.oneof(item, several, fc.constant(true), fc.constant(null))));
  });

  test("samples of VCF", () => {
    const values = fc.record({ GT: fc.constantFrom("0/1", null), DP: item, PL: several });
    check(sampleNotation("GT:DP:PL", {}), values);
  });

  test("attributes of GFF", () => {
    const value = fc.constantFrom("a", "b c", "a,b", "x;y=z&%", "é\n");
    check(
      gffNotation,
      fc.dictionary(key, fc.oneof(value, fc.array(value, { minLength: 2, maxLength: 3 }), fc.constant(true))),
    );
  });

  test("attributes of GTF", () => {
    check(gtfNotation, fc.dictionary(key, fc.oneof(item, several), { minKeys: 1 }));
  });
});
