/** The pattern by which lines become fields: an expression, or a preset by its name. */
import { UsageError } from "../../errors.ts";
import type { Settings } from "../format.ts";
import { PRESETS, isoTime, priorityNumber, wholeLine } from "./presets.ts";

/** A preset within a pattern. */
const PRESET = /%\{(?<name>[a-z]+)\}/g;
/** The columns of presets whose texts have several forms, and what brings them into one. */
const FORMS: ReadonlyMap<string, (text: string) => string> = new Map([
  ["time", isoTime],
  ["priority", priorityNumber],
]);

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
  const text = String(settings["pattern"]);
  if (/^[\w-]+$/.test(text))
    throw new UsageError(
      `--pattern ${text} is no name of a pattern, and has no named groups`,
      `the names are ${[...PRESETS.keys()].join(", ")}; in an expression of your own, groups are columns: (?<year>\\d{4})`,
    );
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
function patternOf({ pattern }: Settings): RegExp | undefined {
  if (typeof pattern !== "string") return undefined;
  const source = wholeLine(pattern) ?? pattern.replaceAll(PRESET, presetOf);
  try {
    return new RegExp(source, "u");
  } catch {
    // Many a pattern escapes more than that allows.
    return anyPattern(source);
  }
}

function presetOf(said: string, name: string): string {
  const preset = PRESETS.get(name);
  if (preset !== undefined) return preset;
  throw new UsageError(
    `--pattern has ${said}, and there is no pattern of that name`,
    `the names are ${[...PRESETS.keys()].join(", ")}`,
  );
}

/** Undefined where a line does not match. A group that took no part is empty. */
export type FieldsOf = (line: string) => string[] | undefined;

/** What gives the fields of a line: itself, or the groups of the pattern. */
export function fieldsBy(settings: Settings): FieldsOf {
  const pattern = patternOf(settings);
  if (pattern === undefined) return (line) => [line];
  const fields: FieldsOf = (line) => {
    const groups = pattern.exec(line)?.groups;
    return groups && Object.values(groups).map((text: string | undefined) => text ?? "");
  };
  const text = String(settings["pattern"]);
  if (!PRESETS.has(text) && text.search(PRESET) < 0) return fields;
  const forms = columnsOf(settings).map((name) => FORMS.get(name));
  return (line) => fields(line)?.map((field, column) => forms[column]?.(field) ?? field);
}

/** Whether a blank line is a row: without a pattern it is, as any other line, and with one that it matches. */
export function hasBlankRows(settings: Settings): boolean {
  return fieldsBy(settings)("") !== undefined;
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
