// The kernel's functions, each alone, over bytes that lie in its memory.
import { PLAIN_CSV } from "../../../src/formats/text/output-dialect.ts";
import {
  type DecimalFields,
  FieldReader,
  type FieldValues,
  type WantedFields,
} from "../../../src/formats/indexed/field-reader.ts";
import { GroupLoops } from "../../../src/formats/indexed/group-loops.ts";
import { type JoinedTable, Joiner } from "../../../src/formats/indexed/joiner.ts";
import { TableBuilder } from "../../../src/tables/table-builder.ts";
import { FieldDigester, KEY_BYTES, TextDigester, asNamed } from "../../../src/formats/indexed/row-digester.ts";
import { type KeyedRows, RowMerger } from "../../../src/formats/indexed/row-merger.ts";
import { openMemory } from "../../../src/formats/memory.ts";
import { Weaver } from "../../../src/formats/indexed/weaver.ts";
import { ObjectWeaver } from "../../../src/formats/indexed/object-weaver.ts";
import type { BlockFields, BlockObjects } from "../../../src/formats/format.ts";
import { objectStride, placeOf } from "../../../src/formats/indexed/object-code.ts";
import type { Scan, WantedKey } from "../../../src/formats/kernel/exports.ts";
import { INPUT, Kernel, POSITION, ROW_END, quoteByte } from "../../../src/formats/kernel/host.ts";
import { slowDigest } from "../../formats/slow-digest.ts";
import type { Bench, Texts, Work } from "./bench.ts";
import { firstLines, firstRows, slowFields, slowLine, slowRecords, WIDE_COLUMNS } from "./texts.ts";

const COMMA = { delimiter: ",", quote: '"' };
/** Workers index and look at so much at once. */
const BLOCK_BYTES = 64 * 1024;
/** Short rows of such a block. */
const BLOCK_ROWS = 3000;

/** A kernel with bytes in its memory. */
function loaded(bytes: Uint8Array): { kernel: Kernel; start: number; end: number } {
  const kernel = new Kernel();
  kernel.reserve(bytes.length + 1);
  kernel.bytes.set(bytes, INPUT);
  return { kernel, start: INPUT, end: INPUT + bytes.length };
}

/** A scan of the parent's side over all rows of a text. */
function scanning(
  text: string,
  rows: number,
  scan: (kernel: Kernel, range: { start: number; end: number; maxRows: number }) => Scan,
): Work {
  const { kernel, ...range } = loaded(Buffer.from(text));
  return {
    bytes: range.end - range.start,
    rows,
    run: (seen) => {
      const found = scan(kernel, { ...range, maxRows: Number.POSITIVE_INFINITY });
      seen?.push(found.rows, found.lines, found.end - range.start);
    },
    expected: () => [rows, text.split("\n").length - 1, range.end - range.start],
  };
}

/** Lines of JSON as elements of an array, behind its bracket. */
function arrayOf(records: string): string {
  return records.replaceAll("}\n", "},\n").replace(/,\n$/, "]");
}

/** A block of CSV that is indexed once, and what is done with its fields again and again. */
interface Indexed {
  kernel: Kernel;
  fields: BlockFields;
  /** Its rows, as a slow reader sees them. */
  rows: string[][];
}

function indexed(text: string, { delimiter = ",", columns = WIDE_COLUMNS.length } = {}): Indexed {
  const bytes = firstRows(text, BLOCK_BYTES);
  const { kernel, start, end } = loaded(bytes);
  const index = kernel.indexCsv({ start, end, unit: "byte" }, { ...COMMA, delimiter });
  const rows = slowFields(bytes.toString(), delimiter);
  if (index.rows !== rows.length || index.count !== rows.length * columns)
    throw new Error(`${index.count} fields were indexed, in ${index.rows} rows, in place of ${rows.length}`);
  // The index stays as it is: no rows are made of the block.
  return { kernel, fields: { start, rows: rows.length, bytes: bytes.length, reindex: () => {} }, rows };
}

function column(name: string): number {
  return WIDE_COLUMNS.indexOf(name);
}

const NOTHING: WantedFields = {
  columns: WIDE_COLUMNS.length,
  quote: '"',
  texts: [],
  numbers: [],
  decimals: [],
  interned: [],
};

/** One of the loops that gather fields. */
function gathering(
  { kernel, fields, rows }: Indexed,
  wanted: Partial<WantedFields>,
  {
    values,
    expected,
  }: {
    /** What was read, row by row. */
    values: (read: FieldValues, reader: FieldReader) => Iterable<unknown>;
    expected: (row: string[]) => unknown[];
  },
): Work {
  const reader = new FieldReader(kernel, { ...NOTHING, ...wanted });
  return {
    bytes: fields.bytes,
    rows: fields.rows,
    run: (seen) => {
      const read = reader.read(fields, kernel.scratch(reader.bytesFor(fields)));
      if (read === undefined) throw new Error("a field is not what it is read as");
      seen?.push(...values(read, reader));
    },
    expected: () => rows.flatMap(expected),
  };
}

function* cutTexts({ text, bounds }: FieldValues): Generator<string> {
  for (let at = 0; at + 1 < bounds.length; at++) yield text.slice(bounds[at], bounds[at + 1]);
}

/** The digests of rows by all of their columns. */
function digesting({ kernel, fields, rows }: Indexed): Work {
  const key = new Uint8Array(KEY_BYTES).fill(7);
  const texts = new TextDigester(new Kernel(), key);
  const digester = new FieldDigester(
    kernel,
    { file: WIDE_COLUMNS, quote: '"' },
    { picked: asNamed(WIDE_COLUMNS), key, texts },
  );
  return {
    bytes: fields.bytes,
    rows: fields.rows,
    run: (seen) => {
      const digests = digester.digest(fields);
      seen?.push(...digests);
    },
    expected: () =>
      rows.flatMap((row) =>
        slowDigest(
          row.map((text, at) => [WIDE_COLUMNS[at] ?? "", text]),
          key,
        ),
      ),
  };
}

/** The same of texts. */
function digestingTexts({ fields, rows }: Indexed): Work {
  const key = new Uint8Array(KEY_BYTES).fill(7);
  const digester = new TextDigester(new Kernel(), key);
  return {
    bytes: fields.bytes,
    rows: fields.rows,
    run: (seen) => {
      for (const row of rows) {
        const digest = digester.digest(WIDE_COLUMNS, row);
        seen?.push(...digest);
      }
    },
    expected: () =>
      rows.flatMap((row) =>
        slowDigest(
          row.map((text, at) => [WIDE_COLUMNS[at] ?? "", text]),
          key,
        ),
      ),
  };
}

function indexingCsv({ wide }: Texts): Work {
  const bytes = firstRows(wide, BLOCK_BYTES);
  const { kernel, ...range } = loaded(bytes);
  const text = bytes.toString();
  const rows = slowFields(text);
  return {
    bytes: bytes.length,
    rows: rows.length,
    run: (seen) => {
      const { count } = kernel.indexCsv({ ...range, unit: "utf16" }, COMMA);
      if (seen === undefined) return;
      let from = 0;
      for (const entry of kernel.entries.subarray(0, count)) {
        const to = entry & POSITION;
        const raw = text.slice(from, to);
        seen.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw, (entry & ROW_END) !== 0);
        from = to + 1;
      }
    },
    expected: () => rows.flatMap((row) => row.flatMap((field, at) => [field, at === row.length - 1])),
  };
}

/** In an index of JSON lines (see assembly/json-index.ts) a value is a number, a text, or a whole number that fits into a word. */
const NUMBER = 1;
const TEXT = 2;
const WHOLE = 8;

function indexingJsonl({ records }: Texts): Work {
  const bytes = firstLines(records, BLOCK_BYTES);
  const { kernel, ...range } = loaded(bytes);
  const rows = slowRecords(bytes.toString());
  const keys = ["name", "born"].map(wantedKey);
  const stride = objectStride(keys.length);
  return {
    bytes: bytes.length,
    rows: rows.length,
    run: (seen) => {
      const index = kernel.indexJsonl(range, keys);
      if (seen === undefined) return;
      const text = kernel.bytes.toString("utf8", index.text.start, index.text.end);
      for (let row = 0; row < index.rows; row++) {
        for (let key = 0; key < keys.length; key++) {
          const at = row * stride + placeOf(key);
          const [kind = 0, , from, to] = kernel.fields.subarray(at, at + 4);
          const values: Record<number, unknown> = {
            [TEXT]: text.slice(from, to),
            [NUMBER]: kernel.numbers[(at + 2) / 2],
            [WHOLE]: from,
          };
          seen.push(values[kind] ?? `a value of kind ${kind}`);
        }
      }
    },
    expected: () => rows.flatMap(({ name, born }) => [name, born]),
  };
}

function counting({ wide }: Texts): Work {
  const { kernel, ...range } = loaded(Buffer.from(wide));
  const occurrences = (text: string): number => wide.split(text).length - 1;
  return {
    bytes: range.end - range.start,
    rows: slowFields(wide).length,
    run: (seen) => {
      const { delimiters, lineFeeds, quotes, returns } = kernel.countBytes(range, ",");
      seen?.push(delimiters, lineFeeds, quotes, returns);
    },
    expected: () => [",", "\n", '"', "\r"].map(occurrences),
  };
}

function rectangular({ wide }: Texts): Work {
  const { kernel, fields, rows } = indexed(wide);
  const { entries, loops } = kernel;
  const last = rows.length * WIDE_COLUMNS.length - 1;
  return {
    bytes: fields.bytes,
    rows: fields.rows,
    run: (seen) => {
      const isSo = loops.isRectangular(entries.byteOffset, fields.rows, WIDE_COLUMNS.length);
      if (seen === undefined) return;
      // The last row without its end is none that has all fields.
      const entry = entries[last] ?? 0;
      entries[last] = entry & ~ROW_END;
      seen.push(isSo, loops.isRectangular(entries.byteOffset, fields.rows, WIDE_COLUMNS.length));
      entries[last] = entry;
    },
    expected: () => [1, 0],
  };
}

/** Name and born of each row go on as they are, with a number between them. */
function weaving({ wide }: Texts): Work {
  const { kernel, fields, rows } = indexed(wide);
  const [name, born] = [column("name"), column("born")];
  const weaver = new Weaver(kernel, {
    wanted: NOTHING,
    output: PLAIN_CSV,
    threads: [
      { kind: "carried", first: name, last: name },
      { kind: "computed", index: 0 },
      { kind: "carried", first: born, last: born },
    ],
    outputColumns: 3,
    computed: 1,
  });
  const open = weaver.open(fields);
  open?.kept.fill(1);
  open?.computed.set(rows.map((_, at) => at));
  return {
    bytes: fields.bytes,
    rows: fields.rows,
    run: (seen) => {
      const bytes = weaver.weave(fields, "");
      seen?.push(Buffer.from(bytes).toString());
    },
    expected: () => [rows.map((row, at) => slowLine([row[name], at, row[born]])).join("")],
  };
}

const FIRST_YEAR = 1700;

/** Rows are joined with what stands beside each year of birth. */
function joining(
  { wide }: Texts,
  run: (joiner: Joiner, fields: BlockFields, table: JoinedTable) => unknown,
  expected: (rows: string[][]) => unknown,
): Work {
  const { kernel, fields, rows } = indexed(wide);
  const packed = new TableBuilder(
    {
      file: "years.csv",
      keys: ["born"],
      holds: "keyless",
      form: "text",
      delimiter: ",",
      isUnique: true,
      nullTexts: undefined,
      isTypedByData: () => false,
    },
    ["born", "age", "year"],
    "text",
  );
  for (let year = FIRST_YEAR; year < 2100; year++)
    packed.add({ born: String(year), age: String(2017 - year), year: `the year ${year}` }, undefined, year);
  const table = packed.take().packed;
  const joiner = new Joiner(kernel, {
    columns: WIDE_COLUMNS.length,
    key: column("born"),
    quote: '"',
    output: PLAIN_CSV,
    added: 2,
    found: "each",
    missing: "none",
    findText: () => -1,
  });
  joiner.find(fields, table);
  return {
    bytes: fields.bytes,
    rows: fields.rows,
    run: (seen) => {
      const done = run(joiner, fields, table);
      seen?.push(done instanceof Uint8Array ? Buffer.from(done).toString() : done);
    },
    expected: () => [expected(rows)],
  };
}

const finding = (texts: Texts): Work =>
  joining(
    texts,
    (joiner, fields, table) => joiner.find(fields, table),
    (rows) => ({
      count: rows.length,
      hasFound: true,
      firstMiss: undefined,
    }),
  );

const weavingJoined = (texts: Texts): Work =>
  joining(
    texts,
    (joiner, fields) => joiner.weave(fields),
    (rows) =>
      rows
        .map((row) => slowLine([...row, 2017 - Number(row[column("born")]), `the year ${row[column("born")]}`]))
        .join(""),
  );

const TAIL = Buffer.from("\n");
/** What stands behind a row is read in vectors of 16 bytes. */
const TAIL_BYTES = 16;

/** The same as objects of JSON. */
function weavingObjects({ wide }: Texts): Work {
  const { kernel, fields, rows } = indexed(wide);
  const [name, born] = [column("name"), column("born")];
  const weaver = new Weaver(kernel, {
    wanted: NOTHING,
    output: PLAIN_CSV,
    threads: [],
    objects: {
      members: [
        { key: "name", kind: "text", column: name },
        { key: "n", kind: "computed", index: 0 },
        { key: "born", kind: "number", column: born },
      ],
      tail: "\n",
    },
    outputColumns: 3,
    computed: 1,
  });
  const open = weaver.open(fields);
  open?.kept.fill(1);
  open?.computed.set(rows.map((_, at) => at));
  return {
    bytes: fields.bytes,
    rows: fields.rows,
    run: (seen) => {
      const bytes = weaver.weave(fields, "");
      seen?.push(Buffer.from(bytes).toString());
    },
    expected: () => [
      rows.map((row, at) => `${JSON.stringify({ name: row[name], n: at, born: Number(row[born]) })}\n`).join(""),
    ],
  };
}

function wantedKey(name: string): WantedKey {
  return { name: Buffer.from(name), isInterned: false };
}

/** The digits of a key, and how many of them are decimals. */
function gatheringObjects({ records }: Texts): Work {
  const bytes = firstLines(records, BLOCK_BYTES);
  const { kernel, start, end } = loaded(bytes);
  const { rows } = kernel.indexJsonl({ start, end }, [wantedKey("born")]);
  const out = kernel.scratch(rows * 9);
  const scales = out + rows * 8;
  const { loops, fields } = kernel;
  const digits = new Float64Array(kernel.bytes.buffer, out, rows);
  return {
    bytes: bytes.length,
    rows,
    run: (seen) => {
      const done = loops.gatherObjectDecimals(fields.byteOffset, rows, objectStride(1) * 4, 0, out, scales);
      seen?.push(done, kernel.mostDecimals, ...digits);
    },
    expected: () => [rows, 0, ...slowRecords(bytes.toString()).map(({ born }) => born)],
  };
}

/** The texts of a key, by their numbers. */
function gatheringIds({ records }: Texts): Work {
  const bytes = firstLines(records, BLOCK_BYTES);
  const { kernel, start, end } = loaded(bytes);
  kernel.loops.clearTexts();
  const { rows, texts } = kernel.indexJsonl({ start, end }, [{ ...wantedKey("city"), isInterned: true }]);
  const out = kernel.scratch(rows * 4);
  const { loops, fields } = kernel;
  const ids = new Int32Array(kernel.bytes.buffer, out, rows);
  const cities = slowRecords(bytes.toString()).map(({ city }) => city);
  const known = [...new Set(cities)];
  return {
    bytes: bytes.length,
    rows,
    run: (seen) => {
      const done = loops.gatherObjectIds(fields.byteOffset, rows, objectStride(1) * 4, 0, out, 4);
      seen?.push(done, texts, ...ids);
    },
    expected: () => [rows, known.length, ...cities.map((city) => known.indexOf(city))],
  };
}

/** As many as there are stations. */
const GROUPS = 400;
/** Rows of a block, of as many bytes as their groups and numbers take. */
function groupedRows(rows: number): { loops: GroupLoops; ids: Int32Array; numbers: DecimalFields } {
  const kernel = new Kernel();
  kernel.indexCsv({ start: INPUT, end: INPUT, unit: "byte" }, COMMA);
  const loops = new GroupLoops(kernel);
  const at = loops.open({ rows, groups: GROUPS }, rows * 24);
  const { buffer } = kernel.bytes;
  for (let row = 0; row < rows; row++) new Float64Array(buffer, at, rows)[row] = row % 1000;
  new Uint8Array(buffer, at + rows * 8, rows).fill(1);
  const ids = new Int32Array(buffer, at + rows * 16, rows);
  for (let row = 0; row < rows; row++) ids[row] = (row * 7) % GROUPS;
  const numbers: DecimalFields = {
    digits: new Float64Array(buffer, at, rows),
    decimals: new Uint8Array(buffer, at + rows * 8, rows),
    mostDecimals: 1,
    isSeen: true,
  };
  return { loops, ids, numbers };
}

/** The group of each row by the number of its text, all of which are known. */
function findingGroups(): Work {
  const { loops, ids } = groupedRows(BLOCK_ROWS);
  const known = Int32Array.from({ length: GROUPS }, (_, id) => GROUPS - 1 - id);
  return {
    bytes: ids.byteLength,
    rows: ids.length,
    run: (seen) => {
      const groups = loops.groups(ids, { known, texts: GROUPS }, () => -1);
      seen?.push(...groups);
    },
    expected: () => Array.from(ids, (id) => GROUPS - 1 - id),
  };
}

function countingGroups(): Work {
  const { loops, ids } = groupedRows(BLOCK_ROWS);
  return {
    bytes: ids.byteLength,
    rows: ids.length,
    run: (seen) => {
      const counts = new Float64Array(GROUPS);
      seen?.push(loops.count(ids, counts, GROUPS), ...counts);
    },
    expected: () => [true, ...Array.from({ length: GROUPS }, (_, group) => ids.filter((id) => id === group).length)],
  };
}

/** Sums, the least and the greatest of numbers of one decimal. */
function foldingGroups(): Work {
  const { loops, ids, numbers } = groupedRows(BLOCK_ROWS);
  return {
    bytes: ids.byteLength + numbers.digits.byteLength + numbers.decimals.byteLength,
    rows: ids.length,
    run: (seen) => {
      const counts = new Float64Array(GROUPS);
      const sums = { list: new Float64Array(GROUPS * 2), width: 2 };
      const extremes = { least: new Float64Array(GROUPS), greatest: new Float64Array(GROUPS) };
      const done = loops.fold(ids, numbers, { counts, sums, extremes, groupCount: GROUPS });
      seen?.push(done, ...counts, ...sums.list, ...extremes.least, ...extremes.greatest);
    },
    expected: () => {
      const of = Array.from({ length: GROUPS }, (_, group) =>
        [...numbers.digits].filter((_number, row) => ids[row] === group),
      );
      return [
        ids.length,
        ...of.map((all) => all.length),
        ...of.flatMap((all) => [0, all.reduce((sum, one) => sum + one, 0)]),
        ...of.map((all) => Math.min(...all) / 10),
        ...of.map((all) => Math.max(...all) / 10),
      ];
    },
  };
}

/** Every other line is copied. */
function copying({ records }: Texts): Work {
  const bytes = firstLines(records, BLOCK_BYTES);
  const { kernel, start, end } = loaded(bytes);
  const keys = [wantedKey("born")];
  const { rows } = kernel.indexJsonl({ start, end }, keys);
  const kept = kernel.scratch(rows + TAIL_BYTES + bytes.length * 2 + TAIL_BYTES);
  const tail = kept + rows;
  const out = tail + TAIL_BYTES;
  for (let row = 0; row < rows; row++) kernel.bytes[kept + row] = row % 2;
  kernel.bytes.set(TAIL, tail);
  const { loops, fields } = kernel;
  const stride = objectStride(keys.length) * 4;
  return {
    bytes: bytes.length,
    rows,
    run: (seen) => {
      const behind = loops.copyObjects(fields.byteOffset, rows, stride, start, kept, tail, TAIL.length, out);
      seen?.push(kernel.bytes.toString("utf8", out, behind));
    },
    expected: () => [
      bytes
        .toString()
        .split(/(?<=\n)/)
        .filter((_, at) => at % 2 === 1)
        .join(""),
    ],
  };
}

/** Rows of JSON lines with a computed value, as objects or fields. */
function weavingLines({ records }: Texts, as: "objects" | "fields"): Work {
  const { weaver, objects, rows } = openedLines(records, as);
  const open = weaver.open(objects);
  open?.kept.fill(1);
  open?.computed.set(rows.map((_, at) => at));
  return {
    bytes: objects.bytes,
    rows: objects.rows,
    run: (seen) => {
      const bytes = weaver.weave(objects, "", []);
      seen?.push(Buffer.from(bytes).toString());
    },
    expected: () => [
      rows
        .map(({ name, born }, at) =>
          as === "objects" ? `${JSON.stringify({ name, n: at, born })}\n` : slowLine([String(name), at, Number(born)]),
        )
        .join(""),
    ],
  };
}

function noOddRow(): never {
  throw new Error("no row is odd");
}

/** Which rows are odd: none. */
function markingOdd({ records }: Texts): Work {
  const { weaver, objects, rows } = openedLines(records, "fields");
  return {
    bytes: objects.bytes,
    rows: objects.rows,
    run: (seen) => {
      const open = weaver.open(objects);
      seen?.push(...(open?.kept ?? []));
    },
    expected: () => rows.map(() => 0),
  };
}

function openedLines(
  records: string,
  as: "objects" | "fields",
): { weaver: ObjectWeaver; objects: BlockObjects; rows: Record<string, unknown>[] } {
  const bytes = firstLines(records, BLOCK_BYTES);
  const { kernel, start, end } = loaded(bytes);
  const keys = ["name", "born"];
  const index = kernel.indexJsonl({ start, end }, keys.map(wantedKey));
  const weaver = new ObjectWeaver(kernel, {
    keys: keys.length,
    output: PLAIN_CSV,
    threads: [
      { kind: "carried", key: 0, isSeen: false },
      { kind: "computed", index: 0 },
      { kind: "carried", key: 1, isSeen: false },
    ],
    objects: as === "objects" ? { keys: ["name", "n", "born"], tail: "\n" } : undefined,
    computed: 1,
    checks: [],
    copiesSpelled: false,
  });
  const objects = { start, rows: index.rows, bytes: bytes.length, text: "", strings: [], parse: noOddRow };
  return { weaver, objects, rows: slowRecords(bytes.toString()) };
}

/** Runs of rows that take turns, by a number that two of them share and then a text. */
function merging({ rows }: Texts): Work {
  const runs = 8;
  const texts = Array.from({ length: rows }, (_, row) => `${row},a row of some length\n`);
  const keyed = Array.from({ length: runs }, (_, run): KeyedRows => {
    const own = texts.flatMap((text, row) => (row % runs === run ? [{ text, row }] : []));
    const ends = new Uint32Array(own.length);
    own.reduce((end, { text }, at) => (ends[at] = end + text.length), 0);
    const values = {
      ranks: new Uint8Array(own.length),
      leads: Float64Array.from(own, ({ row }) => row >> 1),
      texts: new Uint8Array(0),
      ends: new Uint32Array(own.length + 1),
    };
    return { values: [values], rows: { bytes: Buffer.from(own.map(({ text }) => text).join("")), ends } };
  });
  const memory = openMemory();
  return {
    bytes: texts.join("").length,
    rows,
    run: (seen) => {
      const merger = new RowMerger(memory, runs, [{ isDescending: false }]);
      for (const [run, one] of keyed.entries()) merger.load(run, one, [0, one.rows.ends.length]);
      for (;;) {
        const { rows: out, needs } = merger.step();
        if (needs !== undefined) merger.load(needs, undefined);
        else if (out === undefined) return;
        else seen?.push(Buffer.from(out.bytes).toString());
      }
    },
    expected: () => [texts.join("")],
  };
}

/** Bytes that are noted of a field, and of a value that is looked at. */
const FIELD_BYTES = 16;
const VALUE_BYTES = 40;

/** Notes what a column has, and gives where. @param more Room for this many bytes behind it. */
function hashed({ kernel, fields }: Indexed, name: string, more: number): number {
  const words = kernel.scratch(fields.rows * FIELD_BYTES + more);
  const { entries, loops } = kernel;
  loops.hashColumn(
    entries.byteOffset,
    fields.rows,
    WIDE_COLUMNS.length,
    fields.start,
    column(name),
    quoteByte('"'),
    words,
  );
  return words;
}

/** Hashes of a column of texts. */
function hashingColumn(block: Indexed): Work {
  const { kernel, fields, rows } = block;
  return {
    bytes: fields.bytes,
    rows: fields.rows,
    run: (seen) => {
      const words = hashed(block, "email", 0);
      if (seen === undefined) return;
      const hashes = new BigUint64Array(kernel.bytes.buffer, words, fields.rows * 2);
      for (let row = 0; row < fields.rows; row++) seen.push(String(hashes[row * 2]));
    },
    expected: () => rows.map((row) => String(Bun.hash.xxHash64(row[column("email")] ?? ""))),
  };
}

/** Which of them are the same. */
function tellingApart(block: Indexed): Work {
  const { kernel, fields, rows } = block;
  const slotCount = 2 ** Math.ceil(Math.log2(fields.rows * 2 + 2));
  const each = fields.rows * 8;
  const state = hashed(block, "city", 4 * each + slotCount * 4 + 16) + fields.rows * FIELD_BYTES;
  const words = state - fields.rows * FIELD_BYTES;
  const [places, hashes, counts, firsts, slots] = [0, 1, 2, 3, 4].map((at) => state + 16 + at * each);
  return {
    bytes: fields.bytes,
    rows: fields.rows,
    run: (seen) => {
      const { buffer } = kernel.bytes;
      new Uint32Array(buffer, state, 4).fill(0);
      const of = [places ?? 0, hashes ?? 0, counts ?? 0, firsts ?? 0, slots ?? 0];
      new Uint32Array(buffer, slots, slotCount).fill(0);
      kernel.loops.tellApart(words, fields.rows, ...of, slotCount, state);
      if (seen !== undefined) seen.push(...new Int32Array(buffer, places, fields.rows));
    },
    expected: () => {
      const known = new Map<string | undefined, number>();
      return rows.map((row) => {
        const city = row[column("city")];
        const place = known.get(city) ?? known.size;
        known.set(city, place);
        return place;
      });
    },
  };
}

/** What numbers come to. */
function summingUp({ kernel, fields, rows }: Indexed): Work {
  const size = fields.rows;
  const numbers = kernel.scratch(size * 24 + 8192);
  const [marks, lengths, counts, firsts, out] = [8, 12, 16, 20, 24].map((at) => numbers + size * at);
  const { buffer } = kernel.bytes;
  const given = rows.map((row) => Number(row[column("score")]));
  new Float64Array(buffer, numbers, size).set(given);
  new Uint32Array(buffer, marks, size).fill(2);
  for (const at of [lengths, counts]) new Uint32Array(buffer, at, size).fill(1);
  const at = [marks, lengths, counts, numbers, firsts, size, out].map((word) => word ?? 0);
  return {
    bytes: fields.bytes,
    rows: size,
    run: (seen) => {
      kernel.loops.summarize(...at);
      const figures = new Float64Array(kernel.bytes.buffer, out, 18);
      if (seen !== undefined) seen.push(figures[0], figures[8], figures[9]?.toFixed(6), figures[16]);
    },
    expected: () => {
      const mean = given.reduce((sum, number) => sum + number, 0) / size;
      return [size, size, mean.toFixed(6), Math.min(...given)];
    },
  };
}

/** What such texts look like. */
function lookingAtValues(block: Indexed): Work {
  const { kernel, fields, rows } = block;
  const words = hashed(block, "score", fields.rows * (4 + VALUE_BYTES) + 16);
  const numbers = words + fields.rows * FIELD_BYTES;
  const [times, patterns, marks, lengths, firsts] = [8, 16, 32, 36, 40].map((at) => numbers + fields.rows * at);
  const at = [numbers, times ?? 0, marks ?? 0, lengths ?? 0, patterns ?? 0];
  new Uint32Array(kernel.bytes.buffer, firsts, fields.rows).set(Array.from({ length: fields.rows }, (_, row) => row));
  return {
    bytes: fields.bytes,
    rows: fields.rows,
    run: (seen) => {
      kernel.loops.lookAtValues(words, firsts ?? 0, fields.rows, ...at);
      if (seen !== undefined) seen.push(...new Float64Array(kernel.bytes.buffer, numbers, fields.rows));
    },
    expected: () => rows.map((row) => Number(row[column("score")])),
  };
}

/** All of them: what is scanned is as long as a batch, what is indexed as long as a block. */
export const KERNEL_BENCHES: readonly Bench[] = [
  {
    name: "kernel scanCsv",
    open: ({ wide, rows }) => scanning(wide, rows, (kernel, range) => kernel.scanCsv(range, COMMA)),
  },
  {
    name: "kernel scanCsv, all quoted",
    open: ({ quoted, rows }) => scanning(quoted, rows, (kernel, range) => kernel.scanCsv(range, COMMA)),
  },
  {
    name: "kernel scanLines",
    open: ({ records, rows }) => scanning(records, rows, (kernel, range) => kernel.scanLines(range)),
  },
  {
    name: "kernel scanJson",
    open: ({ records, rows }) => scanning(arrayOf(records), rows, (kernel, range) => kernel.scanJson(range)),
  },
  {
    name: "kernel lineUpJson, from a copy",
    open: ({ records, rows }) => {
      const text = arrayOf(records);
      const bytes = Buffer.from(text);
      return scanning(text, rows, (kernel, range) => {
        kernel.bytes.set(bytes, range.start);
        return kernel.lineUpJson(range, bytes.length);
      });
    },
  },
  {
    name: "kernel scanValues",
    open: ({ records, rows }) => scanning(records.trimEnd(), rows, (kernel, range) => kernel.scanValues(range)),
  },
  { name: "kernel countBytes", open: counting },
  { name: "kernel indexCsv", open: indexingCsv },
  { name: "kernel indexJsonl, 2 keys", open: indexingJsonl },
  { name: "kernel isRectangular", open: rectangular },
  { name: "kernel digestFields, 10 columns", open: ({ wide }) => digesting(indexed(wide)) },
  { name: "kernel mergeRows, 8 runs", open: merging },
  { name: "kernel digestTexts, 10 columns", open: ({ wide }) => digestingTexts(indexed(wide)) },
  {
    name: "kernel gatherText, 2 of 10 columns",
    open: ({ wide }) =>
      gathering(
        indexed(wide),
        { texts: [column("name"), column("note")] },
        { values: cutTexts, expected: (row) => [row[column("name")], row[column("note")]] },
      ),
  },
  {
    name: "kernel gatherNumbers",
    open: ({ wide }) =>
      gathering(
        indexed(wide),
        { numbers: [{ column: column("score"), kind: "coerced" }] },
        { values: ({ numbers }) => numbers, expected: (row) => [Number(row[column("score")])] },
      ),
  },
  {
    name: "kernel gatherDecimals",
    open: ({ wide }) =>
      gathering(
        indexed(wide),
        { decimals: [column("score")] },
        {
          values: ({ decimals: [read] }) =>
            Array.from(read?.digits ?? [], (digits, at) => [digits, read?.decimals[at]]),
          expected: (row) => [scaled(row[column("score")] ?? "")],
        },
      ),
  },
  {
    name: "kernel internFields",
    open: ({ stations }) =>
      gathering(
        indexed(stations, { delimiter: ";", columns: 2 }),
        { columns: 2, interned: [0] },
        {
          values: ({ ids }, { strings }) => Array.from(ids, (id) => strings[id]),
          expected: (row) => [row[0]],
        },
      ),
  },
  { name: "kernel hashColumn", open: ({ wide }) => hashingColumn(indexed(wide)) },
  { name: "kernel tellApart", open: ({ wide }) => tellingApart(indexed(wide)) },
  { name: "kernel lookAtValues", open: ({ wide }) => lookingAtValues(indexed(wide)) },
  { name: "kernel summarize", open: ({ wide }) => summingUp(indexed(wide)) },
  { name: "kernel weave", open: weaving },
  { name: "kernel hashFields", open: finding },
  { name: "kernel weaveJoined", open: weavingJoined },
  { name: "kernel weaveObjects", open: weavingObjects },
  { name: "kernel copyObjects", open: copying },
  { name: "kernel markOddObjects", open: markingOdd },
  { name: "kernel weaveLinesToObjects", open: (texts) => weavingLines(texts, "objects") },
  { name: "kernel weaveLinesToFields", open: (texts) => weavingLines(texts, "fields") },
  { name: "kernel gatherObjectDecimals", open: gatheringObjects },
  { name: "kernel gatherObjectIds", open: gatheringIds },
  { name: "kernel groupsOfIds", open: findingGroups },
  { name: "kernel countGroups", open: countingGroups },
  { name: "kernel foldDecimals", open: foldingGroups },
];

/** A number as its digits and how many of them stand behind the point. */
function scaled(text: string): [digits: number, decimals: number] {
  const [whole = "", fraction = ""] = text.split(".");
  return [Number(whole + fraction), fraction.length];
}
