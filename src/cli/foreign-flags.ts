/** Flags of other tools: whoever types one by habit is told what it is called here, or why there is no need of it. */
import { once } from "../once.ts";

/** By tool and flag, what to write here. */
const counterpartsByTool = once((): Readonly<Record<string, Readonly<Record<string, string>>>> => ({
  Miller: {
    "--c2p": "--to table",
    "--c2j": "--to json",
    "--c2l": "--to jsonl",
    "--c2t": "--to tsv",
    "--j2c": "--from json --to csv",
    "--l2c": "--from jsonl --to csv",
    "--t2c": "--from tsv --to csv",
    "--t2j": "--from tsv --to json",
    "--csv": "--from csv --to csv",
    "--tsv": "--from tsv --to tsv",
    "--json": "--from json --to json",
    "--jsonl": "--from jsonl --to jsonl",
    "--opprint": "--to table",
    "--fs": "-d for the input and --out-delimiter for the output",
    "--ifs": "-d",
    "--ifs-regex": "-d '/…/'",
    "--repifs": "-d '/ +/'",
    "--ofs": "--out-delimiter",
    "--implicit-csv-header": "-n",
    "--headerless-csv-input": "-n",
    "--headerless-csv-output": "--no-header-out",
    "--allow-ragged-csv-input": "--ragged",
    "--dedupe-field-names": "--dedup-columns",
    "-I": "-i",
    "-g": "--group-by",
  },
  "GNU parallel": {
    "--colsep": "-d",
    "-C": "-d",
    "--block": "-b, which counts rows,",
    "-N": "-b",
    "-a": "--files-from, for a list of files,",
    "--arg-file": "--files-from, for a list of files,",
    "--joblog": "--summary",
    "--halt": "--on-error",
    "--results": "-o",
    "--ungroup": "--unordered",
    "-u": "--unordered",
    "--max-procs": "-j",
    "-P": "-j",
    "--retry-failed": "--from rejects",
  },
  jq: {
    "-c": "--to jsonl",
    "--compact-output": "--to jsonl",
    "--argjson": "--arg, which is text: JSON.parse(args.NAME)",
  },
  awk: { "-F": "-d", "-v": "--arg" },
  csvkit: {
    "-t": "--from tsv",
    "--tabs": "--from tsv",
    "--quotechar": "--quote",
    "--escapechar": "--escape",
    "--no-header-row": "-n",
    "-H": "-n",
    "--null-value": "--null",
    "-K": "--skip-lines",
  },
  qsv: { "--flexible": "--ragged --extra-fields keep", "--select": "-e '{ a, b }'" },
  pandas: { "--colspecs": "--widths", "--delim-whitespace": "-d '/\\s+/'" },
  DuckDB: {
    "--nullstr": "--null",
    "--null_padding": "--ragged",
    "--delim": "-d",
    "--ignore-errors": "--on-error skip",
  },
  "other tools": {
    "--sep": "-d",
    "--separator": "-d",
    "--out": "-o",
    "--outfile": "-o",
    "--threads": "-j",
    "--workers": "-j",
    "--processes": "-j",
    "--chunksize": "-b",
    "--chunk-size": "-b",
    "--batch-size": "-b",
    "--head": "--limit",
    "--group": "--group-by",
    "--groupby": "--group-by",
    "--nrows": "--first",
    "--rows": "--first",
    "--max-rows": "--first",
    "--skip-rows": "--skip-lines",
    "--skiprows": "--skip-lines",
    "--input-format": "--from",
    "--output-format": "--to",
    "--outfmt": "--to",
    "--infmt": "--from",
    "--dtype": "--types",
    "--dtypes": "--types",
    "--schema": "--types; a schema is an export of a transform, which rowmill schema writes,",
    "--na-values": "--null",
    "--skip-errors": "--on-error skip",
    "--ignore": "--on-error skip",
    "--max-workers": "-j",
    "--cores": "-j",
    "--cpus": "-j",
    "--where": "--filter",
    "--eval": "-e",
    "--inplace": "-i",
    "--continue": "--resume",
    "--format": "--from for the input and --to for the output",
  },
}));

const HEADER = "the first line is the header; -n says that there is none";
const TEXT = "--types text takes fields as they are in the file";
const UNQUOTED = "fields of CSV have no quotes of JSON: --to csv";
const SLURP =
  "each row comes on its own; export reduce, or say --group-by, --count or --sum, for what all of them come to";
const PARALLEL = "files and standard input are always read in batches, by all workers";
const FILE = "write the name of the file alone: rowmill TRANSFORM.ts FILE";

/** What needs no flag here, and why. */
const needless = once((): Readonly<Record<string, string>> => ({
  "--header": HEADER,
  "--headers": HEADER,
  "--pipe": PARALLEL,
  "--pipepart": PARALLEL,
  "--parallel": PARALLEL,
  "-r": UNQUOTED,
  "--raw-output": UNQUOTED,
  "-s": SLURP,
  "--slurp": SLURP,
  "--stream": "inputs of any size are streamed",
  "-f": FILE,
  "--from-file": FILE,
  "--input": FILE,
  "--no-inference": TEXT,
  "--all-varchar": TEXT,
  "--infer": "columns of numbers are numbers by themselves: --types auto is the default",
  "--verbose": "--summary FILE writes all that is known of a run",
}));

/** What a flag of another tool comes to here, in words. */
export function foreignFlag(rawName: string): string | undefined {
  for (const [tool, counterparts] of Object.entries(counterpartsByTool())) {
    if (Object.hasOwn(counterparts, rawName))
      return `${tool}${tool.endsWith("s") ? "'" : "'s"} ${rawName} is ${counterparts[rawName]} here`;
  }
  return Object.hasOwn(needless(), rawName) ? needless()[rawName] : undefined;
}

/** All that are known. */
export function foreignFlags(): string[] {
  return [...Object.values(counterpartsByTool()), needless()].flatMap((flags) => Object.keys(flags));
}
