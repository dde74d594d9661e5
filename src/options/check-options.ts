/** Checks of a run's options, for callers of the library and of the command line alike. */
import { UsageError } from "../errors.ts";
import { compressionByName } from "../io/compression.ts";
import { STDIN } from "../io/files.ts";
import { httpHeaders } from "../io/http-headers.ts";
import { isObjectName } from "../io/s3/object-name.ts";
import { isArchiveName } from "../io/zip/zip-name.ts";
import { STDOUT } from "../io/sink.ts";
import { addsColumns } from "../tables/asked.ts";
import { shownColumn } from "../formats/columns.ts";
import { readerOf, writerOf } from "../formats/registry.ts";
import { isIdentity } from "../code/identity.ts";
import { objectKey, rowMember } from "../code/column-code.ts";
import {
  type Figure,
  type Grouping,
  figureColumn,
  groupFlag,
  groupedColumns,
  groupingOf,
  isFigure,
  isSketched,
  readColumns,
} from "../stages/grouping/grouping.ts";
import { sortKey } from "../stages/sort/sort-keys.ts";
import { lacksRows } from "../stages/rewriting/asked.ts";
import { delimiterPattern } from "../formats/text/cut.ts";
import { checkValues, formatOfOptions } from "./check-values.ts";
import type { RunOptions } from "./run-options.ts";
import { namesWord, shellWord, typableNames } from "../formats/command-words.ts";

/**
 * Checks what the types cannot say, for callers of the library and of the command line alike.
 *
 * @throws {UsageError} Naming the option and what is wanted.
 */
export function checkOptions(options: RunOptions): void {
  checkValues(options);
  const { from = formatOfOptions(options), to } = options;
  if (from !== undefined) readerOf(from).check?.({ ...options });
  if (to !== undefined) writerOf(to).check?.({ ...options });
  httpHeaders(options.httpHeader);
  checkArchive(options);
  checkBgzf(options);
  checkDialect(options);
  checkResume(options);
  checkFigures(options);
  checkRewriting(options);
  checkLocaleKeys(options);
  checkTables(options);
  checkSplit(options);
  checkCache(options);
}

/** What is kept is what a function gives. */
function checkCache({ cache, transform, expression }: RunOptions): void {
  if (cache === undefined || transform !== undefined) return;
  if (expression === undefined || isIdentity(expression, undefined))
    throw new UsageError("--cache keeps what a function gives for a row, and there is none", "leave it out");
}

/** What steps need that change rows. */
function checkRewriting({ movingMean = [], pivot, unpivotNames }: RunOptions): void {
  const lacking = lacksRows({ stage: "moving-mean", asked: movingMean });
  if (lacking !== undefined) {
    throw new UsageError(
      `--moving-mean ${lacking} does not say over how many rows`,
      `for example: --moving-mean ${namesWord([`${lacking}:7`])}`,
    );
  }
  const [pair, another] = Object.entries(pivot ?? {});
  if (another !== undefined) throw new UsageError("there is --pivot twice", "one table is made: --pivot month=amount");
  if (pivot !== undefined && (pair === undefined || pair[1] === "" || pair[0] === pair[1])) {
    throw new UsageError("--pivot wants two columns", "for example: --pivot month=amount");
  }
  if (unpivotNames !== undefined && new Set(unpivotNames).size !== 2) {
    throw new UsageError("--unpivot-names wants two different names", "for example: --unpivot-names month,amount");
  }
}

/** A language says something of keys that are in its order alone. */
function checkLocaleKeys({ locale, sortBy = [], by = [], rank = [] }: RunOptions): void {
  const keys = [...sortBy, ...by, ...rank];
  if (locale === undefined || keys.some((key) => key.endsWith(":locale"))) return;
  const [key = "name"] = keys;
  const { column } = sortKey(key);
  throw new UsageError(
    "--locale is the order of keys that end in :locale, and none does",
    `for example: --sort-by ${namesWord([`${column}:locale`])}`,
  );
}

/** Each join says by which columns, and a table that is a stream is read once. */
function checkTables({ join = [], lookup = {}, inputs = [], union }: RunOptions): void {
  if (union === true && join.length > 0 && inputs.length > 1)
    throw new UsageError(
      "--join knows the columns of the first input, and with --union others may have other ones",
      "do one behind the other: rowmill --union FILE FILE | rowmill --join TABLE --on COLUMN",
    );
  for (const { file, on, kind = "inner", prefix } of join) {
    if (typeof on === "object" && Object.keys(on).length === 0)
      throw new UsageError(
        `--join ${shellWord(file)} does not say by which columns`,
        "add --on COLUMN, or --on COLUMN=COLUMN: of the rows, and of the table",
      );
    if (prefix !== undefined && !addsColumns(kind))
      throw new UsageError(
        `--kind ${kind} takes no columns of the table, and --prefix names them`,
        "leave one of them out",
      );
  }
  const streams = [...join, ...Object.values(lookup)].filter(({ file }) => file === STDIN);
  if (streams.length === 0) return;
  const isInput = inputs.length === 0 || inputs.includes(STDIN);
  if (isInput || streams.length > 1)
    throw new UsageError("standard input is read twice", isInput ? "name the input: rowmill … FILE" : "name a file");
}

/** A table under such a name would be no archive. */
function checkArchive({ output = STDOUT, inPlace }: RunOptions): void {
  if (inPlace === true || !isArchiveName(output)) return;
  throw new UsageError(
    `archives are read, and not written: -o ${shellWord(output)}`,
    `a compressed file is: -o ${shellWord(output.replace(/\.zip$/i, ".csv.gz"))}`,
  );
}

function checkBgzf({ bgzf, output = STDOUT, inPlace, inputs = [], emit = {} }: RunOptions): void {
  const outputs = [inPlace === true ? (inputs[0] ?? "") : output, ...Object.values(emit)];
  const names = outputs.map((one) => (typeof one === "string" ? one : one.file));
  if (bgzf !== true || names.some((name) => compressionByName(name) === "gzip")) return;
  throw new UsageError("--bgzf is for outputs whose names end in .gz or .bgz", "name one: -o out.vcf.gz");
}

function checkSplit({ splitBy, union, output = STDOUT }: RunOptions): void {
  if (splitBy === undefined) return;
  if (union === true)
    throw new UsageError(
      "--union knows the columns when all rows are there, and --split-by writes them as they come",
      "write one file with --union, and split that",
    );
  if (output === STDOUT) {
    throw new UsageError("--split-by writes many files, and -o - is standard output", "such as -o 'out/{city}.csv'");
  }
}

/** The columns of groups and figures stand in the output by their names. */
function checkFigures(options: RunOptions): void {
  const grouping = groupingOf(options);
  if (options.approx === true && grouping?.figures.some(isSketched) !== true) {
    throw new UsageError(
      "--approx is for --median, --quantile and --distinct-count, and none of them is asked for",
      "leave it out: all other figures are exact anyway",
    );
  }
  if (grouping === undefined) return;
  const wrong = grouping.figures.find((figure) => !isFigure(figure));
  if (wrong !== undefined) {
    throw new UsageError(
      `${JSON.stringify(wrong)} is no figure`,
      'figures are such as { kind: "count" }, { kind: "sum", column: "n" }, { kind: "quantile", column: "n", at: 0.95 }',
    );
  }
  const columns = groupedColumns(grouping);
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice === undefined) return;
  const { by, figures } = grouping;
  const isGroup = by.includes(twice);
  if (!isGroup || by.indexOf(twice) !== by.lastIndexOf(twice)) {
    throw new UsageError(`the output would have the column ${shownColumn(twice)} twice`, "ask for it once");
  }
  const figure = figures.find((one) => figureColumn(one) === twice);
  const flag = figure === undefined ? "--count" : figureWords(figure);
  const group = groupFlag(options);
  throw new UsageError(
    `--${group} ${shownColumn(twice)} and ${flag} both make a column called ${shownColumn(twice)}`,
    otherGroup(options, twice, grouping),
  );
}

/** How a command line says a figure. */
function figureWords(figure: Figure): string {
  if (figure.kind === "count") return "--count";
  const { kind, column } = figure;
  return `--${kind} ${namesWord([figure.kind === "quantile" ? `${column}:${figure.at}` : column])}`;
}

/** How to give a group another name; where there is code already, in that code. */
function otherGroup(options: RunOptions, twice: string, { by, figures }: Pick<Grouping, "by" | "figures">): string {
  const { transform, expression } = options;
  const flag = `--${groupFlag(options)}`;
  const taken = new Set([...by, ...readColumns({ by, figures }), ...groupedColumns({ by, figures })]);
  const [shown = ""] = typableNames([twice]);
  let other = `${shown}_group`;
  while (taken.has(other)) other += "_";
  const list = namesWord(by.map((name) => (name === twice ? other : name)));
  const isRow = expression === undefined || /^\s*(?:row|r)\s*$/.test(expression);
  if (transform === undefined && isRow) {
    const renamed = shellWord(`{ ...row, ${objectKey(other)}: ${rowMember(twice)} }`);
    return `give the group another name: -e ${renamed} ${flag} ${list}`;
  }
  const who = transform === undefined ? "the expression" : "the transform";
  return `have ${who} give it as ${objectKey(other)} (${objectKey(other)}: … in its result), and group by that: ${flag} ${list}`;
}

function checkResume({ resume, output }: RunOptions): void {
  if (resume === true && (output === undefined || output === STDOUT)) {
    throw new UsageError("--resume needs an output file", "what went to standard output is gone: name a file with -o");
  }
  if (resume === true && isObjectName(output ?? "")) {
    throw new UsageError(
      "--resume is not possible: an object is there when all of it is, and what was sent before is dropped",
      "run without --resume; or write a file, and copy that when it is done",
    );
  }
}

function checkDialect(options: RunOptions): void {
  const { delimiter, quote, escape, comment, outDelimiter, outQuote, quoteAll, columns, extraFields, widths } = options;
  const isCut = widths !== undefined || (delimiter !== undefined && delimiterPattern(delimiter) !== undefined);
  if (isCut && quote !== undefined && quote !== "")
    throw new UsageError("with such a delimiter nothing is quoted, and there is --quote", "leave --quote out");
  if (extraFields === "join" && !isCut && quote !== "")
    throw new UsageError("--extra-fields join is for fields that are never quoted", "if they are not: --quote ''");
  for (const [name, values] of Object.entries({ delimiter, "out-delimiter": outDelimiter, escape, comment })) {
    for (const value of [values ?? []].flat()) {
      if (value === "" || /[\r\n]/.test(value))
        throw new UsageError(`the ${name} is empty or a line end`, "give one character");
    }
  }
  if (outDelimiter !== undefined && (outDelimiter.length !== 1 || (outDelimiter === '"' && outQuote === undefined))) {
    throw new UsageError("the out-delimiter is not one character", 'such as ";" or "|"');
  }
  if (outQuote !== undefined && (/[\r\n]/.test(outQuote) || outQuote.length > 1)) {
    throw new UsageError("the out-quote is not one character", "the empty text stands for none");
  }
  if (outQuote === "" && quoteAll === true) {
    throw new UsageError("every field is to be quoted, and none", "give one of --quote-all and --out-quote ''");
  }
  const between = delimiter === undefined || delimiter === "auto" || isCut ? "," : delimiter;
  const around = quote ?? '"';
  if (/[\r\n]/.test(around) || around.length > 1) throw new UsageError("the quote is not one character");
  if (around !== "" && between.includes(around)) {
    throw new UsageError("delimiter and quote are the same", "give another one; --quote '' if fields are never quoted");
  }
  if (columns !== undefined && new Set(columns).size !== columns.length) {
    throw new UsageError("the columns have a name twice", "give each column a name of its own");
  }
}
