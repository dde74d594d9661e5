/**
 * Schemas of zod, compiled by zod itself (`z.compile`, zod 4.6): code for the one schema, in place of a walk through it.
 * A value that this code does not take goes through zod as it is, which is the judge of failures and their messages.
 */
import { type StandardSchema, type SchemaResult, isStandardSchema } from "./standard-schema.ts";
import { member } from "./schema/node.ts";

/** Whether a transform's schema is one of zod. */
export function isZod(schema: unknown): boolean {
  return member(schema, "_zod") !== undefined;
}

/** @param zod The module that the schema was made with; a schema of another version stays as it is. */
export function compiledZod(schema: StandardSchema, zod: object): StandardSchema {
  const compile = member(zod, "compile");
  if (typeof compile !== "function" || !isOfVersion(schema, zod)) return schema;
  const compiled: unknown = compile(schema);
  const safeParse = member(compiled, "safeParse");
  // A schema that cannot be compiled comes back unchanged.
  if (compiled === schema || !isStandardSchema(compiled) || typeof safeParse !== "function") return schema;
  const standard = schema["~standard"];
  compiled["~standard"] = {
    ...standard,
    validate: fastFirst((value) => standard.validate(value), safeParse as SafeParse),
  };
  return compiled;
}

function isOfVersion(schema: unknown, zod: object): boolean {
  const version = member(member(schema, "_zod"), "version");
  return version !== undefined && Bun.deepEquals(version, member(member(zod, "core"), "version"));
}

type Validate = StandardSchema["~standard"]["validate"];
type SafeParse = (
  value: unknown,
) => { success: true; data: unknown } | { success: false; error: { issues: SchemaResult["issues"] & object } };

/** Standard Schema's `validate` asks whether the answer is late; `safeParse` throws when it is. */
function fastFirst(validate: Validate, safeParse: SafeParse): Validate {
  let isLate = false;
  return (value) => {
    if (!isLate) {
      try {
        const result = safeParse(value);
        return result.success ? { value: result.data } : { issues: result.error.issues };
      } catch {
        // Asynchronous, or the schema's own functions threw: zod says what that means.
      }
    }
    const result = validate(value);
    isLate = result instanceof Promise;
    return result;
  };
}
