/** Random inputs and row functions for equality.test.ts. */
import * as fc from "fast-check";
import type { PlainFunction } from "./plain-loop.ts";

/** Letters of every length in UTF-8, and all that CSV and JSON make something of. */
const LETTERS = [
  "a",
  "b",
  "7",
  " ",
  "é",
  "ß",
  "€",
  "漢",
  "😀",
  "𝒳",
  ",",
  '"',
  '""',
  "\n",
  "\r\n",
  "\r",
  ";",
  "\t",
  "\\",
  "#",
  "'",
  "{",
  "}",
  "[",
  "]",
  ":",
];

/** What Number() reads, and what it does not. */
const NUMBERS = [
  "1815",
  "0",
  "-3",
  "0.5",
  "12.75",
  "007",
  "1e3",
  " 4 ",
  "N/A",
  "Infinity",
  "-0",
  "0x1f",
  ".5",
  "5.",
  "-",
];

const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 1, arbitrary: fc.constant("") },
  { weight: 3, arbitrary: fc.constantFrom(...NUMBERS, "9007199254740993", "123456789012345", "-0.1234567890123") },
  { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom("x", "y", "z", "1"), maxLength: 12 }) },
  { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom(...LETTERS), maxLength: 10 }) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom("x", "é", "😀", ","), minLength: 60, maxLength: 90 }) },
);

const columnName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("name", "born", "a-b", "0", "12", "__proto__", "constructor", "toString", "", "class", "名"),
  fc.constantFrom('"];process.exit(7)//', "line\nbreak", 'quo"te', "a,b"),
  fc.string({ unit: fc.constantFrom("p", "q", "é", " "), minLength: 1, maxLength: 4 }),
);

export interface RandomInput {
  format: "csv" | "jsonl" | "json";
  bytes: Buffer;
}

const lineEnd = fc.constantFrom("\n", "\n", "\r\n");

/** One CSV line; `style` decides which fields are quoted without need. */
function csvLine(fields: string[], style: number, end: string): string {
  const cells = fields.map((field, at) =>
    /[,"\r\n]/.test(field) || (field === "" && fields.length === 1) || (style >> (at % 8)) % 2 === 1
      ? `"${field.replaceAll('"', '""')}"`
      : field,
  );
  return cells.join(",") + end;
}

/** Well-formed CSV. */
const csvText: fc.Arbitrary<string> = fc
  .record({
    columns: fc.oneof(
      { weight: 1, arbitrary: fc.uniqueArray(columnName, { minLength: 1, maxLength: 4 }) },
      { weight: 1, arbitrary: fc.shuffledSubarray(["name", "born", "a-b", "0", "__proto__"], { minLength: 2 }) },
      { weight: 3, arbitrary: fc.shuffledSubarray(["name", "born", "a-b", "0", "x", "y"], { minLength: 5 }) },
      {
        weight: 1,
        arbitrary: fc.constant(
          Array.from({ length: 300 }, (_, at) => (at < 2 ? (["name", "born"][at] ?? "") : `c${at}`)),
        ),
      },
    ),
    mark: fc.constantFrom("", "", "\uFEFF"),
    end: lineEnd,
    isCut: fc.boolean(),
    seed: fc.array(text, { minLength: 1, maxLength: 12 }),
    rows: fc.array(
      fc.record({ first: fc.nat(), style: fc.nat({ max: 255 }), end: lineEnd, blanks: fc.nat({ max: 9 }) }),
      { maxLength: 25 },
    ),
    // Code is generated for batches of more than a few rows only.
    repeats: fc.constantFrom(1, 1, 1, 8),
  })
  .map(({ columns, mark, end, isCut, seed, rows, repeats }) => {
    let csv = mark + csvLine(columns, 0, end);
    const all = Array.from({ length: repeats }, () => rows).flat();
    const some = columns.length > 100 ? rows.slice(0, 3) : all;
    for (const row of some) {
      csv += (row.blanks === 9 ? row.end : "") + (row.blanks === 8 ? "\r\n\n" : "");
      csv += csvLine(
        columns.map((_, at) => seed[(row.first + at * 7) % seed.length] ?? ""),
        row.style,
        row.end,
      );
    }
    return isCut ? csv.replace(/\r?\n$/, "") : csv;
  });

/** Bytes put in somewhere: a quote, a delimiter, a line end, or what is no UTF-8. */
const damage = fc.record({ at: fc.nat(), bytes: fc.constantFrom('"', ",", "\n", "\r", "x", "\xff", "\xc3", "\x80") });

function damaged(bytes: Buffer, { at, bytes: wrong }: { at: number; bytes: string }): Buffer {
  const place = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, place), Buffer.from(wrong, "latin1"), bytes.subarray(place)]);
}

function withDamage(bytes: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  const some = fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(damage, { maxLength: 2 }) },
  );
  return fc.tuple(bytes, some).map(([whole, places]) => places.reduce(damaged, whole));
}

const jsonValue: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.integer(),
  fc.constantFrom(0.5, -1.25, 1e-7, true, false, null),
  fc.array(fc.oneof(text, fc.integer()), { maxLength: 3 }),
  fc.dictionary(fc.constantFrom("k", "l", "}"), text, { maxKeys: 2 }),
);

const jsonObjects: fc.Arbitrary<Record<string, unknown>[]> = fc.array(
  fc.oneof(
    fc.record({ name: text, born: fc.integer() }),
    fc.uniqueArray(fc.tuple(columnName, jsonValue), { maxLength: 4, selector: ([key]) => key }).map(Object.fromEntries),
  ),
  { maxLength: 20 },
);

const space = fc.constantFrom("", "", " ", "\n", "\r\n", "\t ", "\n\n");

const jsonlBytes = fc
  .record({
    rows: jsonObjects,
    ends: fc.array(fc.tuple(lineEnd, space), { minLength: 1, maxLength: 5 }),
    isCut: fc.boolean(),
    mark: fc.constantFrom("", "\uFEFF"),
  })
  .map(({ rows, ends, isCut, mark }) => {
    const lines = rows.map((row, at) => {
      const [end = "\n", blank = ""] = ends[at % ends.length] ?? [];
      return `${JSON.stringify(row)}${end}${blank}${blank === "" || blank.endsWith("\n") ? "" : "\n"}`;
    });
    const whole = mark + lines.join("");
    return Buffer.from(isCut ? whole.replace(/\s+$/, "") : whole);
  });

const jsonBytes = fc
  .record({ rows: jsonObjects, spaces: fc.array(space, { minLength: 1, maxLength: 6 }) })
  .map(({ rows, spaces }) => {
    let whole = `${spaces[0]}[`;
    for (const [at, row] of rows.entries()) {
      whole += (at === 0 ? "" : ",") + spaces[(at + 1) % spaces.length];
      // The element says where it begins, for the reference.
      const line = whole.split("\n").length;
      whole +=
        JSON.stringify({ "@line": line, ...row }, null, at % 3 === 0 ? 1 : undefined) +
        spaces[(at + 2) % spaces.length];
    }
    return Buffer.from(`${whole}]${spaces.at(-1)}`);
  });

const anyInput: fc.Arbitrary<RandomInput> = fc.oneof(
  {
    weight: 4,
    arbitrary: withDamage(csvText.map((csv) => Buffer.from(csv))).map((bytes) => ({ format: "csv" as const, bytes })),
  },
  { weight: 2, arbitrary: withDamage(jsonlBytes).map((bytes) => ({ format: "jsonl" as const, bytes })) },
  { weight: 1, arbitrary: jsonBytes.map((bytes) => ({ format: "json" as const, bytes })) },
);

// Files whose lines end with a lone CR are refused.
export const randomInput: fc.Arbitrary<RandomInput> = anyInput.filter(
  ({ bytes }) => bytes.includes("\n") || !bytes.includes("\r"),
);

/** Row functions; each is sent by its source, so it names nothing but its parameters and globals. */
export const FUNCTIONS: Record<string, PlainFunction> = {
  identity: (r) => r,
  "every column and two more": (r, ctx) => ({ ...r, index: ctx.index, line: ctx.line }),
  "other columns": (r, ctx) => ({ n: ctx.index, all: Object.values(r).length }),
  // No object that is written out: the order of that one would count.
  "integer-like columns": (r, ctx) => Object.assign({ b: 1, 3: ctx.index }, r, { 1: null }),
  "columns taken apart": ({ name: who, born }, ctx) => ({ who, born, index: ctx.index }),
  "columns taken apart, with defaults": ({ name: who = "nobody", "a-b": dashed = 7 }) => ({ who, dashed }),
  "columns by member": (r) => ({ v: r["name"], w: r["0"], x: r["a-b"], y: r["__proto__"] }),
  "one column handed on": ({ name: who }) => ({ who }),
  "columns handed on, and a number": ({ name: who, born, "a-b": dashed }) => ({
    dashed,
    n: (2017 - (born as number)) | 0,
    who,
  }),
  "every column, and a number of one": (r) => ({ ...r, n: (+(r["born"] as string) * 2) | 0 }),
  "a number, and its text": ({ born }) => ({ n: -(born as number) | 0, born, double: `${born as string}!` }),
  "rows kept by a number": (r) => ((r["born"] as number) > 1 ? r : null),
  "rows kept by a text, another first": (r, ctx) => (ctx.index === 0 ? { ...r } : r["name"] === "" ? null : { ...r }),
  "columns that change places": (r, ctx) =>
    ctx.index % 2 === 0 ? { a: r["name"], b: r["born"], c: r["0"] } : { a: r["name"], b: r["name"], c: ctx.line },
  "values of all kinds beside a column": ({ name: who }, ctx) => ({
    v: [1, -5, 1.5, "x,y", 'q"', null, true, 2 ** 31, -(2 ** 31), new Date(0), "", "a\nb", "é€😀", [1, "2"]][
      ctx.index % 14
    ],
    who,
    w: ["=1", "\r", undefined, 0, -0, 0.1, 2147483647, 123456][ctx.index % 8],
  }),
  "a failure now and then beside a column": ({ name: who, born }, ctx) => {
    if (ctx.index % 9 === 4) throw new Error(`${who as string} ${ctx.line}`);
    return { who, born, v: ctx.index % 9 === 8 ? Symbol("no") : ((born as number) % 7) | 0 };
  },
  "columns that there are not": ({ constructor: c, nowhere }) => ({ c: typeof c, nowhere }),
  "a column now and then": (r, ctx) => ({ v: ctx.index % 2 === 1 ? r["name"] : r["born"] }),
  "all columns but one": ({ name: n, ...rest }) => ({ ...rest, n }),
  "which columns there are": (r) => ({
    keys: Object.keys(r).join("|"),
    has: "name" in r,
    own: Object.hasOwn(r, "born"),
  }),
  "a column by a computed name": (r, ctx) => ({ v: r[["name", "born", "0"][ctx.index % 3] ?? ""] }),
  "the whole row as text": (r) => ({ json: JSON.stringify(r) }),
  "the row changed in place": (r) => {
    r["name"] = "new";
    delete r["born"];
    return r;
  },
  filter: (r, ctx) => (ctx.index % 3 === 1 ? r : null),
  "nothing at all": () => undefined,
  "any number of rows": (r, ctx) =>
    Array.from({ length: (ctx.index * 7) % 4 }, (_, k) => ({ k, line: ctx.line, ...r })),
  "some of many are null": (_r, ctx) => [null, { i: ctx.index }, undefined, { i: -ctx.index }],
  "the first rows give nothing": (r, ctx) => (ctx.index < 6 ? null : { ...r, index: ctx.index }),
  "columns of a later row, fewer and fewer": (_r, ctx) =>
    ctx.index < 3
      ? null
      : ctx.index === 3
        ? { a: 1, b: 2, c: 3 }
        : ctx.index % 2 === 1
          ? { c: ctx.index }
          : { a: ctx.index },
  "a new key late": (_r, ctx) => (ctx.index < 5 ? [] : ctx.index < 9 ? { a: ctx.index } : { b: ctx.index }),
  "a new key in the second of two": (_r, ctx) => [{ a: 1 }, ctx.index === 4 ? { b: 1 } : { a: 2 }],
  "other columns in each row": (_r, ctx) => ({ [`k${ctx.index % 5}`]: ctx.index }),
  "undefined is no key": (_r, ctx) => (ctx.index === 0 ? { a: 1 } : { a: ctx.index, b: undefined }),
  "throws late": (r, ctx) => {
    if (ctx.index === 11) throw new Error("eleven");
    return r;
  },
  "throws at once, after nothing": (_r, ctx) => {
    if (ctx.index === 2) throw new Error("two");
    return null;
  },
  "throws what is no error": (_r, ctx) => {
    // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- users do
    if (ctx.index === 5) throw undefined;
    return { line: ctx.line };
  },
  "a value that cannot be written": (_r, ctx) => ({ v: ctx.index === 6 ? Symbol("no") : ctx.index }),
  asynchronous: async (r, ctx) => {
    for (let turn = 0; turn < (ctx.index * 5) % 4; turn++) await Promise.resolve();
    return { ...r, index: ctx.index, line: ctx.line };
  },
  "asynchronous, then not, with failures": (_r, ctx) => {
    const result =
      ctx.index < 4 || ctx.index % 2 === 1 ? { i: ctx.index } : Promise.resolve([{ i: ctx.index }, { i: -1 }]);
    if (ctx.index === 9) return Promise.reject(new Error("nine"));
    return result;
  },
  "asynchronous, and columns late": async (_r, ctx) => {
    await Promise.resolve();
    return ctx.index < 4 ? null : ctx.index % 3 === 0 ? { b: 1 } : { a: 1, b: 2 };
  },
};

/** The columns that functions read without saying that they may be missing. */
export const READS: Record<string, readonly string[]> = {
  "columns taken apart": ["name", "born"],
  "columns by member": ["name", "0", "a-b"],
  "one column handed on": ["name"],
  "columns handed on, and a number": ["name", "born", "a-b"],
  "every column, and a number of one": ["born"],
  "a number, and its text": ["born"],
  "rows kept by a number": ["born"],
  "rows kept by a text, another first": ["name"],
  "columns that change places": ["name", "born", "0"],
  "values of all kinds beside a column": ["name"],
  "a failure now and then beside a column": ["name", "born"],
  "columns that there are not": ["nowhere"],
  "a column now and then": ["name", "born"],
  "all columns but one": ["name"],
};

/** Filters of rows without a header, as expressions, and what each means. */
export const JSON_FILTERS: Record<string, PlainFunction> = {
  "born > 0": (r) => Number(own(r, "born")) > 0,
  "typeof name === 'string' && name.length > 2": (r) => {
    const who = own(r, "name");
    return typeof who === "string" && who.length > 2;
  },
  "i % 2 === 1": (_r, ctx) => ctx.index % 2 === 1,
  "row.name || born": (r) => Boolean(own(r, "name")) || Boolean(own(r, "born")),
  row: () => true,
  "'born' in row": (r) => "born" in r,
  "Array.isArray(name) ? name.push(1) : name && (name.k = 'set', true)": (r) => {
    const who = own(r, "name");
    if (Array.isArray(who)) return who.push(1);
    if (typeof who === "object" && who !== null) return Reflect.set(who, "k", "set");
    if (who) throw new TypeError("a string has no properties to set");
    return false;
  },
  "typeof constructor === 'undefined'": (r) => !Object.hasOwn(r, "constructor"),
};

function own(row: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(row, key) ? row[key] : undefined;
}
