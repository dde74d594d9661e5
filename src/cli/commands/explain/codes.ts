/**
 * What each code of a failure means. A test holds the list against the codes in the source, and docs/failures.md against the
 * list: each is in all three.
 */

export interface Explanation {
  /** In a line, without a full stop. */
  meaning: string;
  causes: readonly string[];
  remedies: readonly string[];
}

const ON_ERROR =
  "--on-error skip leaves such rows out; --on-error reject keeps them in a file, to be put right and run again with --from rejects";

/** By code: those of rows first, then those of runs. */
export const CODES: Readonly<Record<string, Explanation>> = {
  "row-quote": {
    meaning: "a quote stands where CSV has none: in the middle of a field, or before something else than a delimiter",
    causes: ['a field such as 5" pipe was written without quotes around it', "the file has another quote, or none"],
    remedies: [
      "--lazy-quotes takes quotes in the middle of a field as they come",
      "--quote \"'\" or --quote '' says what quotes are, --escape '\\' what stands before one in a field",
      ON_ERROR,
    ],
  },
  "row-unclosed-quote": {
    meaning: "a field begins with a quote that is never closed",
    causes: ["a quote was written as a character of the text", "the file was cut off in the middle of a row"],
    remedies: ["--quote '' where nothing is quoted", "look at the line that the message names", ON_ERROR],
  },
  "row-field-count": {
    meaning: "the row has more or fewer fields than there are columns",
    causes: [
      "a delimiter stands in a field that is not quoted",
      "the delimiter is another one",
      "the row is a note or a total",
    ],
    remedies: [
      "--ragged takes rows with missing fields; --extra-fields drop, keep or join says what becomes of further ones",
      "-d names the delimiter; --comment and --skip-lines leave lines out",
      ON_ERROR,
    ],
  },
  "row-too-long": {
    meaning: "the row is longer than --max-row-bytes",
    causes: ["a quote that is never closed has taken the rows behind it along", "rows are that long indeed"],
    remedies: ["look at the line that the message names", "--max-row-bytes 64000000 takes longer rows"],
  },
  "row-encoding": {
    meaning: "the row holds bytes that are no text in the encoding of the input",
    causes: ["the file is in another encoding, such as windows-1252", "it was put together from files of several ones"],
    remedies: [
      "--encoding windows-1252 (or another label) says which",
      "--encoding-errors replace puts U+FFFD in their place",
      ON_ERROR,
    ],
  },
  "row-json": {
    meaning: "the row is no JSON object",
    causes: ["the line was cut off, or is of another kind", "rows stand further down in the document"],
    remedies: [
      "--records data.items says where the rows of a document are",
      "--from json reads documents over several lines",
      ON_ERROR,
    ],
  },
  "row-width": {
    meaning: "text of a file of fixed widths goes over the border between two columns",
    causes: ["--widths auto or header found borders by other rows"],
    remedies: ["name the widths: --widths 10,5,*", ON_ERROR],
  },
  "row-pattern": {
    meaning: "--pattern does not match the line",
    causes: ["the line is of another kind: a message over several lines, a comment"],
    remedies: ["make the pattern wider", "--comment leaves lines out that begin with a text", ON_ERROR],
  },
  "row-type": {
    meaning: "a field is not what --types, the first rows, the type of the transform's row or a step wants",
    causes: [
      "a number has a unit or is missing: 12 kg, n/a",
      "the column was numbers in the first rows, and is not later",
    ],
    remedies: [
      "--null n/a says which texts stand for nothing",
      "--types COLUMN=text takes the field as it is, --types text all of them",
      ON_ERROR,
    ],
  },
  "row-schema": {
    meaning: "the row is not what the transform's schema takes",
    causes: ["a field is missing, or of another kind", "the schema is narrower than the data"],
    remedies: [
      "rowmill schema FILE writes a schema that takes all rows that it sees",
      "rowmill check TRANSFORM FILE tries them all",
      ON_ERROR,
    ],
  },
  "row-join": {
    meaning: "the row has a key that a joined table has as well",
    causes: ["rows of JSON have keys of their own, which are not known before"],
    remedies: ["--prefix city_ gives the columns of the table other names", ON_ERROR],
  },
  "row-lookup": {
    meaning: "the code asks for a table, or by a key, that there is not",
    causes: ["ctx.lookup names a table that no --lookup gives", "the table was asked with a key of another shape"],
    remedies: ["--lookup cities=cities.csv:id gives the table cities"],
  },
  "row-function": {
    meaning: "the function threw, or its promise rejected",
    causes: ["a field is missing or empty", "a service that the function calls has failed"],
    remedies: [
      "the lines of the code are shown with the message; ROWMILL_DEBUG=1 shows all causes",
      "--retries 3 calls it again",
      ON_ERROR,
    ],
  },
  "row-timeout": {
    meaning: "the function took longer than --timeout for a row",
    causes: ["an endless loop, or a service that does not answer"],
    remedies: ["--timeout 1m gives it more time", "--retries 3 tries again", ON_ERROR],
  },
  "row-worker-died": {
    meaning: "the row ended its worker, or left a promise behind that rejected and that nobody waited for",
    causes: ["process.exit() in the function", "a promise without await", "a crash of native code"],
    remedies: ["await every promise, and throw errors in place of ending the process", ON_ERROR],
  },
  "row-result": {
    meaning: "what the function returned is no row: no object, array or null",
    causes: ["a number or a text was returned", "braces of an expression were read as a block"],
    remedies: [
      "return an object: { total }, an array of objects, or null for none",
      "--filter takes a condition",
      ON_ERROR,
    ],
  },
  "row-output-schema": {
    meaning: "the result is not what the transform's output schema takes",
    causes: ["a column is missing or of another kind"],
    remedies: ["put the function or the schema right", ON_ERROR],
  },
  "row-new-column": {
    meaning: "the result has a column that the results before it did not have",
    causes: ["rows are of several kinds", "a key is only there where it has a value"],
    remedies: [
      "--union writes the columns that any row has",
      "return all columns each time, or export const columns",
      "--to jsonl takes rows of any columns",
      ON_ERROR,
    ],
  },
  "row-encode": {
    meaning: "a value of the result cannot be written in the format of the output",
    causes: [
      "a function, a symbol, an invalid date, an object that holds itself",
      "a text with a line feed where the format has none",
    ],
    remedies: [
      "make a text or a number of it in the function",
      "--to json or jsonl takes more kinds of values than CSV",
      ON_ERROR,
    ],
  },
  usage: {
    meaning: "the command line, or the options of a call, are wrong; nothing was done (exit code 2)",
    causes: ["a misspelt option or value", "options that exclude each other"],
    remedies: ["rowmill COMMAND --help, or rowmill help --json for programs"],
  },
  input: {
    meaning: "an input cannot be read",
    causes: [
      "there is no such file, or no right to read it",
      "it is damaged, of another format, or has changed while it was read",
      "a column is named that it does not have",
    ],
    remedies: ["rowmill info FILE says what is in it", "--from says its format, --encoding its encoding"],
  },
  output: {
    meaning: "an output cannot be written, and what was there is as it was",
    causes: [
      "the disk is full, the folder is gone, or may not be written to",
      "another run writes there, or was cut off",
    ],
    remedies: [
      "after a full disk --resume goes on when there is room",
      "-o names another file; --restart drops what was left",
    ],
  },
  spill: {
    meaning: "a file for rows that wait cannot be written or read",
    causes: ["the folder for them is full, not there, or not to be written to"],
    remedies: ["--temp-dir names another folder", "--memory 8G keeps more before one is needed"],
  },
  memory: {
    meaning: "what a run must keep has no room in memory",
    causes: ["more groups, keys or cells than fit", "a transform that gives rows faster than they can be put anywhere"],
    remedies: [
      "--memory 8G gives more",
      "group by fewer values, or sort, which goes to files",
      "--approx keeps sketches in place of all values",
    ],
  },
  "taken-over": {
    meaning: "another process writes the same output or shard",
    causes: ["two runs with one output, of which the later one said --resume or --restart"],
    remedies: ["name one output a run; --wait waits for the other one", "for a shard: run it again"],
  },
  transform: {
    meaning: "the transform or expression cannot be used",
    causes: ["a syntax error, or an import that is not there", "a name that is no column", "setup or teardown failed"],
    remedies: ["rowmill check TRANSFORM FILE says more", "rowmill help expressions says what names mean"],
  },
  "transform-changed": {
    meaning: "a file of the transform has changed while the run was under way, or since it was cut off",
    causes: ["it was edited or deployed meanwhile"],
    remedies: [
      "bring back the text that the run began with, to go on with --resume",
      "--restart starts over with the new one",
    ],
  },
  "work-changed": {
    meaning: "planned work is not what was planned: an input, a transform or the version has changed",
    causes: ["a file was written to after rowmill plan", "machines have different versions of Rowmill"],
    remedies: ["put back what has changed", "plan again in another folder"],
  },
  worker: {
    meaning: "a worker could not be started, or died without a row to blame",
    causes: ["limits of processes or memory", "an error that nobody caught, in setup or between rows"],
    remedies: ["-j 1 shows it alone; ROWMILL_DEBUG=1 shows all causes"],
  },
  processor: {
    meaning: "the processor lacks instructions that are needed",
    causes: ["a machine from before 2011, or a virtual machine that hides them"],
    remedies: ["use another machine; give a virtual machine the processor of its host"],
  },
  pool: {
    meaning: "of the library: a call of the Pool could not be done",
    causes: [
      "an item cannot be copied to a worker",
      "the module of the function cannot be loaded",
      "the pool was closed",
    ],
    remedies: ["see docs/library.md"],
  },
  "too-many-errors": {
    meaning: "more rows failed than --max-errors allows; what was done is kept",
    causes: ["the input is of another kind than most"],
    remedies: ["look at the first failed rows", "raise --max-errors, and go on with --resume"],
  },
  interrupted: {
    meaning: "the run was ended from outside: Ctrl-C, a signal, or the caller's AbortSignal",
    causes: ["somebody, or a scheduler, ended it"],
    remedies: ["the same command with --resume goes on, where it writes a file"],
  },
  "rows-failed": {
    meaning: "of --errors json: the run is done, and some rows failed (exit code 3)",
    causes: ["--on-error skip or reject"],
    remedies: ["first says which was the first one; the rejects file has all"],
  },
  internal: {
    meaning: "a fault of Rowmill itself; an output is not to be trusted",
    causes: ["a mistake in Rowmill"],
    remedies: ["please report it, with the command line and the message"],
  },
};
