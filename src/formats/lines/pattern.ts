/** The pattern by which lines become fields. */
import { UsageError } from "../../errors.ts";
import type { Settings } from "../format.ts";

/**
 * The columns of lines, by their pattern.
 *
 * @throws {UsageError} When the pattern is none, or names no columns.
 */
export function columnsOf(settings: Settings): string[] {
  const pattern = patternOf(settings);
  if (pattern === undefined) return ["line"];
  // With nothing as another branch it matches any text, and has its groups.
  const { groups = {} } = new RegExp(`${pattern.source}|`, pattern.flags).exec("") ?? {};
  const names = Object.keys(groups);
  if (names.length > 0) return names;
  throw new UsageError(
    `--pattern ${shown(pattern.source)} has no named groups, and these are the columns`,
    "name what is to be a column: (?<year>\\d{4}); to choose among whole lines: --filter '/…/.test(line)'",
  );
}

/**
 * The pattern of a run, where it has one: by code points, where it can be read so.
 *
 * @throws {UsageError} When it is none.
 */
export function patternOf({ pattern }: Settings): RegExp | undefined {
  if (typeof pattern !== "string") return undefined;
  try {
    return new RegExp(pattern, "u");
  } catch {
    // Many a pattern escapes more than that allows.
    return anyPattern(pattern);
  }
}

function anyPattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, "") : String(error);
    throw new UsageError(
      `--pattern ${shown(pattern)} is no regular expression: ${why}`,
      "they are those of JavaScript",
    );
  }
}

function shown(pattern: string): string {
  return JSON.stringify(pattern);
}
