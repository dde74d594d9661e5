/** Fields of zod object schemas that are nothing but a text or a number: what decodes rows may know of them. */
import { member } from "./node.ts";
import { zodDef } from "./zod-node.ts";

/** What a plain field is; `int` is a whole number between ±(2^53−1). Numbers are finite. */
export type PlainType = "string" | "int" | "number";

/** Checks that look at the value of their field, and do nothing else. */
const PLAIN_CHECKS = new Set([
  "greater_than",
  "less_than",
  "multiple_of",
  "number_format",
  "bigint_format",
  "min_length",
  "max_length",
  "length_equals",
]);

/**
 * The fields that are exactly `z.string()`, `z.number()`, `z.int()` or `z.number().int()`, without other checks; undefined
 * when the schema is no zod object, does not strip unknown keys, checks the object as a whole, or has a field that is more
 * than a value with plain checks (optional and nullable ones are not more). A text of such a `string` is passed on as it
 * is, and the schema's output has the schema's keys.
 */
export function plainFieldTypes(schema: unknown): Map<string, PlainType> | undefined {
  const def = zodDef(schema);
  if (def?.type !== "object" || def.catchall !== undefined || !hasNone(def.checks)) return undefined;
  const fields = Object.entries(def.shape ?? {});
  // Zod has its own idea of names that every object inherits.
  if (!fields.every(([name, field]) => !(name in Object.prototype) && isSimple(field))) return undefined;
  return new Map(
    fields.flatMap(([name, field]) => {
      const type = plainType(field);
      return type === undefined ? [] : [[name, type] as const];
    }),
  );
}

/** A value of one kind, with plain checks; perhaps missing. */
function isSimple(schema: unknown): boolean {
  const def = zodDef(schema);
  switch (def?.type) {
    case "string":
    case "number":
    case "boolean":
    case "bigint":
    case "date":
      return (
        def.coerce !== true && isPlainCheck(def) && (def.checks ?? []).every((check) => isPlainCheck(checkDef(check)))
      );
    case "enum":
    case "literal":
      return hasNone(def.checks);
    case "optional":
    case "nullable":
      return hasNone(def.checks) && isSimple(def.innerType);
    default:
      return false;
  }
}

function plainType(schema: unknown): PlainType | undefined {
  const def = zodDef(schema);
  // z.int() is a number that is a check itself; z.number().int() has it among its checks.
  const checks = [def, ...(def?.checks ?? []).map(checkDef)].filter((check) => member(check, "check") !== undefined);
  const [only, ...more] = checks;
  if (more.length > 0 || (def?.type !== "string" && def?.type !== "number")) return undefined;
  if (only === undefined) return def.type;
  return member(only, "format") === "safeint" ? "int" : undefined;
}

function checkDef(check: unknown): unknown {
  return member(member(check, "_zod"), "def");
}

/** A schema may be a check itself: formats of texts and numbers are. */
function isPlainCheck(def: unknown): boolean {
  const check = member(def, "check");
  return check === undefined || (typeof check === "string" && PLAIN_CHECKS.has(check));
}

function hasNone(checks: readonly unknown[] | undefined): boolean {
  return checks === undefined || checks.length === 0;
}
