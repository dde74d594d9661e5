/** The options that a transform module exports for itself: defaults for flags, checked as flags are. */
import { RowmillError } from "../errors.ts";
import { didYouMean, nearest } from "../nearest.ts";
import { aliasesOf, wantedOf } from "./kinds.ts";
import type { Option } from "./option.ts";
import type { TuningOptions } from "./run-options.ts";
import { OPTION_ENTRIES } from "./table.ts";

const MODULE_OPTIONS: ReadonlyMap<string, Option> = new Map(
  OPTION_ENTRIES.filter(([, { scope }]) => scope === "module"),
);

/** The members of a transform's `options` that describe it, and are no options of a run. */
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
    const option = MODULE_OPTIONS.get(name);
    if (option === undefined) {
      const near = nearest(name, [...MODULE_OPTIONS.keys()]);
      throw new RowmillError("transform", `${path}: options has an unknown name: ${name}`, {
        ...(near !== undefined && { hint: didYouMean(near) }),
      });
    }
    const own = ownWord(value, option);
    const wanted = wantedOf(option, own);
    if (wanted !== undefined) {
      throw new RowmillError(
        "transform",
        `${path}: options.${name} is ${Bun.inspect(value, { compact: true })}, wanted ${wanted}`,
      );
    }
    accepted[name] = own;
  }
  return accepted;
}

/** Rowmill's own word for one of its aliases. */
function ownWord(value: unknown, option: Option): unknown {
  const aliases = aliasesOf(option);
  return typeof value === "string" && Object.hasOwn(aliases, value) ? aliases[value] : value;
}

function includes(list: readonly unknown[], value: unknown): boolean {
  return list.includes(value);
}
