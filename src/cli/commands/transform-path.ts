/** The operand that names a transform, for the commands that look at one without running it. */
import { realpathSync, statSync } from "node:fs";
import { RowmillError, UsageError } from "../../errors.ts";
import { readFailure } from "../../io/files.ts";

/**
 * The real path of the only operand.
 *
 * @throws {UsageError} If there is none, or more than one.
 * @throws {RowmillError} `transform`, if it cannot be read.
 */
export function transformPath(operands: readonly string[], usage: string): string {
  const [path, ...others] = operands;
  if (path === undefined) throw new UsageError("there is no transform", `rowmill ${usage}`);
  if (others.length > 0) throw new UsageError(`there is one transform too many: ${others[0]}`, `rowmill ${usage}`);
  const real = realPath(path);
  if (!statSync(real).isDirectory()) return real;
  throw new RowmillError("transform", `cannot read the transform ${path}: it is a folder`, {
    hint: "name the file in it that has the default export",
  });
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const [reason, hint] = readFailure(error, path);
    throw new RowmillError("transform", `cannot read the transform ${path}: ${reason}`, { hint, cause: error });
  }
}
