/**
 * `rowmill diff`: the rows in which two inputs differ. Each input is looked at by the workers of a run: at first for digests
 * of its rows, by which the rows are paired, then for the rows that differ, if there are any. What comes of them goes
 * through a run as its input, for all formats that it can have.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { RowmillError, UsageError } from "../../errors.ts";
import { hasHidden, isShort, shownColumn, shownColumns } from "../../formats/columns.ts";
import { namesWord } from "../../formats/command-words.ts";
import { KEY_BYTES } from "../../formats/indexed/row-digester.ts";
import { type OutputFormat, isOutput } from "../../formats/registry.ts";
import { MOST_ROW_BYTES } from "../../formats/long-rows.ts";
import { parseJson } from "../../formats/values/json.ts";
import { fileKey } from "../../io/file-identity.ts";
import { STDIN, fileOf, shownName } from "../../io/files.ts";
import { STDOUT, fileTarget } from "../../io/sink.ts";
import { openWorkFolder } from "../../io/work-folder.ts";
import { nearest } from "../../nearest.ts";
import { nearHint } from "../column-checks.ts";
import { fileWord } from "../shell.ts";
import type { RunOptions } from "../../options/run-options.ts";
import { type DigestsAsked, comparedColumns, unpackDigests, unpackRows } from "../../stages/digest/digest-stage.ts";
import { comparedText } from "../../stages/digest/compared-text.ts";
import { REAL_PARTS, type RunParts } from "../prepare.ts";
import { runWith } from "../run.ts";
import { outputFormatByName } from "../told-format.ts";
import type { WatchRun } from "./diff-input.ts";
import { CHANGE, CHANGED_COLUMNS, COLUMN, Changes, NEW, OLD, changedMeanwhile, nameTaken } from "./changes.ts";
import { type DiffInput, lookAtRows, openDiffInput, partsFor } from "./diff-input.ts";
import { Bits, GrowingNumbers } from "../growing.ts";
import { type Differences, Pairing, SameKey } from "./pairing.ts";
import { TextFile } from "../text-file.ts";

/** What is wanted of a diff, beside how inputs are read and the output is written. */
export interface DiffOptions extends RunOptions {
  /** The columns by which rows are told apart. Without them rows are the same, or not, as a whole. */
  on?: readonly string[];
  /** Columns that are not compared. */
  ignore?: readonly string[];
  /** A row for each field that has changed. */
  long?: boolean;
  /** Has the progress of reading shown. */
  watch?: WatchRun;
}

/** What came of it. */
export interface DiffSummary extends Pick<Differences, "added" | "removed" | "changed" | "same"> {
  /** Columns that one input alone has, where both have a header. */
  addedColumns: string[];
  removedColumns: string[];
  /** Rows that could not be read. */
  rowsFailed: number;
  /** What was guessed of the inputs, and what the output does not show by itself. */
  notices: string[];
}

/** The two inputs. */
interface Inputs {
  before: DiffInput;
  after: DiffInput;
}

/**
 * Writes the rows in which two inputs differ.
 *
 * @throws {UsageError} If the options are wrong.
 * @throws {RowmillError} If an input cannot be read, two rows of it have the same key, or the output cannot be written.
 */
export async function diffRows(
  oldName: string,
  newName: string,
  options: DiffOptions,
  parts: RunParts = REAL_PARTS,
): Promise<DiffSummary> {
  if (options.long === true && options.on === undefined)
    throw new UsageError("--long says which rows have changed by their key", "add --on with the columns of the key");
  if (oldName === STDIN && newName === STDIN)
    throw new UsageError("standard input is both inputs", "name a file for one of them");
  const folder = openWorkFolder("rowmill-diff", []);
  try {
    return await new Diff(options, { folder: folder.path, parts }).run(oldName, newName);
  } finally {
    folder.remove();
  }
}

class Diff {
  readonly #options: DiffOptions;
  /** How inputs are read. */
  readonly #reading: RunOptions;
  readonly #folder: string;
  readonly #parts: RunParts;

  constructor(options: DiffOptions, { folder, parts }: { folder: string; parts: RunParts }) {
    this.#options = options;
    this.#folder = folder;
    this.#parts = parts;
    this.#reading = inputOptions(withoutRepeats(options));
  }

  async run(oldName: string, newName: string): Promise<DiffSummary> {
    const open = (name: string, as: string): Promise<DiffInput> =>
      openDiffInput(name, this.#reading, { folder: this.#folder, as });
    this.#checkOutput([oldName, newName]);
    const inputs = withColumns({ before: await open(oldName, "old"), after: await open(newName, "new") });
    const asked = this.#asked(inputs);
    const found = { rowsFailed: 0, notices: new Set<string>() };
    const differences = await this.#paired(inputs, { asked, found });
    const columns = await this.#write(inputs, { asked, differences });
    for (const notice of await this.#output(inputs, columns)) found.notices.add(notice);
    const { added, removed, changed, same } = differences;
    const ofHeaders = headerChanges(inputs, this.#options.ignore);
    return { added, removed, changed, same, ...ofHeaders, ...found, notices: [...found.notices] };
  }

  /** Said before the rows are looked at, which may take long. */
  #checkOutput(names: readonly string[]): void {
    const { output = STDOUT } = this.#options;
    const target = output === STDOUT ? undefined : fileTarget(output);
    if (target?.replaced === undefined) return;
    const key = fileKey(target.target);
    const files = names.map(fileOf).filter((file) => file !== undefined);
    if (files.some((file) => fileKey(file) === key))
      throw new UsageError(`${output} is an input, and the output as well`, "name another file with -o");
  }

  /** What digests are to be made of. */
  #asked({ before, after }: Inputs): DigestsAsked {
    const { on, ignore = [], long } = this.#options;
    const headers = [before, after].flatMap(({ columns }) => (columns === undefined ? [] : [columns]));
    for (const { name, columns } of [before, after]) {
      // Of an empty file nothing is known.
      if (columns === undefined || columns.length === 0) continue;
      const unknown = on?.find((key) => !columns.includes(key));
      if (unknown !== undefined) throw noColumn(unknown, name, { columns, others: headers.flat() });
    }
    const hasHeaders = headers.length === 2;
    const unknown = hasHeaders ? ignore.find((name) => !headers.some((columns) => columns.includes(name))) : undefined;
    if (unknown !== undefined)
      throw new UsageError(
        `--ignore names ${shownColumn(unknown)}, which is no column`,
        nearHint(unknown, [...new Set(headers.flat())]),
      );
    const key = on?.find((name) => ignore.includes(name));
    if (key !== undefined)
      throw new UsageError(`${shownColumn(key)} is in --on and in --ignore`, "leave it out of one of them");
    const own = new Set([CHANGE, ...(long === true ? [COLUMN, OLD, NEW] : [CHANGED_COLUMNS])]);
    const shown = long === true ? (on ?? []) : headers.flat();
    const taken = shown.find((name) => own.has(name));
    if (taken !== undefined) throw nameTaken(taken);
    const inOld = new Set(before.columns);
    const shared = after.columns?.filter((name) => inOld.has(name));
    return {
      kind: "digests",
      by: on,
      columns: hasHeaders && shared !== undefined ? comparedColumns(shared, ignore) : undefined,
      ignored: ignore,
      comparing: before.isTyped && after.isTyped ? "as values" : "as texts",
      secret: new Uint8Array(randomBytes(KEY_BYTES)),
    };
  }

  /** Pairs the rows of both inputs. */
  async #paired(
    { before, after }: Inputs,
    { asked, found }: { asked: DigestsAsked; found: { rowsFailed: number; notices: Set<string> } },
  ): Promise<Differences> {
    const pairing = new Pairing(asked.by === undefined ? "whole" : "by key");
    const parts = this.#parts;
    for (const input of [before, after]) {
      const has = (asked.by ?? []).map(() => false);
      let rows = 0;
      const take = (part: Uint8Array): void => {
        const digests = unpackDigests(part);
        rows += digests.indexes.length;
        for (const [at, is] of digests.has.entries()) has[at] ||= is;
        if (input === before) pairing.takeOld(digests);
        else pairing.takeNew(digests);
      };
      try {
        const { rowsFailed, notices } = await lookAtRows(input, this.#reading, {
          asked,
          take,
          parts,
          watch: this.#options.watch,
        });
        found.rowsFailed += rowsFailed;
        for (const notice of notices) found.notices.add(notice.replaceAll(input.path, shownName(input.name)));
      } catch (error) {
        throw error instanceof SameKey ? await this.#sameKey(input, error, asked.by ?? []) : error;
      }
      const missing = rows === 0 ? undefined : asked.by?.find((_, at) => has[at] === false);
      if (missing !== undefined)
        throw new RowmillError("input", `no row of ${input.name} has a column ${shownColumn(missing)}`, {
          hint: "--on names the columns by which rows are told apart",
        });
    }
    return pairing.end();
  }

  /** Says where the two rows stand. */
  async #sameKey({ name, path }: DiffInput, { rows }: SameKey, by: readonly string[]): Promise<RowmillError> {
    const wanted = new Bits();
    for (const row of rows) wanted.set(row);
    const found: { row: string; line: number }[] = [];
    await lookAtRows({ name, path }, this.#reading, {
      asked: { kind: "rows", wanted: wanted.bytes, hasLines: true },
      take: (part) => {
        const { rows: texts, lines } = unpackRows(part);
        for (const [at, row] of texts.entries()) found.push({ row, line: lines[at] ?? 0 });
      },
      parts: this.#parts,
      watch: this.#options.watch,
    });
    const [first, second] = found;
    if (first === undefined || second === undefined) return changedMeanwhile();
    const row = parseJson(second.row) as Record<string, unknown>;
    const lacking = by.find((column) => !Object.hasOwn(row, column));
    if (lacking !== undefined)
      return new RowmillError(
        "input",
        `the row has no ${shownColumn(lacking)}, by which rows are told apart, as that in line ${first.line}`,
        { place: { file: name, line: second.line }, hint: `its columns are: ${shownColumns(Object.keys(row))}` },
      );
    const key = by.map((column) => `${shownColumn(column)}=${shownValue(row[column])}`).join(", ");
    const others = Object.keys(row).filter((column) => !by.includes(column));
    return new RowmillError("input", `the row in line ${first.line} has the same key: ${key}`, {
      place: { file: name, line: second.line },
      hint:
        others.length === 0
          ? "leave --on out: rows are compared as a whole then"
          : `name more columns, which tell rows apart together: --on ${by.join(",")},… (there are also ${shownColumns(others)}), or leave --on out: rows are compared as a whole then`,
    });
  }

  /** Makes the rows of the diff, as lines of JSON. Returns their columns. */
  async #write(
    { before, after }: Inputs,
    { asked, differences }: { asked: DigestsAsked; differences: Differences },
  ): Promise<string[]> {
    const columns = [...new Set([...(after.columns ?? []), ...(before.columns ?? [])])];
    const changes = new Changes(
      {
        by: asked.by ?? [],
        compared: asked.columns === undefined ? undefined : new Set(asked.columns),
        ignored: new Set(asked.ignored),
        comparing: asked.comparing,
        isLong: this.#options.long === true,
      },
      columns,
    );
    const old = new TextFile(join(this.#folder, "old-rows"));
    const out = new TextFile(this.#changesPath);
    try {
      const { newRows, oldOfNew, removedRows, wantedOld, wantedNew, changed, removed } = differences;
      const oldRows = new GrowingNumbers();
      if (changed + removed > 0) {
        await lookAtRows(before, this.#reading, {
          asked: { kind: "rows", wanted: wantedOld.bytes, hasLines: false },
          take: (part) => {
            const { indexes, rows } = unpackRows(part);
            for (const [at, index] of indexes.entries()) {
              oldRows.add(index);
              old.add(rows[at] ?? "");
            }
          },
          parts: this.#parts,
          watch: this.#options.watch,
        });
        old.flush();
      }
      if (oldRows.length !== changed + removed) throw changedMeanwhile();
      const oldText = (index: number): string => {
        const at = oldRows.placeOf(index);
        if (at < 0) throw changedMeanwhile();
        return old.at(at);
      };
      const write = (lines: readonly string[]): void => {
        for (const line of lines) out.add(`${line}\n`);
      };
      let next = 0;
      if (newRows.length > 0) {
        await lookAtRows(after, this.#reading, {
          asked: { kind: "rows", wanted: wantedNew.bytes, hasLines: false },
          take: (part) => {
            const { indexes, rows } = unpackRows(part);
            for (const [at, index] of indexes.entries()) {
              if (newRows.at(next) !== index) throw changedMeanwhile();
              const of = oldOfNew.at(next++);
              const text = rows[at] ?? "";
              write(of < 0 ? changes.added(text) : changes.changed(oldText(of), text));
            }
          },
          parts: this.#parts,
          watch: this.#options.watch,
        });
      }
      if (next !== newRows.length) throw changedMeanwhile();
      for (let at = 0; at < removedRows.length; at++) write(changes.removed(oldText(removedRows.at(at))));
      out.flush();
    } finally {
      old.close();
      out.close();
    }
    return changes.columns;
  }

  /** Writes the rows as they are asked for. Returns what the output does not show by itself. */
  async #output({ before, after }: Inputs, columns: readonly string[]): Promise<readonly string[]> {
    const { output = STDOUT, to } = this.#options;
    const usual: OutputFormat = isOutput(after.format) ? after.format : "csv";
    const written = runWith(
      {
        ...outputOptions(this.#options),
        inputs: [this.#changesPath],
        from: "jsonl",
        maxRowBytes: MOST_ROW_BYTES,
        to: to ?? outputFormatByName(output) ?? usual,
        readsBeside: [before, after].flatMap(({ name, path }) => (name === path ? [path] : [])),
      },
      {
        ...(await partsFor(this.#parts, [this.#changesPath])),
        inner: { outputColumns: columns, obstacle: "what differs is known when all rows were compared" },
      },
    );
    try {
      return (await written).notices;
    } catch (error) {
      throw error instanceof RowmillError && error.place?.file === this.#changesPath ? ofChange(error) : error;
    }
  }

  get #changesPath(): string {
    return join(this.#folder, "changes.jsonl");
  }
}

/** An empty file has the columns of the other one, and no rows. */
function withColumns({ before, after }: Inputs): Inputs {
  return { before: withColumnsOf(before, after), after: withColumnsOf(after, before) };
}

function withColumnsOf(input: DiffInput, other: DiffInput): DiffInput {
  return input.hasKeys || input.columns !== undefined ? input : { ...input, columns: other.columns ?? [] };
}

function headerChanges(
  { before, after }: Inputs,
  ignore: readonly string[] = [],
): Pick<DiffSummary, "addedColumns" | "removedColumns"> {
  const alone = (one: DiffInput, other: DiffInput): string[] => {
    if (one.columns === undefined || other.columns === undefined) return [];
    const known = new Set([...other.columns, ...ignore]);
    return one.columns.filter((name) => !known.has(name));
  };
  return { addedColumns: alone(after, before), removedColumns: alone(before, after) };
}

function noColumn(
  name: string,
  file: string,
  { columns, others }: { columns: readonly string[]; others: readonly string[] },
): RowmillError {
  const near = nearest(name, columns);
  // The other file has it: what is suggested would be none of its columns.
  const isElsewhere = others.includes(name) && near !== undefined && !hasHidden(near);
  const names = namesWord(columns.map((column) => (column === near ? name : column)));
  return new RowmillError("input", `--on names ${shownColumn(name)}, which is no column of ${file}`, {
    hint:
      isElsewhere && isShort(columns)
        ? `it has ${shownColumn(near)}: rowmill -e row --columns ${names} ${fileWord(file)} > NEW gives it the name that the other has`
        : nearHint(name, columns, "its"),
  });
}

/** The file in which a change stood is gone: the row itself says which one it is. */
function ofChange({ code, message, row, hint, cause }: RowmillError): RowmillError {
  return new RowmillError(
    code,
    `a row of the difference cannot be written: ${message.replace(/^the result cannot be written: /, "")}`,
    {
      ...(row !== undefined && { row }),
      ...(hint !== undefined && { hint }),
      cause,
    },
  );
}

/** So much of a value is shown. */
const SHOWN_CHARS = 60;

function shownValue(value: unknown): string {
  const text = comparedText(value, "as texts");
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}

/** Options of a diff that say how its output is written. */
const OUTPUT_OPTIONS = [
  "output",
  "to",
  "outDelimiter",
  "outQuote",
  "noHeaderOut",
  "quoteAll",
  "crlf",
  "bom",
  "escapeFormulas",
  "wait",
  "jobs",
  "signal",
  "onLog",
  "onNote",
] as const satisfies readonly (keyof RunOptions)[];

function outputOptions(options: DiffOptions): RunOptions {
  return Object.fromEntries(OUTPUT_OPTIONS.flatMap((name) => (name in options ? [[name, options[name]]] : [])));
}

/** An input is read more than once, and what is worth knowing of it is worth knowing once. */
function withoutRepeats(options: DiffOptions): DiffOptions {
  const { onNote } = options;
  if (onNote === undefined) return options;
  const said = new Set<string>();
  return {
    ...options,
    onNote: (text) => {
      if (!said.has(text)) onNote(text);
      said.add(text);
    },
  };
}

/** All others say how its inputs are read. Fields are texts. */
function inputOptions({ on: _on, ignore: _ignore, long: _long, watch: _watch, ...options }: DiffOptions): RunOptions {
  const { output: _output, to: _to, ...reading } = options;
  const written = new Set<string>(OUTPUT_OPTIONS.slice(0, OUTPUT_OPTIONS.indexOf("jobs")));
  return { ...Object.fromEntries(Object.entries(reading).filter(([name]) => !written.has(name))), types: "text" };
}
