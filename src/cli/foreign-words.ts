/**
 * Words for the everyday work with tables in other tools: Miller, qsv, xan, csvkit, jq, SQL, pandas. Whoever tries one, as
 * a command or as an option, is shown the way it is done here, or the tool that does it.
 */
import { once } from "../once.ts";

/** An answer, and the words that it answers. A command in it works as it stands, for a FILE with these columns. */
type Answer = readonly [words: string, answer: string];

const SORT = "rowmill --sort-by born FILE, or downwards: rowmill --sort-by -born FILE";
const JOIN = "rowmill --join other.csv --on name FILE, with --kind left, semi or anti for other joins";

const ANSWERS: readonly Answer[] = [
  // Columns.
  [
    "select cut csvcut project pick keep fields choose subset template usecols cols",
    "rowmill -e '{ name, born }' FILE",
  ],
  ["rename relabel rename-columns as alias safenames", "rowmill -e '{ scientist: name, born }' FILE"],
  ["drop exclude omit remove delete del pop drop-columns", "rowmill -e '({ born, ...rest }) => rest' FILE"],
  ["reorder rearrange move relocate", "rowmill -e '{ born, name }' FILE"],
  [
    "map mutate put assign apply derive compute with_columns with-column withcolumn transform add-column addcol mapply update set luau py lua",
    "rowmill -e '{ ...row, age: 2017 - born }' FILE, or a file of TypeScript: rowmill run TRANSFORM.ts FILE",
  ],
  [
    "enum enumerate number row_number row-number rownum reset_index add-row-index nl",
    "rowmill -e '{ n: i + 1, ...row }' FILE",
  ],
  [
    "separate split-columns splitax nidx",
    `rowmill -e '{ first: name.split(" ")[0], last: name.split(" ").at(-1) }' FILE`,
  ],
  [
    "replace sub gsub ssub sed translate str_replace substitute",
    `rowmill -e '{ ...row, name: name.replaceAll("Ada", "A.") }' FILE`,
  ],
  [
    "fillna fill fill-empty fill_null fill-null coalesce ifnull nvl",
    `rowmill -e '{ ...row, born: born || "unknown" }' FILE`,
  ],
  [
    "sec2gmt sec2gmtdate sec2date strftime fromtimestamp datefmt to_datetime",
    "rowmill -e '{ name, at: new Date(1000 * born) }' FILE",
  ],
  ["round format-values", "rowmill -e '{ name, century: Math.round(born / 100) }' FILE"],
  ["lower upper tolower toupper lowercase uppercase", "rowmill -e '{ ...row, name: name.toLowerCase() }' FILE"],
  ["flatten json_normalize", "rowmill --flatten FILE.json"],
  ["to_entries", "rowmill -e '{ name, ...row.address }' FILE.json"],
  ["unflatten", "rowmill --unflatten FILE --to jsonl"],
  ["from_entries", "rowmill -e '{ name, life: { born } }' FILE --to jsonl"],
  // Rows.
  [
    "where grep csvgrep search find query match filter-rows pattern when having regex ignore-case",
    "rowmill --filter 'born > 1900' FILE, or --filter '/Ada/.test(name)', whatever the case: /ada/i",
  ],
  ["filter", "rowmill --filter 'born > 1900' FILE"],
  ["head limit take first", "rowmill -e row FILE --limit 10"],
  ["top nlargest topk slice_max", "rowmill --top 10 --by -born FILE"],
  ["nsmallest slice_min", "rowmill --top 10 --by born FILE"],
  ["tail last bottom", "rowmill --tail 10 FILE"],
  ["slice skip offset between iloc loc nth range", "rowmill --filter 'i >= 2 && i < 5' FILE"],
  ["decimate every", "rowmill --filter 'i % 10 === 0' FILE"],
  ["sample subsample", "rowmill --sample 100 FILE, or a share of the rows: --sample 1%; others with --seed 7"],
  ["bootstrap", "rows drawn more than once: mlr --csv bootstrap FILE; each at most once: rowmill --sample 100 FILE"],
  ["shuffle shuf", "rowmill --shuffle FILE, in another order with --seed 7"],
  ["sort csvsort order order-by orderby order_by sortby sort_by sort_values arrange nsort sort-within-records", SORT],
  ["tac reverse rev", "the order turned round: mlr --csv tac FILE, or qsv reverse FILE"],
  ["dropna drop_nulls drop-nulls skip-trivial-records notnull", "rowmill --filter 'name && born' FILE"],
  [
    "explode unnest nest flat flatmap flat_map flat-map unwind split-rows split-lines",
    `rowmill -e 'r => r.name.split(" ").map((word) => ({ ...r, word }))' FILE`,
  ],
  [
    "uniq unique distinct dedup dedupe deduplicate drop_duplicates drop-duplicates",
    "rowmill --distinct FILE, or by columns: rowmill --distinct=name FILE; rowmill --group-by name --count FILE says how often",
  ],
  [
    "count-distinct countdistinct count_distinct n-distinct n_distinct nunique n_unique",
    "rowmill --count-distinct name FILE has each value and how often it is there; --distinct-count name says how many there are",
  ],
  // What many rows come to.
  ["index", "Rowmill needs no index: all cores read a file as it is"],
  ["wc nrow nrows length len size rows row-count count-rows rowcount", "rowmill --count FILE"],
  ["count", "rowmill --count FILE"],
  [
    "freq frequency freqs value_counts value-counts countby count_by count-by tally count-similar histogram hist",
    "rowmill --group-by born --count FILE",
  ],
  [
    "stats stat describe summary summarize summarise statistics moarstats csvstat headers header names columns sniff csvclean",
    "rowmill info FILE",
  ],
  [
    "groupby group_by group by agg aggregate stats1 stats2 merge-fields rollup reduce fold",
    "rowmill --group-by name --count --mean born FILE, or in a transform: export const reduce",
  ],
  ["sum mean min max total", "rowmill --sum born --mean born FILE"],
  ["avg average", "rowmill --mean born FILE"],
  ["median p50", "rowmill --median born FILE"],
  [
    "quantile quantiles percentile percentiles quantile_cont percentile_cont p25 p75 p90 p95 p99",
    "rowmill --quantile born:0.95 FILE is the 95th percentile",
  ],
  ["mode antimode", "rowmill --mode born FILE has the commonest value"],
  ["stddev std sd var variance stdev stddev_samp var_samp", "rowmill --stddev born --var born FILE"],
  [
    "corr cov skewness kurtosis",
    "DuckDB has them, and mlr stats1 and stats2; here: export const reduce in a transform",
  ],
  ["collect list array_agg implode", "rowmill --group-by name --collect born FILE"],
  ["first_value last_value", "rowmill --group-by name --first-value born --last-value born FILE"],
  // Shapes.
  [
    "pivot pivot_table pivot-wider pivot_wider spread crosstab reshape-long-to-wide long-to-wide dcast xtab",
    "a column for each value: rowmill --pivot name=born FILE",
  ],
  [
    "melt unpivot gather pivot-longer pivot_longer reshape wide-to-long stack",
    "a row for each of these columns: rowmill --unpivot born --unpivot-names 'what,value' FILE; the other way is --pivot",
  ],
  ["transpose flip", "rows as columns: qsv transpose FILE"],
  ["join merge lookup leftjoin left-join innerjoin inner-join joinp csvjoin vlookup semi-join anti-join", JOIN],
  [
    "cat concat append rowcat vstack rbind bind_rows union csvstack",
    "rowmill -e row FILE FILE -o all.csv, files one behind the other; of different columns: rowmill --union FILE FILE",
  ],
  ["hstack cbind paste zip", "columns of two files side by side: mlr join, or paste where no field holds a line end"],
  [
    "split partition split-files chunk",
    "a file for each value: rowmill --split-by born -o '{born}.csv' FILE; for pieces of so many rows: qsv split",
  ],
  ["tee", 'rows to a second output: ctx.emit("name", row) in a transform, and --emit name=FILE; or tee behind a pipe'],
  ["compare except minus csvdiff daff", "two files compared: rowmill diff OLD.csv NEW.csv --on name"],
  [
    "intersect intersection",
    "the rows whose key another file has: rowmill --join other.csv --on name --kind semi FILE; the others: --kind anti",
  ],
  ["fill-down filldown ffill pad", "rowmill --fill-down born FILE, or for each group by itself: --per name"],
  ["bfill", "the value behind it: rowmill --lead born FILE, and take it with ?? behind a pipe"],
  [
    "lag shift step delta",
    "rowmill --lag born FILE adds born_lag, the value of the row before; --lead that of the next",
  ],
  ["lead", "rowmill --lead born FILE"],
  [
    "cumsum cumcount window rolling running",
    "rowmill --cumsum born FILE; --cummin, --cummax, --cummean, --cumcount, --moving-mean born:7; for each group: --per name",
  ],
  ["rank", "rowmill --rank -born FILE adds the place of each row, from the greatest on"],
  // Formats.
  ["input read load read_csv", "rowmill -e row FILE: how it is read, -d, --quote, --encoding and their like say"],
  [
    "convert conv tojson tojsonl to-json json csv2json csvjson in2csv csv tsv jsonl ndjson c2j fmt csvformat to_csv export dump write save",
    "rowmill -e row FILE --to json, or by the name of the output: rowmill -e row FILE -o out.jsonl",
  ],
  ["table view pretty look show print display csvlook pprint pp less page", "rowmill -e row FILE --to table"],
  ["markdown md tomd", "rowmill -e row FILE --to md"],
  ["parquet pq read_parquet from_parquet", "rowmill -e row FILE.parquet: Parquet is read like a CSV file"],
  ["arrow", "Rowmill reads no Arrow: DuckDB makes CSV of it"],
  [
    "sqlite sqlp postgres postgresql pg psql",
    "an input may be a table of a database: 'app.db#TABLE', 'postgres://USER@HOST/DATABASE#TABLE'",
  ],
  ["excel xlsx sheet sheets", "rowmill -e row FILE.xlsx: a workbook is read like a CSV file; --sheet says which sheet"],
  ["sql csvsql duckdb db", "questions in SQL: duckdb -c \"from 'FILE'\"; here: rowmill --filter 'born > 1900' FILE"],
  ["jq mlr awk", "rowmill -e '{ name, age: 2017 - born }' FILE, in TypeScript"],
  ["behead no-header noheader", "rowmill -e row FILE --no-header-out"],
  ["astype cast dtype dtypes as-type type", "rowmill -e row FILE --types born=int --to jsonl"],
  [
    "validate lint verify",
    "rowmill schema FILE -o rows.ts, then rowmill run rows.ts FILE --on-error reject --rejects bad.jsonl",
  ],
  ["unsparsify union-by-name union_by_name bind-rows", "rowmill --union FILE: all columns that any row has"],
  ["fixlengths ragged regularize", "rowmill -e row FILE --ragged, which takes rows with missing fields"],
  // Work with programs.
  ["foreach for-each exec xargs parallel pool", "rowmill run TRANSFORM.ts FILE, a function of a row on all cores"],
  ["install i npm bun pip", "rowmill add PACKAGE, beside a transform"],
  ["new create scaffold start", "rowmill init"],
  ["build bundle package pack", "rowmill compile TRANSFORM.ts -o PROGRAM"],
  ["tsc typecheck type-check test", "rowmill check TRANSFORM.ts"],
];

const byWord = once(
  () => new Map(ANSWERS.flatMap(([words, answer]) => words.split(" ").map((word) => [word, answer] as const))),
);

/** What a word of other tools comes to here. */
export function foreignWord(word: string): string | undefined {
  return byWord().get(word.toLowerCase());
}

/** All that are known. */
export function foreignWords(): [word: string, answer: string][] {
  return [...byWord()];
}
