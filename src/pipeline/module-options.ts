/** The options that a transform module exports for itself: defaults for flags, checked as flags are. */
import { RowmillError } from "../errors.ts";
import { EXTRA_FIELDS } from "../formats/csv/dialect.ts";
import { FORMAT_ALIASES, INPUT_FORMATS, OUTPUT_FORMATS } from "../formats/format.ts";
import { nearest } from "../nearest.ts";
import { PER_WORKER } from "../transform/module-state-word.ts";
import { FIELD_TYPES } from "../transform/typed-fields.ts";
import { isCount } from "./check-options.ts";
import { ENCODING_ERRORS } from "./encoding.ts";
import { ERROR_POLICIES, type TuningOptions } from "./options.ts";

type Check =
  | "string"
  | "texts"
  | "boolean"
  | "trim"
  | "extra fields"
  | "count"
  | "types"
  | "quantity"
  | "input format"
  | "output format"
  | "error policy"
  | "encoding errors"
  | "state";

const MODULE_OPTIONS: Record<Exclude<keyof TuningOptions, "columns">, Check> = {
  from: "input format",
  to: "output format",
  delimiter: "string",
  quote: "string",
  escape: "string",
  comment: "texts",
  skipLines: "count",
  noHeaders: "boolean",
  lazyQuotes: "boolean",
  dedupColumns: "boolean",
  ragged: "boolean",
  extraFields: "extra fields",
  trim: "trim",
  null: "texts",
  encoding: "string",
  encodingErrors: "encoding errors",
  maxRowBytes: "count",
  types: "types",
  outDelimiter: "string",
  outQuote: "string",
  keepHead: "boolean",
  noHeaderOut: "boolean",
  quoteAll: "boolean",
  crlf: "boolean",
  bom: "boolean",
  escapeFormulas: "boolean",
  state: "state",
  jobs: "count",
  batch: "count",
  concurrency: "count",
  rate: "quantity",
  onError: "error policy",
  maxErrors: "quantity",
  timeout: "quantity",
  retries: "count",
};

/** Of a transform's `options`, what describes it and tunes nothing. */
const DESCRIPTIONS = ["name", "description", "version"] as const;

/** What a transform says of itself. */
export type ModuleDescription = Partial<Record<(typeof DESCRIPTIONS)[number], string>>;

/** What describes a transform, in the `options` that it exports; {@linkcode moduleOptions} has checked them. */
export function moduleDescription(exported: unknown): ModuleDescription {
  const entries = DESCRIPTIONS.map((name) => [name, Reflect.get(Object(exported), name)]);
  return Object.fromEntries(entries.filter(([, value]) => typeof value === "string"));
}

/**
 * What a transform module exports as `options`, checked.
 *
 * @throws {RowmillError} `transform`, naming the option that is unknown or of the wrong type.
 */
export function moduleOptions(exported: unknown, path: string): TuningOptions {
  if (exported === undefined) return {};
  if (typeof exported !== "object" || exported === null) {
    throw new RowmillError("transform", `${path}: the export options is no object`, {
      hint: "export const options = { jobs: 2 }",
    });
  }
  const accepted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(exported)) {
    const isDescription = includes(DESCRIPTIONS, name);
    if (isDescription && typeof value === "string") continue;
    if (isDescription)
      throw new RowmillError("transform", `${path}: options.${name} is ${Bun.inspect(value)}, wanted a text`);
    const check = Object.hasOwn(MODULE_OPTIONS, name) ? MODULE_OPTIONS[name as keyof typeof MODULE_OPTIONS] : undefined;
    if (check === undefined) {
      const near = nearest(name, Object.keys(MODULE_OPTIONS));
      throw new RowmillError("transform", `${path}: options has an unknown name: ${name}`, {
        ...(near !== undefined && { hint: `did you mean ${near}?` }),
      });
    }
    if (!passes(value, check)) {
      throw new RowmillError("transform", `${path}: options.${name} is ${Bun.inspect(value)}, wanted ${WANTED[check]}`);
    }
    accepted[name] = check.endsWith("format") ? formatOf(value) : value;
  }
  return accepted;
}

const WANTED: Record<Check, string> = {
  string: "a text",
  texts: "a text, or an array of texts",
  trim: 'true, false, "both" or "left"',
  "extra fields": EXTRA_FIELDS.join(", "),
  boolean: "true or false",
  count: "a whole number from 1",
  types: '"auto", "text", or an object such as { born: "int" }',
  "input format": INPUT_FORMATS.join(", "),
  "output format": OUTPUT_FORMATS.join(", "),
  quantity: 'a number, or a text such as "5s"',
  "error policy": ERROR_POLICIES.join(", "),
  "encoding errors": ENCODING_ERRORS.join(" or "),
  state: `"${PER_WORKER}"`,
};

function passes(value: unknown, check: Check): boolean {
  switch (check) {
    case "string":
      return typeof value === "string";
    case "texts":
      return [value].flat().every((text) => typeof text === "string");
    case "trim":
      return includes([true, false, "both", "left"], value);
    case "extra fields":
      return includes(EXTRA_FIELDS, value);
    case "boolean":
      return typeof value === "boolean";
    case "count":
      return isCount(value);
    case "types":
      return isTypes(value);
    case "input format":
      return includes(INPUT_FORMATS, formatOf(value));
    case "output format":
      return includes(OUTPUT_FORMATS, formatOf(value));
    case "quantity":
      return typeof value === "string" || typeof value === "number";
    case "error policy":
      return includes(ERROR_POLICIES, value);
    case "state":
      return value === PER_WORKER;
    case "encoding errors":
      return includes(ENCODING_ERRORS, value);
  }
}

/** A format by the name that is Rowmill's own for it. */
function formatOf(value: unknown): unknown {
  return typeof value === "string" && Object.hasOwn(FORMAT_ALIASES, value) ? FORMAT_ALIASES[value] : value;
}

function isTypes(value: unknown): boolean {
  if (value === "auto" || value === "text") return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((type) => type === "auto" || type === "text" || includes(FIELD_TYPES, type));
}

function includes(list: readonly unknown[], value: unknown): boolean {
  return list.includes(value);
}
