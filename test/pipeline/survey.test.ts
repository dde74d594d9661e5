// A survey whose workers find the rows themselves says what one says whose rows the parent finds.
import { expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SurveyedRows, surveyRows } from "../../src/pipeline/survey-rows.ts";
import { numberFigures, timeFigures } from "../../src/stages/survey/column-figures.ts";

const folder = mkdtempSync(join(tmpdir(), "rowmill-survey-"));

/** Rows of 50 bytes or so. The first cells are cut before a worker has said that it may find rows. */
function lines(count: number, noteOf: (row: number) => string): string {
  const rows = Array.from({ length: count }, (_, row) => {
    const day = `20${10 + (row % 15)}-0${1 + (row % 9)}-11`;
    return `${row === 70_000 ? 12 : row},${(row * 7919) % 1000}.${row % 10},${day},${noteOf(row)},mail${row % 5000}@example.org\n`;
  });
  return `id,score,day,note,mail\n${rows.join("")}`;
}

/** What a page is made of. */
function told({ survey, seen }: SurveyedRows): object {
  return {
    rows: seen.rows,
    head: seen.head,
    keys: survey.keys(),
    pairs: survey.pairs,
    columns: Array.from(survey.columns.values(), (column) => ({
      name: column.name,
      count: column.count,
      distinct: column.distinct,
      numbers: numberFigures(column, 12),
      times: timeFigures(column, 12),
      least: column.numbers?.least,
      greatest: column.times?.greatest,
      commonest: column.values.commonest(20),
      patterns: column.patterns.commonest(20),
      unlike: column.unlike,
      marks: column.marks,
    })),
  };
}

async function bothWays(csv: string): Promise<{ found: SurveyedRows; certain: SurveyedRows }> {
  const [plain, packed] = [join(folder, "rows.csv"), join(folder, "rows.csv.gz")];
  writeFileSync(plain, csv);
  writeFileSync(packed, Bun.gzipSync(Buffer.from(csv), { level: 1 }));
  const options = { jobs: 2, onError: "skip" } as const;
  const found = await surveyRows({ ...options, inputs: [plain] }, ["mail", "note"]);
  const certain = await surveyRows({ ...options, jobs: 1, inputs: [packed] }, ["mail", "note"]);
  return { found, certain };
}

test("rows are counted from the start of the input, whoever finds them", async () => {
  const { found, certain } = await bothWays(
    lines(200_000, (row) => (row % 900 === 0 ? ` odd${row}` : `note ${row % 300}`)),
  );
  expect(certain.seen.summary.stretches.joined).toBe(0);
  expect(found.seen.summary.stretches.joined).toBeGreaterThan(1);
  expect(told(found)).toEqual(told(certain));
}, 60_000);

test("line feeds in quotes, where a guess is wrong, and rows that are none change nothing", async () => {
  const inQuotes = `"${"\n7,7,7,7,7".repeat(2000)}"`;
  const noteOf = (row: number): string =>
    row % 9000 === 11 ? inQuotes : row % 7001 === 5 ? "too,many" : `x${row % 80}`;
  const { found, certain } = await bothWays(lines(200_000, noteOf));
  expect(told(found)).toEqual(told(certain));
  expect(found.seen.summary.rowsFailed).toBe(29);
}, 60_000);
