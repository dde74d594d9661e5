/** Reading and comparing the records of a rejects file. */
import { difference, shown } from "./harness.ts";

/** What a record must say; of `codes` any. */
export interface WantedRecord {
  file: string;
  line: number;
  row: number;
  codes: string[];
  /** The raw text of the row. */
  input: Uint8Array;
  column?: string | undefined;
  /** The columns of the file, for a row of CSV. */
  columns?: string[] | undefined;
  /** How it is read, where that is not the default. @default a comma between fields, and all else as it is */
  form?: Record<string, unknown>;
  hasStack?: boolean;
}

/** What a rejects file has that it should not have; undefined when it is right. */
export function recordsDifference(text: string, wanted: readonly WantedRecord[]): string | undefined {
  if (text !== "" && !text.endsWith("\n")) return `the rejects end in the middle of a line: ${text.slice(-300)}`;
  const lines = text.split("\n").slice(0, -1);
  for (const [at, record] of wanted.entries()) {
    const line = lines[at];
    if (line === undefined) return `the rejects lack record ${at + 1} of ${wanted.length}: ${shown(describe(record))}`;
    const why = recordDifference(line, record);
    if (why !== undefined)
      return `record ${at + 1} of the rejects: ${why}\nfound:  ${line}\nwanted: ${shown(describe(record))}`;
  }
  const extra = lines[wanted.length];
  return extra === undefined
    ? undefined
    : `the rejects have ${lines.length} records, wanted ${wanted.length}: ${extra}`;
}

const FORM_KEYS = ["delimiter", "quote", "escape", "lazyQuotes", "trim", "ragged", "extraFields", "null"];

function recordDifference(line: string, wanted: WantedRecord): string | undefined {
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(line) as Record<string, unknown>;
  } catch (error) {
    return `no JSON: ${String(error)}`;
  }
  for (const name of ["file", "line", "row"] as const) if (record[name] !== wanted[name]) return `other ${name}`;
  if (!wanted.codes.includes(String(record["code"]))) return "other code";
  if (typeof record["message"] !== "string" || record["message"] === "") return "no message";
  if (wanted.column !== undefined && record["column"] !== wanted.column) return "other column";
  if (!Bun.deepEquals(record["columns"], wanted.columns)) return "other columns";
  for (const name of FORM_KEYS) {
    if (!Bun.deepEquals(record[name], wanted.form?.[name])) return `other ${name}`;
  }
  if (wanted.hasStack === true && !/x\.ts:\d/.test(String(record["stack"]))) return "no stack that shows the transform";
  return inputDifference(record, wanted.input);
}

function inputDifference(record: Record<string, unknown>, wanted: Uint8Array): string | undefined {
  const isText = isUtf8(wanted);
  if (Object.hasOwn(record, isText ? "inputBase64" : "input"))
    return "input and inputBase64 are mistaken for each other";
  const found = isText ? Buffer.from(String(record["input"])) : Buffer.from(String(record["inputBase64"]), "base64");
  return difference("input", found, wanted);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function describe({ input, ...rest }: WantedRecord): object {
  return { ...rest, input: Buffer.from(input).toString() };
}
