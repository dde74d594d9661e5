/** `--report run.html`: a page of a run, however it ends, with what came of it. What a browser makes of it: report.test.ts. */
import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { installBinary } from "./binary.ts";

const binary = installBinary();

/** The text of a page, without its style and its marks. */
function textOf(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/s, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll("&nbsp;", " ")
    .replaceAll(/\s+/g, " ");
}

const BAD = `export default (row) => {
  if (row.n % 100 === 7) throw new Error(\`no luck with "\${row.name}" at \${row.n}\`);
  if (row.n % 1000 === 3) throw new TypeError("</script><script>document.title = 'no'</script>");
  return row;
};
`;

function manyRows(count: number): string {
  const rows = Array.from({ length: count }, (_, at) => `${at},<b>name ${at}</b>,${["Oslo", "Rome"][at % 2]}\n`);
  return `n,name,city\n${rows.join("")}`;
}

test("what failed is told by its reasons, with rows", async () => {
  const folder = binary.folder();
  writeFileSync(folder.at("rows.csv"), manyRows(20_000));
  writeFileSync(folder.at("bad.ts"), BAD);
  const words = ["run", "bad.ts", "rows.csv", "-o", "out.csv", "--on-error", "reject", "--report", "run.html"];
  expect((await folder.run(words)).code).toBe(3);
  const page = readFileSync(folder.at("run.html"), "utf8");
  const text = textOf(page);
  expect(page).not.toContain("<script>");
  expect(text).toContain("All 220, by what was wrong. They are in out.csv.rejects.jsonl");
  expect(text).toContain("no luck with … at … row-function 200 90.9 %");
  expect(text).toContain(
    "rows.csv:9 no luck with &quot;&lt;b&gt;name 7&lt;/b&gt;&quot; at 7 7,&lt;b&gt;name 7&lt;/b&gt;,Rome",
  );
  for (const part of ["Status done", "Rows in 20,000", "Rows out 19,780", "Failed 220", "--on-error reject"])
    expect(text).toContain(part);
  expect(page.length).toBeLessThan(1_000_000);
});

test("of a run that fails, what ended it; of a run that never began, the same", async () => {
  const folder = binary.folder();
  writeFileSync(folder.at("rows.csv"), manyRows(100));
  writeFileSync(folder.at("bad.ts"), BAD);
  expect((await folder.run(["run", "bad.ts", "rows.csv", "-o", "out.csv", "--report", "run.html"])).code).toBe(1);
  expect(textOf(readFileSync(folder.at("run.html"), "utf8"))).toMatch(/Status failed .* It failed : rows\.csv:5: /);
  expect((await folder.run(["-e", "{ a: nam }", "rows.csv", "--report", "run.html"])).code).toBe(1);
  expect(textOf(readFileSync(folder.at("run.html"), "utf8"))).toContain("uses nam, which is no column");
  // What is no page of a run is not written over where the run could not even begin.
  writeFileSync(folder.at("mine.html"), "mine");
  await folder.run(["run", "none.ts", "rows.csv", "--report", "mine.html"]);
  expect(readFileSync(folder.at("mine.html"), "utf8")).toBe("mine");
});

test("with groups, files for each value, emitted rows, no rows, and a run that goes on", async () => {
  const folder = binary.folder();
  writeFileSync(folder.at("rows.csv"), manyRows(300));
  const pageOf = async (words: string[]): Promise<string> => {
    (await folder.run([...words, "--report", "run.html"])).expect({});
    return textOf(readFileSync(folder.at("run.html"), "utf8"));
  };
  expect(await pageOf(["--group-by", "city", "--count", "rows.csv", "-o", "g.csv"])).toContain("--group-by");
  expect(await pageOf(["-e", "row", "rows.csv", "-o", "{city}.csv", "--split-by", "city"])).toContain(
    "rows, in 2 files",
  );
  writeFileSync(folder.at("emit.ts"), "export default (row, ctx) => { ctx.emit('odd', row); return row; };\n");
  expect(await pageOf(["run", "emit.ts", "rows.csv", "-o", "all.csv", "--emit", "odd=odd.csv"])).toContain(
    "odd.csv 300 rows of --emit odd",
  );
  writeFileSync(folder.at("none.csv"), "a,b\n");
  expect(await pageOf(["-e", "row", "none.csv", "-o", "n.csv"])).toContain("Rows in 0");
  writeFileSync(
    folder.at("later.ts"),
    `import { existsSync } from "node:fs";
export default (row) => { if (row.n === 200 && !existsSync("go")) throw new Error("not yet"); return row; };
`,
  );
  const words = ["run", "later.ts", "rows.csv", "-o", "on.csv"];
  expect((await folder.run(words)).code).toBe(1);
  writeFileSync(folder.at("go"), "");
  expect(await pageOf([...words, "--resume"])).toMatch(/Status done .*Rows out 300 /);
});

test("it is no file that is read, or written otherwise", async () => {
  const folder = binary.scientists();
  const input = readFileSync(folder.at("scientists.csv"), "utf8");
  const read = await folder.run(["-e", "row", "scientists.csv", "--report", "scientists.csv"]);
  read.expect({ code: 2, stderr: ["scientists.csv is the page of the run, and an input as well"] });
  expect(readFileSync(folder.at("scientists.csv"), "utf8")).toBe(input);
  const written = await folder.run(["-e", "row", "scientists.csv", "-o", "a.csv", "--report", "a.csv"]);
  written.expect({ code: 2, stderr: ["a.csv is the page of the run, and the output as well"] });
});

test("an apostrophe opens no quote, and a row's own text is left out however long it is", async () => {
  const folder = binary.folder();
  writeFileSync(folder.at("rows.csv"), manyRows(50));
  const bad = `export default ({ n }) => { throw new Error(\`can't read "\${String(n).repeat(300)}", it's no date\`); };`;
  writeFileSync(folder.at("bad.ts"), bad);
  const words = ["run", "bad.ts", "rows.csv", "-o", "out.csv", "--on-error", "reject", "--report", "run.html"];
  expect((await folder.run(words)).code).toBe(3);
  expect(textOf(readFileSync(folder.at("run.html"), "utf8"))).toContain(
    "can&#x27;t read …, it&#x27;s no date row-function 50 100",
  );
});

test("a run that ends at --max-errors counts the rows up to there", async () => {
  const folder = binary.folder();
  writeFileSync(folder.at("rows.csv"), manyRows(20_000));
  writeFileSync(folder.at("bad.ts"), BAD);
  const words = ["run", "bad.ts", "rows.csv", "-o", "out.csv", "--on-error", "reject", "--report", "run.html"];
  expect((await folder.run([...words, "--max-errors", "10"])).code).toBe(1);
  const text = textOf(readFileSync(folder.at("run.html"), "utf8"));
  const [, all] = /All (\d+), by what was wrong/.exec(text) ?? [];
  const counts = [...text.matchAll(/row-function (\d+) [\d.]+ %/g)].map(([, count]) => Number(count));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(Number(all));
});

test("passwords and signatures of addresses stay out, however many there are", async () => {
  const folder = binary.folder();
  writeFileSync(folder.at("rows.csv"), manyRows(3));
  const lookups = ["one", "two"].flatMap((name) => [
    "--lookup",
    `${name}=https://ann:secret-${name}@127.0.0.1:9/${name}.csv?sig=signed-${name}:n`,
  ]);
  const expression = '{ n, at: "https://ann:secret-three@h/ postgres://ann:secret-four@h/" }';
  expect((await folder.run(["-e", expression, "rows.csv", ...lookups, "--report", "run.html"])).code).toBe(1);
  const page = readFileSync(folder.at("run.html"), "utf8");
  expect(page).toContain("https://ann:…@127.0.0.1:9/two.csv");
  expect(page).not.toMatch(/secret-|signed-/);
});
