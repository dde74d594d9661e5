/**
 * The one table of options. What an entry says is all that is said of an option: its flag, its check, its type, its default,
 * its line of help and, in its comment, what editors and the reference show. The order is that of help.
 *
 * Literals only: types are read off them, and comments cost the start nothing.
 */
/* oxlint-disable typescript/no-unnecessary-type-assertion -- of a name, isolated declarations want the type said */
import { EXTRA_FIELDS } from "../formats/text/dialect.ts";
import { MOST_ROW_BYTES, USUAL_ROW_BYTES } from "../formats/long-rows.ts";
import type { Option } from "./option.ts";

export const OPTIONS = {
  /** Path of a transform module. */
  transform: {
    kind: "file",
    scope: "run",
    excludes: { expression: ["there is a transform and an expression", "give one of them"] },
  },
  /** Inputs, read one after another; `-` is standard input. @default standard input */
  inputs: { kind: "files", scope: "run", keepsResult: true },
  /** Files that say what to do, such as a list of inputs: nothing is written over them. */
  readsBeside: { kind: "files", scope: "run", keepsResult: true },
  /** Input format; by the first input's extension otherwise. */
  from: {
    kind: "input format",
    scope: "module",
    flag: "--from <format>",
    wordFlags: "--i",
    group: "Input",
    help: "{words} (default: by name, or first bytes)",
  },
  /** A file that names inputs, one a line, or between NULs; `-` is standard input. */
  filesFrom: {
    kind: "file",
    scope: "line",
    flag: "--files-from <file>",
    group: "Input",
    help: "read names of inputs from there, one a line, or between NULs; - is standard input",
    example: "list.txt",
  },
  /**
   * Headers for http(s) inputs, such as `Authorization: Bearer $TOKEN`: what stands behind a dollar sign is taken from the
   * environment, and no log or journal has it.
   */
  httpHeader: {
    kind: "headers",
    scope: "run",
    flag: "--http-header <h>",
    group: "Input",
    help: "for http(s) inputs: 'Authorization: Bearer $TOKEN', $TOKEN from the environment; may be repeated",
    keepsResult: true,
  },
  /**
   * Between input fields; `auto` (the default for CSV) finds it by the first rows. `/\s+/` is a regular expression: fields
   * stand between its matches, and nothing is quoted.
   */
  delimiter: {
    kind: "characters",
    scope: "module",
    flag: "-d, --delimiter <c>",
    group: "Input",
    help: "between fields: a character, tab, '\\x01', '||', '/\\s+/'; auto decides among , ; tab | (default: auto)",
    tells: "rows",
  },
  /** Around input fields; the empty text: nothing is quoted. @default `"` */
  quote: {
    kind: "characters",
    scope: "module",
    flag: "--quote <c>",
    group: "Input",
    help: 'around fields; "" for none (default: ")',
    tells: "rows",
  },
  /** Before a quote that belongs to a quoted field. @default the quote itself */
  escape: {
    kind: "characters",
    scope: "module",
    flag: "--escape <c>",
    group: "Input",
    help: "before a quote inside a quoted field (default: the quote doubled)",
    tells: "rows",
  },
  /** Lines that start with it, or with one of several, are left out. */
  comment: {
    kind: "starts",
    scope: "module",
    flag: "--comment <c>",
    group: "Input",
    help: "leave out lines that start with it; may be repeated",
    tells: "rows",
  },
  /** Physical lines left out at the start of each input. @default 0 */
  skipLines: {
    kind: "number",
    scope: "module",
    flag: "--skip-lines <n>",
    group: "Input",
    help: "leave out the first lines of each input",
    default: 0,
  },
  /** The inputs have no header; columns are called c1, c2, … */
  noHeaders: {
    kind: "switch",
    scope: "module",
    flag: "-n, --no-headers",
    group: "Input",
    help: "there is no header: columns are c1, c2, …",
    tells: "rows",
  },
  /** Names of the input columns, in place of the header's. */
  columns: {
    kind: "columns",
    scope: "run",
    flag: "--columns <a,b,…>",
    group: "Input",
    help: "names of the input columns, in place of the header's",
    tells: "rows",
  },
  /** Names that stand in the header more than once get the number of their column behind them. */
  dedupColumns: {
    kind: "switch",
    scope: "module",
    flag: "--dedup-columns",
    group: "Input",
    help: "give names that the header has twice the number of their column: id, id_3",
    tells: "table",
  },
  /** Take quotes as they come in fields that are not quoted. */
  lazyQuotes: {
    kind: "switch",
    scope: "module",
    flag: "--lazy-quotes",
    group: "Input",
    help: "take quotes as they come in fields that are not quoted",
    tells: "table",
  },
  /** Rows with too few fields are taken. */
  ragged: {
    kind: "switch",
    scope: "module",
    flag: "--ragged",
    group: "Input",
    help: "take rows with missing fields",
    tells: "table",
  },
  /**
   * Fields behind the last column fail their row, are left out, stand in the row as `_rest`, or are the end of the last column,
   * where nothing is quoted. @default "error"
   */
  extraFields: {
    kind: "word",
    words: EXTRA_FIELDS as typeof EXTRA_FIELDS,
    scope: "module",
    flag: "--extra-fields <what>",
    group: "Input",
    help: "fields behind the last column: error, drop, keep, as the array _rest, or join (default: {default})",
    default: "error",
    tells: "table",
  },
  /** White space around fields is dropped, or that on their left. */
  trim: {
    kind: "trim",
    scope: "module",
    flag: "--trim[=left]",
    group: "Input",
    help: "drop white space around fields, outside their quotes; left: before them only",
    tells: "table",
  },
  /**
   * Of `lines`: a regular expression whose named groups are the columns, or a name: `combined`, `common` (logs of web servers),
   * `syslog`. `%{combined}` stands for it in an expression. A line that does not match fails.
   */
  pattern: {
    kind: "expression",
    scope: "module",
    flag: "--pattern <regex>",
    group: "Input",
    help: "of lines: combined, common, syslog, or one whose named groups are columns: (?<name>\\w+)",
    isOf: "lines",
  },
  /** Of VCF, GFF and GTF: INFO, samples and attributes are objects. */
  objects: {
    kind: "switch",
    scope: "module",
    flag: "--objects",
    group: "Input",
    help: "of VCF, GFF and GTF: INFO, samples and attributes are objects, such as INFO.DP",
  },
  /**
   * Of `fixed`: where columns stand in each line, in characters: widths, `10,5,*`, a gap with a minus, the rest as a star;
   * places, `1-10,13-17`; `auto`, by the first rows; `header`, by its names.
   */
  widths: {
    kind: "expression",
    scope: "module",
    flag: "--widths <10,5,…>",
    group: "Input",
    help: "of fixed: widths of columns, in characters, or places: 1-10,12-; auto (by the first rows), header",
    isOf: "fixed",
  },
  /**
   * Of JSON: the path to the arrays that hold the rows, such as `data.items`, `["a.b"].rows` or `pages[].items`; `.` is the
   * document itself. @default the only array of objects of a document, where it has exactly one
   */
  records: {
    kind: "expression",
    scope: "module",
    flag: "--records <path>",
    group: "Input",
    help: "of JSON: where the rows are, such as data.items or pages[].rows; . is the document itself",
    isOf: "json",
  },
  /** Of a workbook: the name of a sheet, its number, or `*` for all that are not hidden. @default the first one */
  sheet: {
    kind: "expression",
    scope: "module",
    flag: "--sheet <name>",
    group: "Input",
    help: "of a workbook of Excel: which sheet is read, by its name or number; '*' for all",
    isOf: "xlsx",
  },
  /** The text, or texts, that stand for null; the first one is what null is written as. */
  null: {
    kind: "texts",
    scope: "module",
    flag: "--null <a,b,…>",
    group: "Input",
    help: "these texts stand for null; it is written as the first one; may be repeated",
  },
  /**
   * The encoding of the inputs, by a label that `TextDecoder` knows; `auto`: UTF-8, or UTF-16 where a byte order mark says
   * so. A byte order mark wins over any label. @default "auto"
   */
  encoding: {
    kind: "encoding label",
    scope: "module",
    flag: "--encoding <label>",
    group: "Input",
    help: "of the input: auto, utf-8, utf-16le, windows-1252, cp850, shift_jis, … (default: {default})",
    default: "auto",
  },
  /** Bytes that are no text in the encoding fail their row, or become U+FFFD. @default "error" */
  encodingErrors: {
    kind: "word",
    words: ["error", "replace"],
    scope: "module",
    flag: "--encoding-errors <what>",
    group: "Input",
    help: "bytes that are no text: error or replace, by U+FFFD (default: {default})",
    default: "error",
  },
  /** Longest row, in bytes. @default 16 MiB */
  maxRowBytes: {
    kind: "count",
    scope: "module",
    flag: "--max-row-bytes <n>",
    group: "Input",
    help: "a longer row is bad (default: 16 MiB)",
    default: USUAL_ROW_BYTES as number,
    most: MOST_ROW_BYTES as number,
    example: USUAL_ROW_BYTES as number,
  },
  /**
   * What fields are. `auto`: numbers and booleans where the first rows say so, and the code does not use them as texts.
   * `text`: what they are in the file. By column: as said, and the others by `*`, which is `auto` unless it is given.
   * @default "auto"
   */
  types: {
    kind: "types",
    scope: "module",
    flag: "--types <a=int,…>",
    group: "Input",
    help: "{words}; or for all columns auto (by the data), text",
    isEveryday: true,
    default: "auto",
  },
  /** Output file; `-` or none is standard output. */
  output: {
    kind: "file",
    scope: "run",
    flag: "-o, --output <file>",
    group: "Output",
    help: "write there, complete or not at all (default: -, standard output)",
    isEveryday: true,
    example: "out.csv",
  },
  /**
   * Output rows go to a file for each of the values that they have in these columns: `output` has their names in braces,
   * `out/{city}.csv`.
   */
  splitBy: {
    kind: "groups",
    scope: "run",
    flag: "--split-by <a,b,…>",
    group: "Output",
    help: "a file for each value in these columns, whose names -o has in braces",
    isEveryday: true,
    needs: { output: { hint: "say where the files are to be: -o 'out/{city}.csv'" } },
    excludes: { inPlace: ["--split-by writes many files, and --in-place one", "leave one of them out"] },
  },
  /**
   * Outputs for rows that the function emits, `ctx.emit("orphans", row)`: a file for each name, in the format that its
   * extension says; `{ file, columns }` says its columns, which are those of the first row otherwise.
   */
  emit: {
    kind: "emits",
    scope: "run",
    flag: "--emit <name=file>",
    group: "Output",
    help: "where rows go that ctx.emit(name, row) gives; name:a,b=file says the columns; may be repeated",
    example: "orphans=orphans.csv",
  },
  /** Outputs whose names end in `.gz` are BGZF, as `bgzip` writes it: gzip in which `tabix` finds places. Those in `.bgz` always are. */
  bgzf: {
    kind: "switch",
    scope: "run",
    flag: "--bgzf",
    group: "Output",
    help: "compress .gz outputs block by block, as bgzip does (.bgz always is)",
  },
  /** Output format; by the output's extension, then the input format, otherwise. */
  to: {
    kind: "output format",
    scope: "module",
    flag: "--to <format>",
    wordFlags: "--o",
    group: "Output",
    help: "{words} (default: by name)",
    isEveryday: true,
  },
  /** What an output that is a table has in it is replaced, by all rows of the run. */
  replace: {
    kind: "switch",
    scope: "run",
    flag: "--replace",
    group: "Output",
    help: "rows take the place of all that a table of a database has, and are not added to them",
    needs: { output: { hint: "name a table: -o app.db#TABLE" } },
  },
  /** What becomes of a row whose key an output that is a table has already: the run fails, or one of the two rows stands. @default "fail" */
  onConflict: {
    kind: "word",
    scope: "run",
    flag: "--on-conflict <what>",
    group: "Output",
    help: "for a row whose key a table of a database has already: {words} (default: {default})",
    words: ["fail", "replace", "ignore"],
    default: "fail",
    needs: { output: { hint: "name a table: -o app.db#TABLE" } },
    excludes: { replace: ["--replace leaves no row that could be the same", "leave one of the two out"] },
  },
  /** What columns of Parquet hold: `{ price: "decimal(10,2)", day: "date" }`. @default what their values are */
  parquetTypes: {
    kind: "parquet types",
    scope: "module",
    flag: "--parquet-types <a=int,…>",
    group: "Output",
    help: "of columns of Parquet: {words} (default: by their values)",
  },
  /** How pages of Parquet are compressed. @default "snappy" */
  parquetCodec: {
    kind: "word",
    words: ["snappy", "zstd", "gzip", "lz4", "none"],
    scope: "module",
    flag: "--parquet-codec <name>",
    group: "Output",
    help: "how Parquet is compressed: {words} (default: {default})",
    default: "snappy",
  },
  /** The only input is rewritten: it is the output too. */
  inPlace: {
    kind: "switch",
    scope: "run",
    flag: "-i, --in-place",
    group: "Output",
    help: "rewrite the input file, complete or not at all",
  },
  /** Go on where an earlier run with the same options was cut off; start afresh when there is none. */
  resume: {
    kind: "switch",
    scope: "run",
    flag: "--resume",
    group: "Output",
    help: "go on where a run with the same options was cut off",
    isEveryday: true,
    keepsResult: true,
  },
  /** Drop what an earlier run left, and start over. */
  restart: {
    kind: "switch",
    scope: "run",
    flag: "--restart",
    group: "Output",
    help: "drop what a run that was cut off has left, and start over",
    keepsResult: true,
    excludes: { resume: ["there is --resume and --restart", "give one of them"] },
  },
  /** Wait for another run that writes the same output, in place of an error. */
  wait: {
    kind: "switch",
    scope: "run",
    flag: "--wait",
    group: "Output",
    help: "wait for another run that writes the same output, in place of an error",
    keepsResult: true,
  },
  /**
   * The columns of the output are all keys that rows have, in the order in which they first come; inputs may have different
   * columns. The output is written when all rows are there.
   */
  union: {
    kind: "switch",
    scope: "module",
    flag: "--union",
    group: "Output",
    help: "columns are all that any row has; what a row does not have is empty",
    isEveryday: true,
  },
  /** Between output fields. @default that of the input, in a file of the same format; a comma or a tab otherwise */
  outDelimiter: {
    kind: "characters",
    scope: "module",
    flag: "--out-delimiter <c>",
    group: "Output",
    help: "between output fields",
  },
  /**
   * Around output fields that need it; the empty text: nothing is quoted, and what would need it fails its row.
   * @default that of the input, in a file of the same format; none in TSV that is made of something else; `"` otherwise
   */
  outQuote: {
    kind: "characters",
    scope: "module",
    flag: "--out-quote <c>",
    group: "Output",
    help: "around output fields that need it; '' for none",
  },
  /** Skipped lines and comments before the header of the first input stand before that of the output. */
  keepHead: {
    kind: "switch",
    scope: "module",
    flag: "--keep-head",
    group: "Output",
    help: "skipped lines and comments stay before the header",
  },
  /** Write no header. */
  noHeaderOut: {
    kind: "switch",
    scope: "module",
    flag: "--no-header-out",
    group: "Output",
    help: "write no header",
  },
  /** Quote every field. */
  quoteAll: { kind: "switch", scope: "module", flag: "--quote-all", group: "Output", help: "quote every field" },
  /** End lines with CR LF. */
  crlf: { kind: "switch", scope: "module", flag: "--crlf", group: "Output", help: "end lines with CR LF" },
  /** Start with a byte order mark. */
  bom: { kind: "switch", scope: "module", flag: "--bom", group: "Output", help: "start with a byte order mark" },
  /** Defuse fields that a spreadsheet would run. */
  escapeFormulas: {
    kind: "switch",
    scope: "module",
    flag: "--escape-formulas",
    group: "Output",
    help: "defuse fields that a spreadsheet would run",
  },
  /** An expression instead of a module. */
  expression: {
    kind: "expression",
    scope: "run",
    flag: "-e, --expression <expr>",
    group: "Rows",
    help: "an expression in place of a transform module",
    once: "one expression makes the row: -e '{ a, b }'; one behind the other: rowmill -e … FILE | rowmill -e …",
  },
  /**
   * Tables whose columns come to the rows with the same key, before anything else looks at these; one after another.
   */
  join: {
    kind: "joins",
    scope: "module",
    group: "Rows",
    flags: {
      "--join <file>": "give rows the columns of this table, before all else; may be repeated",
      "--on <a=b,…>": "where column a of the rows is column b of the table; a for both",
      "--kind <kind>": "inner; left: all rows; semi, anti: by whether the key is there (default: inner)",
      "--prefix <text>": "stands before the names of the table's columns",
      "--unique": "a key that the table has twice is an error",
    },
    isEveryday: true,
  },
  /** Tables that code looks things up in: `ctx.lookup("cities").get(row.city_id)`. */
  lookup: {
    kind: "lookups",
    scope: "module",
    flag: "--lookup <name=file:key>",
    group: "Rows",
    help: "a table for code: ctx.lookup('name').get(key), .all(key), .has(key); may be repeated",
    example: "cities=cities.csv:id",
  },
  /** Rows for which this expression is not true are dropped first. */
  filter: {
    kind: "expression",
    scope: "run",
    flag: "--filter <expr>",
    group: "Rows",
    help: "only rows for which this is true; before all but --join",
    once: "write one of both: --filter 'a > 1 && b < 4'",
    isEveryday: true,
  },
  /** What comes out are figures of groups: of the rows in which these columns have the same values. */
  groupBy: {
    kind: "groups",
    scope: "run",
    flag: "--group-by <a,b,…>",
    group: "Rows",
    help: "one row for each group with the same values in these columns",
    isEveryday: true,
  },
  /** The figures wanted, of each group or, without `groupBy`, of all rows. */
  figures: {
    kind: "figures",
    scope: "run",
    group: "Rows",
    flags: {
      "--count": "the number of rows, of each group or of all",
      "--sum <a,b,…>": "the sums of these columns, exact to the last digit",
      "--mean <a,b,…>": "their means",
      "--min <a,b,…>": "their least numbers",
      "--max <a,b,…>": "their greatest numbers",
      "--median <a,b,…>": "their medians: of an even count the mean of the two in the middle",
      "--quantile <a:0.95,…>": "their quantiles at a share from 0 to 1, between numbers by interpolation",
      "--stddev <a,b,…>": "their standard deviations, of a sample (n - 1)",
      "--var <a,b,…>": "their variances, of a sample (n - 1)",
      "--mode <a,b,…>": "their commonest values; of values as common the first",
      "--first-value <a,b,…>": "their first values that are not empty",
      "--last-value <a,b,…>": "their last values that are not empty",
      "--distinct-count <a,b,…>": "how many different values they have",
      "--collect <a,b,…>": "all their values, as an array",
    },
    excludes: {
      countDistinct: ["--count-distinct counts, and there are other figures", "say --group-by in place of it"],
    },
  },
  /**
   * Medians and quantiles to within 1 % of their value, and distinct counts to within about 2 %, of groups that are not small:
   * nothing is kept for them but sketches of a fixed size. Figures are exact otherwise.
   */
  approx: {
    kind: "switch",
    scope: "run",
    flag: "--approx",
    group: "Rows",
    help: "--median, --quantile to within 1 %, --distinct-count to about 2 %, in little memory",
  },
  /** Which values these columns have together, and how many rows have them: `groupBy` them, and their `count`. */
  countDistinct: {
    kind: "groups",
    scope: "run",
    flag: "--count-distinct <a,b,…>",
    group: "Rows",
    help: "each different value of these columns, and its number of rows: --group-by and --count",
    excludes: {
      groupBy: ["--count-distinct and --group-by both make groups", "say --group-by and --count in place of it"],
    },
  },
  /** Of the rows that come out, the first of each group: of those with the same values in these columns. */
  headBy: {
    kind: "groups",
    scope: "module",
    flag: "--head-by <a,b,…>",
    group: "Rows",
    help: "the first row of each group with the same values in these columns",
    stage: "head-by",
    excludes: {
      groupBy: ["--head-by gives whole rows, and --group-by figures", "leave one of them out"],
      figures: ["--head-by gives whole rows, and no figures", "leave one of them out"],
      countDistinct: ["--head-by gives whole rows, and no figures", "leave one of them out"],
    },
  },
  /** Of the rows that come out that are the same, the first: in these columns, or in all, with `true`. */
  distinct: {
    kind: "some columns",
    scope: "module",
    flag: "--distinct[=a,b,…]",
    group: "Rows",
    help: "each row once: the first of those that are the same, in these columns or in all",
    stage: "distinct",
    isEveryday: true,
    excludes: {
      groupBy: ["--distinct gives whole rows, and --group-by figures", "leave one of them out"],
      figures: ["--distinct gives whole rows, and no figures", "leave one of them out"],
      countDistinct: ["--distinct gives whole rows, and no figures", "leave one of them out"],
    },
  },
  /** The order of the rows that come out: `born,-score:num`. */
  sortBy: {
    kind: "keys",
    scope: "module",
    flag: "--sort-by <a,-b,…>",
    group: "Rows",
    help: "in the order of these columns, -b downwards; b:num, b:natural, b:date, b:locale: how it is read",
    stage: "sort-by",
    isLate: true,
    isEveryday: true,
  },
  /** Of the rows that come out, the last. */
  tail: {
    kind: "number",
    scope: "module",
    flag: "--tail <n>",
    group: "Rows",
    help: "only the last rows that come out",
    stage: "tail",
    isLate: true,
    isEveryday: true,
  },
  /** Of the rows that come out, the first in the order of `by`. */
  top: {
    kind: "number",
    scope: "module",
    flag: "--top <n>",
    group: "Rows",
    help: "only the first rows in the order that --by says",
    stage: "top",
    stageKeys: "by",
    isLate: true,
    isEveryday: true,
    needs: { by: { hint: "say in which order: --by -born has the greatest first, --by born the least" } },
  },
  /** Of the rows that come out, some by chance: so many, `100`, or each with a chance, `1%`. */
  sample: {
    kind: "share",
    scope: "module",
    flag: "--sample <n|n%>",
    group: "Rows",
    help: "so many rows by chance, or such a share of them; the same for the same --seed",
    stage: "sample",
    isLate: true,
    isEveryday: true,
  },
  /** The rows that come out in an order by chance. */
  shuffle: {
    kind: "switch",
    scope: "module",
    flag: "--shuffle",
    group: "Rows",
    help: "in an order by chance, the same for the same --seed",
    stage: "shuffle",
    isLate: true,
  },
  /** What decides about the chances of `sample` and `shuffle`: the same rows for the same number. @default 0 */
  seed: {
    kind: "number",
    scope: "module",
    flag: "--seed <n>",
    group: "Rows",
    help: "another number, other rows of --sample, another order of --shuffle (default: {default})",
    default: 0,
    most: 4_294_967_295,
    needsOne: { of: ["sample", "shuffle"], hint: "it decides about nothing else" },
  },
  /** Of each row that comes out, the values of these columns some rows before: `price`, or `price:2`. */
  lag: {
    kind: "groups",
    scope: "module",
    flag: "--lag <a,b:2,…>",
    group: "Rows",
    help: "add a_lag, the value of the row before; b:2 is two rows before, in b_lag_2",
    stage: "lag",
  },
  /** The same of rows behind: `price`, or `price:2`. */
  lead: {
    kind: "groups",
    scope: "module",
    flag: "--lead <a,b:2,…>",
    group: "Rows",
    help: "add a_lead, the value of the next row; b:2 is of two rows behind, in b_lead_2",
    stage: "lead",
  },
  /** The sum of these columns up to each row, exact to the last digit. */
  cumsum: {
    kind: "groups",
    scope: "module",
    flag: "--cumsum <a,b,…>",
    group: "Rows",
    help: "add a_cumsum, the sum of all rows up to this one, exact to the last digit",
    stage: "cumsum",
  },
  /** The least number of these columns up to each row. */
  cummin: {
    kind: "groups",
    scope: "module",
    flag: "--cummin <a,b,…>",
    group: "Rows",
    help: "add a_cummin, the least number up to this row",
    stage: "cummin",
  },
  /** The greatest number of these columns up to each row. */
  cummax: {
    kind: "groups",
    scope: "module",
    flag: "--cummax <a,b,…>",
    group: "Rows",
    help: "add a_cummax, the greatest number up to this row",
    stage: "cummax",
  },
  /** The mean of these columns up to each row. */
  cummean: {
    kind: "groups",
    scope: "module",
    flag: "--cummean <a,b,…>",
    group: "Rows",
    help: "add a_cummean, the mean of all rows up to this one",
    stage: "cummean",
  },
  /** How many rows there are up to each. */
  cumcount: {
    kind: "switch",
    scope: "module",
    flag: "--cumcount",
    group: "Rows",
    help: "add cumcount, the number of rows up to this one",
    stage: "cumcount",
  },
  /** The mean of these columns over so many rows up to each: `amount:7`. */
  movingMean: {
    kind: "groups",
    scope: "module",
    flag: "--moving-mean <a:7,…>",
    group: "Rows",
    help: "add a_moving_mean_7, the mean of this row and the six before",
    stage: "moving-mean",
  },
  /** The place of each row by these columns: `-score` has the greatest first. Equal ones have the same place. */
  rank: {
    kind: "keys",
    scope: "module",
    flag: "--rank <a,-b,…>",
    group: "Rows",
    help: "add a_rank, the place of the row by this column, -b downwards; equal ones have the same",
    stage: "rank",
    isLate: true,
  },
  /** The part of each row in the total of these columns. */
  share: {
    kind: "groups",
    scope: "module",
    flag: "--share <a,b,…>",
    group: "Rows",
    help: "add a_share, the part of the total of all rows",
    stage: "share",
    isLate: true,
  },
  /** Empty fields of these columns have the last value before that is not empty. */
  fillDown: {
    kind: "groups",
    scope: "module",
    flag: "--fill-down <a,b,…>",
    group: "Rows",
    help: "empty fields of these columns have the last value before them",
    stage: "fill-down",
  },
  /** What `lag`, `cumsum` and their like count as rows one behind the other: those with the same values in these columns. */
  per: {
    kind: "groups",
    scope: "module",
    flag: "--per <a,b,…>",
    group: "Rows",
    help: "for --lag, --cumsum and their like: each group of rows with the same values by itself",
    needsOne: {
      of: [
        "lag",
        "lead",
        "cumsum",
        "cummin",
        "cummax",
        "cummean",
        "cumcount",
        "movingMean",
        "rank",
        "share",
        "fillDown",
      ],
      hint: "it is for these; figures of groups are --group-by",
    },
  },
  /** A function of rows with those around them, as `window` of the module `rowmill` makes it. It runs among the other steps. */
  window: { kind: "window", scope: "module", stage: "window" },
  /** Long to wide: `{ month: "amount" }` has a column for each month, which holds its amount, and a row for each combination of the other columns. */
  pivot: {
    kind: "pairs",
    scope: "module",
    flag: "--pivot <a=b>",
    group: "Rows",
    help: "a column for each value of a, which holds b; a row for each of the other columns' values",
    stage: "pivot",
    isLate: true,
    example: "month=amount",
  },
  /** What becomes of several values for one place of `pivot`. @default an error */
  pivotWith: {
    kind: "word",
    words: ["first", "last", "sum", "count", "mean", "min", "max"],
    scope: "module",
    flag: "--pivot-with <how>",
    group: "Rows",
    help: "what --pivot makes of several values for one place: {words} (default: an error)",
    needs: { pivot: { hint: "add --pivot month=amount" } },
  },
  /** Wide to long: a row for each of these columns, with its name and its value. */
  unpivot: {
    kind: "groups",
    scope: "module",
    flag: "--unpivot <a,b,…>",
    group: "Rows",
    help: "a row for each of these columns, with its name and its value",
    stage: "unpivot",
  },
  /** The columns that `unpivot` makes. @default name, value */
  unpivotNames: {
    kind: "columns",
    scope: "module",
    flag: "--unpivot-names <a,b>",
    group: "Rows",
    help: "what the two columns of --unpivot are called (default: name,value)",
    needs: { unpivot: { hint: "add --unpivot jan,feb" } },
  },
  /** Fields of objects and lists become columns of their own: `place.lat`, `tags.0`. */
  flatten: {
    kind: "switch",
    scope: "module",
    flag: "--flatten",
    group: "Rows",
    help: "fields of objects and lists become columns: place.lat, tags.0",
    stage: "flatten",
  },
  /** Columns such as `place.lat` become fields of an object. */
  unflatten: {
    kind: "switch",
    scope: "module",
    flag: "--unflatten",
    group: "Rows",
    help: "columns such as place.lat become fields of an object",
    stage: "unflatten",
  },
  /** The order of `top`, as `sortBy` says it: `-score,name`. */
  by: {
    kind: "keys",
    scope: "module",
    flag: "--by <a,-b,…>",
    group: "Rows",
    help: "the order of --top: by these columns, as --sort-by has them",
    isEveryday: true,
    needs: { top: { hint: "add --top 10; all rows in an order are --sort-by, and groups are --group-by" } },
  },
  /**
   * The language in whose order the texts of keys such as `name:locale` are, of `sortBy`, `by` and `rank`: a tag of BCP 47,
   * `sv` or `de-u-co-phonebk`. That of the system is never asked. @default "en"
   */
  locale: {
    kind: "language",
    scope: "module",
    flag: "--locale <tag>",
    group: "Rows",
    help: "the language in whose order a:locale is, such as sv or de-u-co-phonebk (default: {default})",
    // The order of the Unicode Collation Algorithm, to which English adds nothing.
    default: "en",
    needsOne: { of: ["sortBy", "by", "rank"], hint: "it is for keys of an order: --sort-by name:locale" },
  },
  /** How much memory a run may take, about: rows that wait for others go to a file when there is no room for them. */
  memory: {
    kind: "size",
    scope: "run",
    flag: "--memory <bytes>",
    group: "Work",
    help: "so much, such as 400M or 2G, and rows that wait go to a file (default: a quarter of the machine's)",
    keepsResult: true,
  },
  /** The folder for files of rows that have no room in memory. @default that of the system */
  tempDir: {
    kind: "file",
    scope: "run",
    flag: "--temp-dir <folder>",
    group: "Work",
    help: "the folder for rows that have no room in memory (default: $TMPDIR, or /tmp)",
    keepsResult: true,
    example: "/var/tmp",
  },
  /** So many rows of output, and the run ends: it reads, and calls the function for, no more rows than that takes. */
  limit: {
    kind: "number",
    scope: "run",
    flag: "--limit <n>",
    group: "Rows",
    help: "write so many rows, and end with the last of them",
    isEveryday: true,
  },
  /** Only the first rows of the input; with several inputs, of all of them together. */
  first: {
    kind: "number",
    scope: "run",
    flag: "--first <n>",
    group: "Rows",
    help: "take only the first rows of the input",
  },
  /** `ctx.args` of the transform. */
  args: {
    kind: "pairs",
    scope: "run",
    flag: "--arg <k=v>",
    group: "Rows",
    help: "ctx.args.k of the transform, args.k of an expression; may be repeated",
    example: "year=2017",
  },
  /** What a failed row does: end the run, be left out, or be left out and recorded. @default "fail" */
  onError: {
    kind: "word",
    words: ["fail", "skip", "reject"],
    scope: "module",
    flag: "--on-error <policy>",
    group: "Failed rows",
    help: "fail: the first one ends the run; skip: leave it out; reject: record it too (default: {default})",
    isEveryday: true,
    default: "fail",
  },
  /** Where failed rows are recorded. @default the output's name and `.rejects.jsonl` */
  rejects: {
    kind: "file",
    scope: "run",
    flag: "--rejects <file>",
    group: "Failed rows",
    help: "record failed rows there, as JSON lines (default: OUTPUT.rejects.jsonl)",
    example: "rejects.jsonl",
    needs: { onError: { words: ["reject"], hint: "add --on-error reject" } },
  },
  /** So many failed rows, or such a share of all (`1%`), are too many. @default no limit */
  maxErrors: {
    kind: "share",
    scope: "module",
    flag: "--max-errors <n|n%>",
    group: "Failed rows",
    help: "so many may fail; one more ends the run",
    keepsResult: true,
    needs: {
      onError: {
        words: ["skip", "reject"],
        hint: "add --on-error skip, or --on-error reject: with --on-error fail the first one ends the run",
      },
    },
  },
  /** A row may take so long, all attempts together: `500ms`, `5s`, `2m`; a number is seconds. @default no limit */
  timeout: {
    kind: "duration",
    scope: "module",
    flag: "--timeout <duration>",
    group: "Failed rows",
    help: "a row may take so long: 500ms, 5s, 2m",
  },
  /** A row whose function threw or rejected is tried so many times more. @default 0 */
  retries: {
    kind: "number",
    scope: "module",
    flag: "--retries <n>",
    group: "Failed rows",
    help: "call the function again for a row that threw or rejected",
    default: 0,
  },
  /** Workers. @default the cores that this process may use */
  jobs: {
    kind: "count",
    scope: "module",
    flag: "-j, --jobs <n>",
    group: "Work",
    help: "workers (default: the cores that may be used)",
    isEveryday: true,
    keepsResult: true,
  },
  /** Rows in a batch. @default adaptive */
  batch: {
    kind: "count",
    scope: "module",
    flag: "-b, --batch <rows>",
    group: "Work",
    help: "rows in a batch (default: adaptive)",
    keepsResult: true,
  },
  /** Rows under way at once in a worker, for functions that return promises. @default 16 */
  concurrency: {
    kind: "count",
    scope: "module",
    flag: "--concurrency <n>",
    group: "Work",
    help: "rows under way in a worker, for async functions (default: {default})",
    // Hides latency without flooding a service.
    default: 16,
    keepsResult: true,
  },
  /** Calls a second over all workers: `10`, `10/s`, `600/m`. @default no limit */
  rate: {
    kind: "rate",
    scope: "module",
    flag: "--rate <n/s>",
    group: "Work",
    help: "calls a second over all workers: 10/s, 600/m",
    keepsResult: true,
  },
  /**
   * A folder that keeps what the function gives for a row: a later run calls it only for rows that are new to it. Results
   * are found by what the function looks at, the code with all that it imports, arguments and tables.
   */
  cache: {
    kind: "file",
    scope: "run",
    flag: "--cache <folder>",
    group: "Work",
    help: "keep what the function gives for a row, and call it for new rows only",
    keepsResult: true,
    excludes: { emit: ["--cache keeps results, and not what rows emit", "leave one of them out"] },
  },
  /**
   * `per-worker`: variables of the module that its function changes are each worker's own, and that is right. Without it,
   * and with more than one worker, a function whose results depend on them is refused.
   */
  state: { kind: "word", words: ["per-worker"], scope: "module" },
  /** Results are written as batches finish, in any order. */
  unordered: {
    kind: "switch",
    scope: "run",
    flag: "--unordered",
    group: "Work",
    help: "write results as batches finish",
    excludes: {
      resume: ["--unordered cannot be resumed: no two runs write in the same order", "leave one of them out"],
    },
  },
  /** Results are written in the order of the input, as they are anyway. */
  keepOrder: {
    kind: "nothing",
    scope: "line",
    flag: "-k, --keep-order",
    group: "Work",
    help: "keep the order of the input (the default)",
  },
  /** Whether it is shown how far the run has come. @default "auto" */
  progress: {
    kind: "word",
    words: ["auto", "always", "never"],
    scope: "line",
    flag: "--progress <when>",
    group: "Work",
    help: "show how far it is: auto (on a terminal), always, never (default: {default})",
    default: "auto",
  },
  /** How errors, warnings and notes are said on standard error; `json`: an object a line, and no progress. @default "text" */
  errors: {
    kind: "word",
    words: ["text", "json"],
    scope: "line",
    flag: "--errors <form>",
    group: "Work",
    help: "errors and notes on standard error: text, or json, an object a line (default: {default})",
    default: "text",
  },
  /** A log of the run is written there, as JSON, however it ends. */
  summary: {
    kind: "file",
    scope: "run",
    flag: "--summary <file>",
    group: "Work",
    help: "write a log of the run there, as JSON",
    example: "summary.json",
    keepsResult: true,
  },
  /**
   * Figures of the run are written there for Prometheus, in its text format, complete or not at all, however it ends: for the
   * textfile collector of a node exporter. The name of the file tells runs apart.
   */
  metrics: {
    kind: "file",
    scope: "run",
    flag: "--metrics <file>",
    group: "Work",
    help: "write figures of the run there, for Prometheus",
    example: "run.prom",
    keepsResult: true,
  },
  /**
   * A page of the run is written there, as HTML, complete or not at all, however it ends: how quick it was over time, where the
   * time went, what failed and why.
   */
  report: {
    kind: "file",
    scope: "run",
    flag: "--report <file>",
    group: "Work",
    help: "write a page of the run there, as HTML: speed over time, where the time went, what failed",
    example: "run.html",
    keepsResult: true,
  },
  /** Where shards of the run are done, with words for the scheduler: `slurm --partition main --cpus 16`. */
  cluster: {
    kind: "expression",
    scope: "line",
    flag: "--cluster <words>",
    group: "Work",
    help: "on the nodes of Slurm: slurm, or 'slurm --partition main --cpus 16' (also --on slurm)",
  },
  /** What would be done is said, and not done. */
  dryRun: {
    kind: "switch",
    scope: "line",
    flag: "--dry-run",
    group: "Work",
    help: "say what would be done, and do nothing",
    isEveryday: true,
  },
  /** Nothing is said but errors. */
  quiet: { kind: "switch", scope: "line", flag: "-q, --quiet", group: "Work", help: "say nothing but errors" },
} as const;

export type OptionName = keyof typeof OPTIONS;

/** All entries, in the order of the table. */
export const OPTION_ENTRIES: readonly (readonly [OptionName, Option])[] = Object.entries(
  OPTIONS satisfies Readonly<Record<string, Option>>,
) as [OptionName, Option][];
