/**
 * Every hint works when it is followed. Each line of the table makes a kind of failure, says what the hint must hold, and
 * follows it: what it names is put on the command line (or into the file), and the run must come to its end.
 */
import { describe, expect, test } from "bun:test";
import { type Files, installBinary } from "./binary.ts";

const binary = installBinary();

interface Case {
  what: string;
  files?: Files;
  args: string[];
  /** What the hint must say. */
  hint: RegExp;
  /** What whoever follows it does then: by default, what stands in the hint's first group is added to the line. */
  follow?: { args?: (found: RegExpExecArray) => string[]; files?: Files };
  /** What comes of it, as far as it must be so. */
  stdout?: string | RegExp;
  code?: number;
}

const CSV = "name,born\nAda,1815\nEmmy,1882\n";
const KEYS = '{"a":1}\n{"a":2,"b":3}\n';

/** Words of a shell: plain ones, and what stands in single quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/(?:[^\s']|'(?:[^']|'\\'')*')+/g)].map(([word]) =>
    word.replaceAll("'\\''", "\0").replaceAll("'", "").replaceAll("\0", "'"),
  );
}

const CASES: Case[] = [
  // Quotes.
  {
    what: "quotes in TSV",
    files: { "a.tsv": 'id\tn\n1\t5" pipe\n2\t"new" part\n3\t"open\n' },
    args: ["-e", "row", "a.tsv"],
    hint: /(--quote '')$/,
    stdout: /3\t"?"*open/,
  },
  {
    what: "a long row of TSV",
    files: { "a.tsv": `id\tn\n1\t"x" ${"y".repeat(500)}\n2\tz\n` },
    args: ["-e", "row", "a.tsv"],
    hint: /(--quote '')$/,
  },
  {
    what: "a blank before a quote",
    files: { "a.csv": 'a,b\n1, "x, y"\n' },
    args: ["-e", "row", "a.csv"],
    hint: /(--trim)$/,
    stdout: 'a,b\n1,"x, y"\n',
  },
  {
    what: "backslashes before quotes",
    files: { "a.csv": 'a,b\n1,"say \\"hi\\", x"\n' },
    args: ["-e", "row", "a.csv"],
    hint: /(--escape '\\')$/,
    stdout: 'a,b\n1,"say ""hi"", x"\n',
  },
  {
    what: "a quote in a field",
    files: { "a.csv": 'a,b\n1,5" x\n' },
    args: ["-e", "row", "a.csv"],
    hint: /(--lazy-quotes)$/,
  },
  {
    what: "a quote in a field, by mending the file",
    files: { "a.csv": 'a,b\n1,5" x\n' },
    args: ["-e", "row", "a.csv"],
    hint: /quote the whole field and double the quote/,
    follow: { files: { "a.csv": 'a,b\n1,"5"" x"\n' } },
  },
  {
    what: "text behind a quoted field",
    files: { "a.csv": 'a,b\n1,"new" x\n2,"p,q"\n' },
    args: ["-e", "row", "a.csv"],
    hint: /(--on-error skip)/,
    code: 3,
    stdout: 'a,b\n2,"p,q"\n',
  },
  {
    what: "a quote that is never closed",
    files: { "a.csv": 'a,b\n1,"open\n2,x\n' },
    args: ["-e", "row", "a.csv"],
    hint: /(--quote '')$/,
    stdout: /2,x/,
  },
  {
    what: "a quote in the header",
    files: { "a.tsv": 'id\t5" n\n1\tx\n' },
    args: ["-e", "row", "a.tsv"],
    hint: /(--quote '')$/,
  },
  // Fields, header, lines that are no rows.
  {
    what: "a title",
    files: { "a.csv": "Report 2024\na,b,c\n1,2,3\n4,5,6\n" },
    args: ["-e", "row", "a.csv"],
    hint: /(--skip-lines 1)$/,
    stdout: "a,b,c\n1,2,3\n4,5,6\n",
  },
  {
    what: "two lines and a blank one",
    files: { "a.csv": "Report\nof 2024\n\na,b,c\n1,2,3\n4,5,6\n" },
    args: ["-e", "row", "a.csv"],
    hint: /(--skip-lines 3)$/,
    stdout: "a,b,c\n1,2,3\n4,5,6\n",
  },
  {
    what: "a title that a spreadsheet has filled up",
    files: { "a.csv": "Report,,\na,b,c\n1,2,3\n4,5,6\n" },
    args: ["-e", "row", "a.csv"],
    hint: /(--skip-lines 1);/,
    stdout: "a,b,c\n1,2,3\n4,5,6\n",
  },
  {
    what: "a title before rows without a header",
    files: { "a.csv": "Report\n1,2,3\n4,5,6\n" },
    args: ["-e", "row", "a.csv"],
    hint: /(--skip-lines 1 -n)$/,
    stdout: "1,2,3\n4,5,6\n",
  },
  {
    what: "a title where a line is skipped already",
    files: { "a.csv": "x\nReport\na,b\n1,2\n3,4\n" },
    args: ["-e", "row", "a.csv", "--skip-lines", "1"],
    hint: /(--skip-lines 2)$/,
    stdout: "a,b\n1,2\n3,4\n",
  },
  {
    what: "comments before the header",
    files: { "a.csv": "# by x\n# on y\na,b\n1,2\n3,4\n" },
    args: ["-e", "row", "a.csv"],
    hint: /(--comment '#')$/,
    stdout: "a,b\n1,2\n3,4\n",
  },
  {
    what: "a comment among the rows",
    files: { "a.csv": "a,b\n1,2\n# mid\n3,4\n" },
    args: ["-e", "row", "a.csv"],
    hint: /(--comment '#')$/,
    stdout: "a,b\n1,2\n3,4\n",
  },
  { what: "too few fields", files: { "a.csv": "a,b\n1,2\n3\n" }, args: ["-e", "row", "a.csv"], hint: /(--ragged)/ },
  {
    what: "a name twice",
    files: { "a.csv": "a,b,a\n1,2,3\n" },
    args: ["-e", "row", "a.csv"],
    hint: /^(--dedup-columns)/,
    stdout: "a,b,a_3\n1,2,3\n",
  },
  {
    what: "a name twice, and the name that would be made of it",
    files: { "a.csv": "a,b,a,a_3\n1,2,3,4\n" },
    args: ["-e", "row", "a.csv"],
    hint: /(--columns \S+)$/,
    stdout: /^a,b,\w+,a_3\n1,2,3,4\n$/,
  },
  {
    what: "a name twice, with a comma in it",
    files: { "a.csv": '"a,b",c,"a,b"\n1,2,3\n' },
    args: ["-e", "row", "a.csv"],
    hint: /(--columns '.*')$/,
    stdout: '"a,b",c,"a,b_3"\n1,2,3\n',
  },
  {
    what: "names that are empty",
    files: { "a.csv": "a,,\n1,2,3\n" },
    args: ["-e", "row", "a.csv"],
    hint: /(--columns \S+)$/,
    stdout: /^a,\w+,\w+\n1,2,3\n$/,
  },
  {
    what: "too many fields",
    files: { "a.csv": "a,b\n1,2\n3,4,5\n" },
    args: ["-e", "row", "a.csv"],
    hint: /(--extra-fields drop)/,
    stdout: "a,b\n1,2\n3,4\n",
  },
  {
    what: "blanks behind quotes",
    files: { "a.csv": '"a" ,"b"\n"1" ,"x, y"\n' },
    args: ["-e", "row", "a.csv"],
    hint: /(--trim)$/,
    stdout: 'a,b\n1,"x, y"\n',
  },
  {
    what: "a first row that is no header",
    files: { "a.csv": "1,2,1\n4,5,6\n" },
    args: ["-e", "row", "a.csv"],
    hint: /(-n) if/,
    stdout: "1,2,1\n4,5,6\n",
  },
  // Names.
  {
    what: "a mistyped column",
    args: ["-e", "{ nmae }"],
    hint: /did you mean (\w+)\?/,
    follow: { args: ([, name = ""]) => ["-e", `{ ${name} }`] },
  },
  {
    what: "a mistyped member",
    args: ["-e", "{ a: row.nmae }"],
    hint: /did you mean (row\.\w+)\?/,
    follow: { args: ([, name = ""]) => ["-e", `{ a: ${name} }`] },
  },
  {
    what: "a member that may be missing",
    args: ["-e", "{ a: row.nope }"],
    hint: /missing: (.*)\)$/,
    follow: { args: ([, code = ""]) => ["-e", `{ a: ${code} }`] },
  },
  {
    what: "a parameter that may be missing",
    args: ["-e", "({ nope }) => ({ a: 1 })"],
    hint: /missing: (.*)\)$/,
    follow: { args: ([, code = ""]) => ["-e", `(${code}) => ({ a: 1 })`] },
  },
  {
    what: "a mistyped column in a filter",
    args: ["--filter", "row.brn > 1815"],
    hint: /did you mean (row\.\w+)\?/,
    follow: { args: ([, name = ""]) => ["--filter", `${name} > 1815`] },
    stdout: "name,born\nEmmy,1882\n",
  },
  {
    what: "a column with what does not show",
    files: { "in.csv": "na\u200bme,born\nAda,1\n" },
    args: ["-e", "{ a: name }"],
    hint: /did you mean (row\[.*\])\?/,
    follow: { args: ([, code = ""]) => ["-e", `{ a: ${code} }`] },
    stdout: "a\nAda\n",
  },
  {
    what: "another form of the same letter",
    files: { "in.csv": "cafe\u0301\nx\n" },
    args: ["-e", "{ a: café }"],
    hint: /did you mean (row\[.*\])\?/,
    follow: { args: ([, code = ""]) => ["-e", `{ a: ${code} }`] },
    stdout: "a\nx\n",
  },
  {
    what: "reserved words",
    files: { "in.csv": "class,new\n1,2\n" },
    args: ["-e", "{ class, n: new }"],
    hint: /^write: (.*)$/,
    follow: { args: ([, code = ""]) => ["-e", code] },
    stdout: "class,n\n1,2\n",
  },
  {
    what: "reserved words in JSON",
    files: { "a.jsonl": '{"class":1}\n' },
    args: ["-e", "{ class }", "a.jsonl"],
    hint: /^write: (.*)$/,
    follow: { args: ([, code = ""]) => ["-e", code, "a.jsonl"] },
    stdout: '{"class":1}\n',
  },
  {
    what: "a name with a blank",
    files: { "in.csv": "first name\nAda\n" },
    args: ["-e", "{ n: first name }"],
    hint: /^write: (.*)$/,
    follow: { args: ([, code = ""]) => ["-e", code] },
    stdout: "n\nAda\n",
  },
  {
    what: "await",
    args: ["-e", "{ name: await Promise.resolve(row.name) }"],
    hint: /^write: (.*)$/,
    follow: { args: ([, code = ""]) => ["-e", code] },
  },
  {
    what: "a column of --types",
    args: ["-e", "row", "--types", "bron=int"],
    hint: /did you mean (\w+)\?/,
    follow: { args: ([, name = ""]) => ["-e", "row", "--types", `${name}=int`] },
  },
  {
    what: "a column of --group-by",
    args: ["--group-by", "nmae", "--count"],
    hint: /did you mean (\w+)\?/,
    follow: { args: ([, name = ""]) => ["--group-by", name, "--count"] },
  },
  {
    what: "a type",
    args: ["-e", "row", "--types", "born=itn"],
    hint: /did you mean (--types born=int)\?/,
    follow: { args: ([, option = ""]) => ["-e", "row", ...words(option)] },
  },
  {
    what: "a format",
    args: ["-e", "row", "--to", "jsno"],
    hint: /did you mean (\w+)\?/,
    follow: { args: ([, name = ""]) => ["-e", "row", "--to", name] },
  },
  {
    what: "an option",
    args: ["-e", "row", "--limt", "1"],
    hint: /(--limit)/,
    follow: { args: ([, name = ""]) => ["-e", "row", name, "1"] },
  },
  {
    what: "count twice",
    files: { "in.csv": "count,x\na,1\n" },
    args: ["--group-by", "count", "--count"],
    hint: /: (-e .* --group-by \w+)$/,
    follow: { args: ([, line = ""]) => [...words(line), "--count"] },
    stdout: "count_group,count\na,1\n",
  },
  // Expressions and their results.
  {
    what: "one value",
    args: ["-e", "born + 1"],
    hint: /: (-e .*)$/,
    follow: { args: ([, line = ""]) => words(line) },
    stdout: "born\n1816\n1883\n",
  },
  {
    what: "one column",
    args: ["-e", "name"],
    hint: /: (-e .*)$/,
    follow: { args: ([, line = ""]) => words(line) },
    stdout: "name\nAda\nEmmy\n",
  },
  {
    what: "one value of a function",
    args: ["-e", "(r) => r.name.length"],
    hint: /: (-e .*)$/,
    follow: { args: ([, line = ""]) => words(line) },
    stdout: "name\n3\n4\n",
  },
  {
    what: "one value with quotes in it",
    args: ["-e", '"it\'s " + name'],
    hint: /: (-e .*)$/,
    follow: { args: ([, line = ""]) => words(line) },
  },
  {
    what: "a test in place of a filter",
    args: ["-e", "born > 1815"],
    hint: /(--filter '.*?');/,
    follow: { args: ([, line = ""]) => words(line) },
    stdout: "name,born\nEmmy,1882\n",
  },
  {
    what: "one value to be grouped",
    args: ["-e", "name", "--group-by", "name", "--count"],
    hint: /: (-e .*)$/,
    follow: { args: ([, line = ""]) => [...words(line), "--group-by", "name", "--count"] },
    stdout: "name,count\nAda,1\nEmmy,1\n",
  },
  {
    what: "rows of different keys",
    files: { "a.jsonl": KEYS },
    args: ["-e", "row", "a.jsonl", "--to", "csv"],
    hint: /: (-e .*)$/,
    follow: { args: ([, line = ""]) => [...words(line), "a.jsonl", "--to", "csv"] },
    stdout: "a,b\n1,\n2,3\n",
  },
  {
    what: "filtered rows of different keys",
    files: { "a.jsonl": KEYS },
    args: ["--filter", "a > 0", "a.jsonl", "--to", "csv"],
    hint: /: (-e .*)$/,
    follow: { args: ([, line = ""]) => ["--filter", "a > 0", ...words(line), "a.jsonl", "--to", "csv"] },
    stdout: "a,b\n1,\n2,3\n",
  },
  {
    what: "spread rows of different keys",
    files: { "a.jsonl": KEYS },
    args: ["-e", "{ ...row, x: a }", "a.jsonl", "--to", "csv"],
    hint: /: (-e .*)$/,
    follow: { args: ([, line = ""]) => [...words(line), "a.jsonl", "--to", "csv"] },
    stdout: "a,x,b\n1,1,\n2,2,3\n",
  },
  {
    what: "results of different keys",
    args: ["-e", "born < 1850 ? { a: 1 } : { b: 2 }"],
    hint: /(--union)/,
    stdout: "a,b\n1,\n,2\n",
  },
  {
    what: "rows whose columns are united",
    files: { "a.jsonl": KEYS },
    args: ["-e", "row", "a.jsonl", "--to", "csv"],
    hint: /(--union)/,
    stdout: "a,b\n1,\n2,3\n",
  },
  {
    what: "a module's rows whose columns are united",
    files: { "a.jsonl": KEYS, "t.ts": "export default (row) => row;\n" },
    args: ["t.ts", "a.jsonl", "--to", "csv"],
    hint: /(--union)/,
    stdout: "a,b\n1,\n2,3\n",
  },
  {
    what: "files with different columns",
    files: { "a.csv": "a,b\n1,2\n", "b.csv": "b,c\n3,4\n" },
    args: ["-e", "row", "a.csv", "b.csv"],
    hint: /(--union)/,
    stdout: "a,b,c\n1,2,\n,3,4\n",
  },
  {
    what: "a module's rows of different keys",
    files: { "a.jsonl": KEYS, "t.ts": "export default (row) => row;\n" },
    args: ["t.ts", "a.jsonl", "--to", "csv"],
    hint: /(export const columns = .*);/,
    follow: {
      args: () => ["t.ts", "a.jsonl", "--to", "csv"],
      files: { "t.ts": 'export const columns = ["a", "b"];\nexport default (row) => row;\n' },
    },
    stdout: "a,b\n1,\n2,3\n",
  },
  {
    what: "an empty expression",
    args: ["-e", " "],
    hint: /rowmill (-e '.*') FILE/,
    follow: { args: ([, line = ""]) => words(line) },
  },
  {
    what: "statements",
    args: ["-e", "const n = 1; ({ n })"],
    hint: /write a function that returns its result/,
    follow: { args: () => ["-e", "r => { const n = 1; return { n }; }"] },
  },
  {
    what: "statements that return",
    args: ["-e", "const n = name.length; return { n }"],
    hint: /^write: (.*)$/,
    follow: { args: ([, code = ""]) => ["-e", code] },
    stdout: "n\n3\n4\n",
  },
  {
    what: "a parameter called by a reserved word",
    files: { "in.csv": "class,n\n1,2\n" },
    args: ["-e", "({ class, n }) => ({ class, n })"],
    hint: /^write: (.*)$/,
    follow: { args: ([, code = ""]) => ["-e", code] },
    stdout: "class,n\n1,2\n",
  },
  {
    what: "several objects",
    args: ["-e", "{ name }, { born }"],
    hint: /(an array)/,
    follow: { args: () => ["-e", "[{ name, born: null }, { born }]"] },
  },
  {
    what: "another encoding",
    files: { "in.csv": new Uint8Array(Buffer.from("name,born\nJos\xe9,1\n", "latin1")) },
    args: ["-e", "row"],
    hint: /such as (windows-1252)/,
    follow: { args: ([, name = ""]) => ["-e", "row", "--encoding", name] },
    stdout: "name,born\nJosé,1\n",
  },
  {
    what: "bytes that are no text",
    files: { "in.csv": new Uint8Array(Buffer.from("name,born\nJos\xe9,1\n", "latin1")) },
    args: ["-e", "row"],
    hint: /(--encoding-errors replace)/,
    stdout: "name,born\nJos\ufffd,1\n",
  },
  {
    what: "UTF-16 without a mark",
    files: { "in.csv": new Uint8Array(Buffer.from("name,born\nAda,1815\n", "utf16le")) },
    args: ["-e", "row"],
    hint: /(--encoding utf-16le)/,
    stdout: "name,born\nAda,1815\n",
  },
  { what: "no place for rejects", args: ["-e", "row", "--on-error", "reject"], hint: /(--rejects FILE)/ },
  { what: "rejects without a policy", args: ["-e", "row", "--rejects", "r"], hint: /(--on-error reject)/ },
  {
    what: "a package that is not there",
    files: { "t.ts": 'import { z } from "zod/v3";\nexport default (r) => ({ ...r, t: typeof z });\n' },
    args: ["t.ts"],
    hint: /(rowmill add zod)$/,
    follow: { files: { "t.ts": 'import { z } from "zod/mini";\nexport default (r) => ({ ...r, t: typeof z });\n' } },
  },
  {
    what: "data in the place of a transform",
    args: ["in.csv"],
    hint: /rowmill (-e) EXPRESSION (in\.csv)/,
    follow: { args: ([, flag = "", file = ""]) => [flag, "row", file] },
  },
  {
    what: "an import of a package",
    args: ["-e", "import('lodash')"],
    hint: /(node:crypto)/,
    follow: {
      args: ([, name = ""]) => [
        "-e",
        `async (row) => ({ ...row, n: (await import("${name}")).createHash("md5").update(row.name).digest("hex") })`,
      ],
    },
  },
  // Texts that look like something else.
  {
    what: "statements of SQL in a field",
    files: { "a.csv": "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2);\n" },
    args: ["-e", "row", "a.csv"],
    hint: /all the same: (.*)$/,
    stdout: "INSERT INTO t VALUES (1),\nINSERT INTO t VALUES (2),\n",
  },
  {
    what: "a page with quotes in it",
    files: { "a.csv": '<html lang="de">,n\n1,2\n' },
    args: ["-e", "row", "a.csv"],
    hint: /all the same: (.*)$/,
    stdout: '<html lang="de">,n\n1,2\n',
  },
  {
    what: "a page whose lines have other numbers of fields",
    files: { "a.csv": '<html>\n<p class="x, y">\n' },
    args: ["-e", "row", "a.csv"],
    hint: /all the same: (.*)$/,
    stdout: '<html>\n"<p class=""x, y"">"\n',
  },
  {
    what: "lines of several fields before the header",
    files: { "a.csv": "Sales, 2024\nRegion: EU, all, of it\nname,born\nAda,1815\nEmmy,1882\n" },
    args: ["-e", "row", "a.csv"],
    hint: /(--skip-lines \d+)/,
    stdout: CSV,
  },
  {
    what: "pretty objects in a file of lines",
    files: { "a.jsonl": '{"a":1}\n{\n "a": 2\n}\n' },
    args: ["-e", "row", "a.jsonl"],
    hint: /^(--from json)/,
    stdout: '{"a":1}\n{"a":2}\n',
  },
  {
    what: "several objects on a line",
    files: { "a.jsonl": '{"a":1} {"a":2}\n' },
    args: ["-e", "row", "a.jsonl"],
    hint: /^(--from json)/,
    stdout: '{"a":1}\n{"a":2}\n',
  },
  {
    what: "a table in a file of lines",
    files: { "a.jsonl": "a,b\n1,2\n" },
    args: ["-e", "row", "a.jsonl"],
    hint: /(--from csv)$/,
    stdout: "a,b\n1,2\n",
  },
  {
    what: "a header that is too long",
    args: ["-e", "row", "--max-row-bytes", "5"],
    hint: /(--max-row-bytes \d+)$/,
    stdout: CSV,
  },
  {
    what: "a row length that is no number",
    args: ["-e", "row", "--max-row-bytes", "x"],
    hint: /(--max-row-bytes \d+)$/,
    follow: { args: ([, option = ""]) => ["-e", "row", ...words(option)] },
    stdout: CSV,
  },
  // Names that cannot be typed.
  {
    what: "a column of --group-by with what does not show",
    files: { "in.csv": "na\u200bme,born\nAda,1\n" },
    args: ["--group-by", "name", "--count"],
    hint: /(--columns \S+)/,
    stdout: "name,count\nAda,1\n",
  },
  {
    what: "a key of --group-by with what does not show",
    files: { "a.jsonl": '{"na\u200bme":1}\n' },
    args: ["--group-by", "name", "--count", "a.jsonl"],
    hint: /(-e '.*') gives/,
    stdout: '{"name":1,"count":1}\n',
  },
  {
    what: "names twice with what does not show",
    files: { "a.csv": "name,na\u200bme,name\n1,2,3\n" },
    args: ["-e", "row", "a.csv"],
    hint: /(--columns \S+)$/,
    stdout: "name,name_2,name_3\n1,2,3\n",
  },
  {
    what: "a column with a blank",
    files: { "in.csv": "a b,c\n1,2\n" },
    args: ["--sum", "ab"],
    hint: /did you mean ('.*')\?/,
    follow: { args: ([, name = ""]) => ["--sum", ...words(name)] },
    stdout: "a b_sum\n1\n",
  },
  {
    what: "count twice, beside another group",
    files: { "in.csv": "count,city\n1,x\n" },
    args: ["--group-by", "city,count", "--count"],
    hint: /: (-e .* --group-by \S+)$/,
    follow: { args: ([, line = ""]) => [...words(line), "--count"] },
    stdout: "city,count_group,count\nx,1,1\n",
  },
  // Words of other languages, and values that have no form.
  ...(
    [
      ["born =< 1815", "Ada"],
      ["born => 1882", "Emmy"],
      ["born <> 1815", "Emmy"],
      ["name = 'Ada'", "Ada"],
      ["born > 1 AND born < 1850", "Ada"],
      ["name LIKE '%my'", "Emmy"],
      ["name in ('Ada', 'Eve')", "Ada"],
      ["born between 1 and 1850", "Ada"],
      ["name =~ /^A/", "Ada"],
      ["upper(name) == \u201cADA\u201d", "Ada"],
    ] as const
  ).map(([filter, name]): Case => ({
    what: filter,
    args: ["--filter", filter],
    hint: /^write: (.*)$/,
    follow: { args: ([, code = ""]) => ["--filter", code, "-e", "{ name }"] },
    stdout: `name\n${name}\n`,
  })),
  ...[
    "/x/",
    "new Error('x')",
    "new Set(name)",
    "name.matchAll(/a/g)",
    "Promise.resolve(name)",
    "(async () => name)()",
  ].map((value): Case => ({
    what: value,
    args: ["-e", value],
    hint: /: (-e .*)$/,
    follow: { args: ([, line = ""]) => words(line) },
  })),
  {
    what: "columns that a module declares, and one more",
    files: { "t.ts": 'export const columns = ["a"];\nexport default () => ({ a: 1, b: 2 });\n' },
    args: ["t.ts"],
    hint: /(export const columns = .*)$/,
    follow: {
      args: () => ["t.ts"],
      files: { "t.ts": 'export const columns = ["a","b"];\nexport default () => ({ a: 1, b: 2 });\n' },
    },
    stdout: "a,b\n1,2\n1,2\n",
  },
];

function withInput(line: string[]): string[] {
  const isNamed = line.some((word) => /\.(?:csv|tsv|jsonl|json)$/.test(word));
  return isNamed ? line : [...line, "in.csv"];
}

describe("a hint works when it is followed:", () => {
  for (const { what, files, args, hint, follow, stdout, code = 0 } of CASES) {
    test(what, async () => {
      const folder = binary.folder({ "in.csv": CSV, ...files });
      const failed = await folder.run(withInput(args));
      expect(failed.code).not.toBe(0);
      const [, said = ""] = /^ {2}hint: (.*)$/m.exec(failed.stderr) ?? [];
      const found = hint.exec(said);
      if (found === null) throw failed.fail(`the hint does not say ${hint}`);
      folder.write(follow?.files ?? {});
      const line = follow?.args?.(found) ?? (follow === undefined ? [...args, ...words(found[1] ?? "")] : args);
      const ran = await folder.run(withInput(line));
      if (ran.code !== code) ran.fail(`what the hint says does not work: ${said}`);
      if (typeof stdout === "string") expect(ran.stdout).toBe(stdout);
      else if (stdout !== undefined) expect(ran.stdout).toMatch(stdout);
    });
  }
});
