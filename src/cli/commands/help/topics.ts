/**
 * Pages of help on subjects that go over commands: what is a list comes from where the program has it. Lines of examples run as
 * they stand.
 */
import { FIELD_TYPES, TYPE_ALIASES, WANTED } from "../../../fields/typed-fields.ts";
import { FORMAT_ENTRIES } from "../../../formats/registry.ts";
import { OPTION_ENTRIES } from "../../../options/table.ts";
import { EXIT_CODES_HELP } from "../../exit-codes.ts";
import { allFlags } from "../../flags.ts";

interface Topic {
  /** In a line. */
  summary: string;
  text: () => string;
}

/** In the order in which they are listed. */
export const TOPICS: Readonly<Record<string, Topic>> = {
  expressions: {
    summary: "what names mean in -e and --filter",
    text: () => `An expression is JavaScript or TypeScript, called for each row.

A name is, in this order: row (the whole row), a column, r (the row), i (its number, from 0), args (what --arg says),
lookup (the tables of --lookup), and JavaScript's own: Math, Date, JSON, …
A name that is no column is an error, before anything runs; one that may be missing is row.name ?? "".
A column whose name is no name of JavaScript is row["first name"], row.class.

An object is a row, an array many rows, null none; true or false of --filter keeps the row or drops it.
Fields of CSV are texts, but for columns of numbers, which are numbers: rowmill help field-types.

Examples:
  printf 'name,born\\nAda Lovelace,1815\\n' | rowmill -e '{ ...row, age: 2017 - born }'
  printf 'name,born\\nAda Lovelace,1815\\n' | rowmill -e '{ first: name.split(" ")[0] }'
  printf 'name,born\\nAda Lovelace,1815\\n' | rowmill -e 'born < 1900 ? row : null'
  printf 'first name,born\\nAda,1815\\n' | rowmill -e '{ name: row["first name"] }'
  printf 'n\\n1\\n2\\n' | rowmill --arg least=2 --filter 'n >= Number(args.least)'`,
  },
  steps: {
    summary: "what is done with rows in their order: sort, distinct, tops, running sums, pivots",
    text: () => `Steps take the rows that come out of --filter and the function, one step behind the other, in the order in which they stand
on the command line. --per says for which group of rows a window counts by itself.

${optionList(OPTION_ENTRIES.filter(([, { stage }]) => stage !== undefined).map(([name]) => name))}

Examples:
  printf 'n\\n3\\n1\\n2\\n' | rowmill --sort-by n --cumsum n
  printf 'city,n\\nOslo,3\\nRome,5\\nOslo,4\\n' | rowmill --top 1 --by -n
  printf 'city,n\\nOslo,3\\nRome,5\\nOslo,3\\n' | rowmill --distinct
  printf 'city,month,n\\nOslo,jan,3\\nOslo,feb,5\\n' | rowmill --pivot month=n`,
  },
  groups: {
    summary: "counts, sums, means, medians of groups or of all rows",
    text: () => `--group-by makes one row for each group; without it, figures are those of all rows. They are of the rows that come out of
--filter and the function. Sums and means are exact, and the same for every number of workers.

${optionList(["groupBy", "figures", "countDistinct", "approx"])}

Examples:
  printf 'city,sales\\nOslo,3\\nRome,5\\nOslo,4\\n' | rowmill --group-by city --sum sales --count
  printf 'city,sales\\nOslo,3\\nRome,5\\nOslo,4\\n' | rowmill --mean sales --max sales
  printf 'city,sales\\nOslo,3\\nRome,5\\nOslo,4\\n' | rowmill --count-distinct city`,
  },
  joins: {
    summary: "columns of another table, and tables for code",
    text: () => `--join gives rows the columns of a table before all else looks at them. --on city_id=id: which columns are equal; what stands
behind a --join is said of that one.

${optionList(["join", "lookup"])}

Examples:
  printf 'id,city\\n1,Oslo\\n2,Rome\\n' > /tmp/cities.csv
  printf 'name,city_id\\nAda,1\\nEmmy,3\\n' | rowmill --join /tmp/cities.csv --on city_id=id
  printf 'name,city_id\\nAda,1\\nEmmy,3\\n' | rowmill --join /tmp/cities.csv --on city_id=id --kind anti
  printf 'name,city_id\\nAda,1\\n' |
    rowmill --lookup cities=/tmp/cities.csv:id -e '{ name, city: lookup("cities").get(city_id).city }'`,
  },
  formats: {
    summary: "what is read and written, and how it is told",
    text: () => `${formatList()}

Inputs are told by the ends of their names, or by their first bytes; outputs by the end of the name of -o, then by the input.
--from and --to say it otherwise; --icsv and --ojson are short for these. Behind any name may stand .gz, .bgz or .zst.
Members of zip archives are a.zip#b.csv, tables of a database app.db#people, sheets of a workbook book.xlsx#Sales.

Examples:
  printf 'name,born\\nAda Lovelace,1815\\n' | rowmill -e row --to jsonl
  printf '{"name":"Ada","born":1815}\\n' | rowmill --ijsonl -e row --to table
  printf '{"data":{"items":[{"id":1},{"id":2}]}}' | rowmill --from json --records data.items -e row --ocsv
  printf 'a;b\\n1;2\\n' | rowmill -d ';' -e row --out-delimiter tab`,
  },
  "field-types": {
    summary: "what a field is read as",
    text: () => `Fields of CSV are texts. A column of which all fields in the first rows are numbers that come out again as they were written
is numbers in code; 007 and 1.50 stay texts. --types says it otherwise, for a column, or for all: auto, text.

${FIELD_TYPES.map((type) => `  ${type.padEnd(9)} ${WANTED[type]}${aliasesOf(type)}`).join("\n")}

An empty field is "", and with a type undefined. A field that is not of its type fails its row.
--null n/a says which texts are null.
A schema of zod, or a type of the function's row, says all of that in a transform: rowmill schema FILE writes one.

Examples:
  printf 'id,born\\n007,1815\\n' | rowmill -e '{ id, age: 2017 - born }'
  printf 'id,on\\n1,true\\n' | rowmill --types on=boolean --filter on
  printf 'id,n\\n1,n/a\\n2,5\\n' | rowmill --null n/a --types n=int -e '{ id, n: n ?? 0 }'`,
  },
  "failed-rows": {
    summary: "rows that fail: stop, leave out, keep apart, try again",
    text: () => `A row that cannot be read, whose function throws, or whose result cannot be written, fails alone. Unless told otherwise, the run
stops there: the rows before it have come out, an output file is as it was.

${optionList(["onError", "rejects", "maxErrors", "timeout", "retries"])}

rowmill explain CODE says what the code of a failure means. The rejects file is put right, and run again: --from rejects.

Examples:
  printf 'n\\n1\\nx\\n3\\n' | rowmill --types n=int -e '{ twice: 2 * n }' --on-error skip
  printf 'n\\n1\\nx\\n3\\n' | rowmill --types n=int -e '{ twice: 2 * n }' --on-error reject --rejects /tmp/rejects.jsonl`,
  },
  resume: {
    summary: "runs that are interrupted, and output files that are whole",
    text: () => `An output file is complete or not there: results go to FILE.part until all are done. After Ctrl-C, a full disk or a power cut
the same command with --resume goes on behind the last row that was written, to the same bytes.

${optionList(["resume", "restart", "wait", "inPlace"])}

Examples:
  printf 'n\\n1\\n2\\n' > /tmp/n.csv
  rowmill -e '{ twice: 2 * n }' /tmp/n.csv -o /tmp/twice.csv --resume`,
  },
  quoting: {
    summary: "how expressions stand in bash, PowerShell and cmd",
    text: () => `In bash, zsh and fish an expression stands in single quotes, and texts in it in double ones:
  rowmill -e '{ name, big: name.toUpperCase() + "!" }' people.csv
A single quote in it is '\\'' there, or a text is put in backticks.

PowerShell 7.3 and later: the same. Windows PowerShell 5 takes double quotes within an argument away: write backticks or
single quotes in texts, and double the single quotes: rowmill -e '{ name, who: name + ''!'' }' people.csv

cmd knows double quotes only; texts stand in single quotes or backticks, and a percent sign is doubled in batch files:
  rowmill -e "{ name, big: name.toUpperCase() + '!' }" people.csv

What is long stands better in a file: rowmill run age.ts people.csv.`,
  },
  "exit-codes": {
    summary: "what the exit code of the process says",
    text: () => `${EXIT_CODES_HELP}

rowmill diff has those of diff: 0 nothing differs, 1 something does, 2 trouble of any kind.
--on-error skip and reject end with 3 where rows failed; all others are there.`,
  },
  programs: {
    summary: "for scripts and agents: errors, help and schemas as JSON, metrics",
    text: () => `--errors json          errors, warnings and notes on standard error: an object a line, with code, message, file, line, column,
                       hint and suggestion (the name that was meant); no progress
rowmill help --json    commands, options, their types and defaults, examples, exit codes
rowmill explain CODE   what a code means, and what to do; --json for programs
rowmill schema --json-schema FILE   what is in a file
rowmill info --json FILE            format, rows, columns, the first rows
--dry-run              what would be done, and nothing is
--summary run.json     a log of the run, however it ends
--metrics run.prom     figures of the run for Prometheus, written whole
--report run.html      a page of the run, for people

Nothing asks: no command waits for an answer. Standard output has results alone.

Examples:
  printf 'name,born\\nAda,1815\\n' | rowmill -e '{ name, age: 2017 - born }' --errors json
  printf 'name,born\\nAda,1815\\n' | rowmill schema --json-schema
  rowmill explain row-schema --json`,
  },
};

/** Their names, each with a line. */
export function topicList(): string {
  const width = Math.max(...Object.keys(TOPICS).map((name) => name.length));
  const lines = Object.entries(TOPICS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}\n`);
  return `Topics: rowmill help TOPIC\n\n${lines.join("")}`;
}

/** Options by their names in the table, as help shows them. */
function optionList(names: readonly string[]): string {
  const wanted = new Set(
    OPTION_ENTRIES.filter(([name]) => names.includes(name)).flatMap(([, { flag, flags }]) =>
      flag === undefined ? Object.keys(flags ?? {}) : [flag],
    ),
  );
  const shown = allFlags().filter(({ flags }) => wanted.has(flags));
  const width = Math.max(...shown.map(({ flags }) => flags.length));
  return shown.map(({ flags, help }) => `  ${flags.padEnd(width)}  ${help}`).join("\n");
}

function formatList(): string {
  const rows = FORMAT_ENTRIES.map(([name, { told, reader, writer }]) => [
    name,
    reader === undefined ? "" : "read",
    writer === undefined ? "" : "written",
    [...(told.extensions ?? []), ...(told.schemes ?? []).map((scheme) => `${scheme}…`)].join(" "),
    (told.aliases ?? []).length === 0 ? "" : `or: ${(told.aliases ?? []).join(", ")}`,
  ]);
  const widths = [0, 1, 2, 3].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd()).join("\n");
}

function aliasesOf(type: string): string {
  const names = Object.entries(TYPE_ALIASES).filter(([, meant]) => meant === type);
  return names.length === 0 ? "" : ` (or: ${names.map(([name]) => name).join(", ")})`;
}
