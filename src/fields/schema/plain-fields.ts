/**
 * Zod object schemas whose fields are nothing but texts and numbers, perhaps checked: what a decoder of rows may know of
 * them. Each field that passes is the value that was read, so that a row need not go through the schema as a whole.
 */
import type { NumberKind } from "../../formats/indexed/field-reader.ts";
import { type StandardSchema, isStandardSchema } from "../standard-schema.ts";
import { member } from "./node.ts";
import { zodDef } from "./zod-node.ts";

/** A field whose value is its text, or the number that the kernel reads of it. */
export interface PlainField {
  /** How it is read as a number; undefined where it is the text. */
  number: Extract<NumberKind, "whole" | "decimal"> | undefined;
  /** What says whether such a value passes; undefined where each does. */
  check: StandardSchema | undefined;
}

/** Checks that look at the value of their field, and do nothing else. */
const PLAIN_CHECKS = new Set([
  "greater_than",
  "less_than",
  "multiple_of",
  "min_length",
  "max_length",
  "length_equals",
  "number_format",
  "string_format",
]);

/** Formats of zod's own that leave the text as it is; `url` does not. */
const PLAIN_FORMATS = new Set([
  "safeint",
  "int32",
  "uint32",
  "float32",
  "float64",
  "regex",
  "includes",
  "starts_with",
  "ends_with",
  "lowercase",
  "uppercase",
  "email",
  "emoji",
  "uuid",
  "guid",
  "nanoid",
  "cuid",
  "cuid2",
  "ulid",
  "xid",
  "ksuid",
  "date",
  "time",
  "datetime",
  "duration",
  "ipv4",
  "ipv6",
  "cidrv4",
  "cidrv6",
  "base64",
  "base64url",
  "e164",
  "jwt",
]);

/**
 * The fields by name, in the schema's order. Undefined when the schema is no zod object, does not strip unknown keys,
 * checks the object as a whole, or has a field that is something else.
 */
export function plainFields(schema: unknown): ReadonlyMap<string, PlainField> | undefined {
  const def = zodDef(schema);
  if (def?.type !== "object" || def.catchall !== undefined || (def.checks ?? []).length > 0) return undefined;
  const fields = new Map<string, PlainField>();
  for (const [name, field] of Object.entries(def.shape ?? {})) {
    const plain = plainField(field);
    // Zod treats names that every object inherits in a way of its own.
    if (plain === undefined || name in Object.prototype) return undefined;
    fields.set(name, plain);
  }
  return fields;
}

function plainField(schema: unknown): PlainField | undefined {
  const def = zodDef(schema);
  if (def === undefined || !isStandardSchema(schema)) return undefined;
  switch (def.type) {
    case "string":
    case "number": {
      if (def.coerce === true) return undefined;
      // z.int() and z.email() are checks themselves; z.number().int() and z.string().email() have them.
      const own = member(def, "check") === undefined ? [] : [def];
      const checks = [...own, ...(def.checks ?? []).map((check) => member(member(check, "_zod"), "def"))];
      if (!checks.every(isPlainCheck)) return undefined;
      const isWhole = def.type === "number" && checks.some((check) => member(check, "format") === "safeint");
      return {
        number: def.type === "string" ? undefined : isWhole ? "whole" : "decimal",
        check: checks.length > (isWhole ? 1 : 0) ? schema : undefined,
      };
    }
    case "enum":
    case "literal": {
      const values = [...Object.values(def.entries ?? {}), ...(def.values ?? [])];
      const isText = values.every((value) => typeof value === "string") && (def.checks ?? []).length === 0;
      return isText ? { number: undefined, check: schema } : undefined;
    }
    default:
      return undefined;
  }
}

function isPlainCheck(def: unknown): boolean {
  const check = member(def, "check");
  const format = member(def, "format");
  const isPlain = typeof check === "string" && PLAIN_CHECKS.has(check) && member(def, "fn") === undefined;
  return isPlain && (format === undefined || (typeof format === "string" && PLAIN_FORMATS.has(format)));
}
