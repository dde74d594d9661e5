/** Every way in which one row can fail: the raw row, the transform that fails on it, and the code that it must get. */

/** One way to fail. The failing row's `text` begins with FAIL, unless its raw form cannot be read at all. */
export interface FailureKind {
  name: string;
  format: "csv" | "jsonl";
  /** Any of these; none: nothing fails. */
  codes: string[];
  /** Raw text of the failing row, without a line end. */
  raw: (id: number) => string | Buffer;
  /** The transform module. */
  module: string;
  args: string[];
  /** The column that the record must name. */
  column?: string;
  /** The record must show the line of the transform. */
  hasStack: boolean;
  /** No other row is quoted. */
  isOnlyQuote: boolean;
}

/** Long enough that no innocent row is taken for a stuck one on a busy machine. */
const TIMEOUT = ["--timeout", "1s"];

const csvRow = (id: number): string => `${id},FAIL`;
const jsonRow = (id: number): string => `{"id":"${id}","text":"FAIL"}`;

/** A transform that does `action` on the failing row, and gives all others back. */
function transform(action: string, { head = "", isAsync = false } = {}): string {
  return `${head}
export const columns = ["id", "text"];
export default ${isAsync ? "async " : ""}(row) => {
  if (String(row.text).startsWith("FAIL")) { ${action} }
  return row;
};
`;
}

const PLAIN = transform("");

function kind(name: string, codes: string | string[], rest: Partial<FailureKind>): FailureKind {
  return {
    name,
    format: "csv",
    codes: [codes].flat(),
    raw: rest.format === "jsonl" ? jsonRow : csvRow,
    module: PLAIN,
    args: [],
    hasStack: false,
    isOnlyQuote: false,
    ...rest,
  };
}

/** The function is at fault: the same in each format. */
const OF_THE_FUNCTION: [name: string, codes: string | string[], rest: Partial<FailureKind>][] = [
  ["throw an Error", "row-function", { module: transform('throw new RangeError("no");'), hasStack: true }],
  ["throw undefined", "row-function", { module: transform("throw undefined;") }],
  ["throw a string", "row-function", { module: transform('throw "no";') }],
  ["rejected promise", "row-function", { module: transform('await null; throw new Error("no");', { isAsync: true }) }],
  ["rejected with undefined", "row-function", { module: transform("return Promise.reject();") }],
  ["a getter that throws", "row-encode", { module: transform('return { get id() { throw new Error("no"); } };') }],
  ["half of its results", "row-function", { module: transform("return (function* () { yield row; throw 1; })();") }],
  [
    "a promise that never settles",
    "row-timeout",
    { module: transform("return new Promise(() => {});"), args: TIMEOUT },
  ],
  ["an endless loop", "row-timeout", { module: transform("for (;;);"), args: TIMEOUT }],
  ["process.exit(0)", "row-worker-died", { module: transform("process.exit(0);") }],
  [
    "process.exit(7) later",
    "row-worker-died",
    { module: transform("await null; process.exit(7);", { isAsync: true }) },
  ],
  [
    "a throw in a timer while it is open",
    ["row-worker-died", "row-function"],
    {
      module: transform('await new Promise(() => setTimeout(() => { throw new Error("stray"); }));', { isAsync: true }),
    },
  ],
  [
    "an unhandled rejection while it is open",
    ["row-worker-died", "row-function"],
    { module: transform('Promise.reject(new Error("stray")); await new Promise(() => {});', { isAsync: true }) },
  ],
  ["a symbol", "row-encode", { module: transform("return { id: Symbol(), text: 1 };") }],
  ["a cycle", "row-encode", { module: transform("const c = []; c.push(c); return { id: c, text: 1 };") }],
  [
    "the schema",
    "row-schema",
    {
      module: transform("", {
        head: 'import { z } from "zod"; export const schema = z.object({ id: z.string(), text: z.string().startsWith("row") });',
      }),
      column: "text",
    },
  ],
  [
    "the output schema",
    "row-output-schema",
    {
      module:
        'import { z } from "zod"; export const output = z.object({ id: z.string(), text: z.string().startsWith("row") }); export default (row) => row;',
    },
  ],
];

export const FAILURE_KINDS: FailureKind[] = [
  kind("nothing", [], { raw: (id) => `${id},row ${id}` }),
  kind("bare quote", "row-quote", { raw: (id) => `${id},x"y` }),
  kind("text behind a closing quote", "row-quote", { raw: (id) => `${id},"x"y` }),
  kind("a quote that is never closed", "row-unclosed-quote", { raw: (id) => `${id},"FAIL`, isOnlyQuote: true }),
  kind("too few fields", "row-field-count", { raw: (id) => String(id) }),
  kind("too many fields", "row-field-count", { raw: (id) => `${id},FAIL,"more, of it"` }),
  kind("too long", "row-too-long", { raw: (id) => `${id},${"FAIL".repeat(100)}`, args: ["--max-row-bytes", "300"] }),
  kind("invalid UTF-8", "row-encoding", { raw: (id) => Buffer.from(`${id},\xe9t\xe9`, "latin1") }),
  kind("--types", "row-type", { raw: (id) => `${id}.5,x`, args: ["--types", "id=int"], column: "id" }),
  kind("throw in a row of two lines", "row-function", {
    raw: (id) => `${id},"FAIL ""quoted""\r\nin two lines"`,
    module: transform('throw new Error("no");'),
  }),
  kind("a number in place of a row", "row-result", { module: transform("return 5;") }),
  kind("a new column", "row-new-column", { module: transform("return { ...row, extra: 1 };") }),
  ...OF_THE_FUNCTION.map(([name, codes, rest]) => kind(name, codes, rest)),
  kind("malformed line", "row-json", { format: "jsonl", raw: (id) => `{"id":"${id}",` }),
  kind("no object", "row-json", { format: "jsonl", raw: (id) => `"${id}"` }),
  kind("a number too large", "row-json", { format: "jsonl", raw: (id) => `{"id":${id},"text":1e999}` }),
  kind("invalid UTF-8 in a line", "row-encoding", {
    format: "jsonl",
    raw: (id) => Buffer.from(`{"id":"${id}","text":"\xe9"}`, "latin1"),
  }),
  ...OF_THE_FUNCTION.map(([name, codes, rest]) => kind(`${name}, in JSONL`, codes, { ...rest, format: "jsonl" })),
];
