/**
 * Standard Schema (standardschema.dev, version 1): what zod, valibot, ArkType and others have in common. What their
 * schemas tell beyond it is read in schema/.
 */

/** The part of a Standard Schema that is used here. */
export interface StandardSchema {
  "~standard": {
    version: 1;
    vendor: string;
    validate(value: unknown): SchemaResult | Promise<SchemaResult>;
  };
}

export type SchemaResult =
  | { value: unknown; issues?: undefined }
  | { issues: readonly { message: string; path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined }[] };

export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard: unknown = Reflect.get(value, "~standard");
  return typeof standard === "object" && standard !== null && typeof Reflect.get(standard, "validate") === "function";
}

/** Asks a schema beforehand whether it takes a value; undefined when the answer comes later: it is not waited for. */
export function standardAccepts(schema: unknown, value: unknown): boolean | undefined {
  if (!isStandardSchema(schema)) return false;
  try {
    const result = schema["~standard"].validate(value);
    if (!(result instanceof Promise)) return result.issues === undefined;
    result.catch(() => {});
    return undefined;
  } catch {
    return false;
  }
}
