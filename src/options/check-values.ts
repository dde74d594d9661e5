/** Checks of options one by one, and of those that do not go together, as their entries say. */
import { UsageError } from "../errors.ts";
import { tryRead, wantedOf } from "./kinds.ts";
import type { InputFormat } from "../formats/registry.ts";
import type { Option } from "./option.ts";
import type { RunOptions } from "./run-options.ts";
import { OPTION_ENTRIES, OPTIONS, type OptionName } from "./table.ts";

/**
 * Checks what the table says of each option that is given.
 *
 * @throws {UsageError} Naming the option and what is wanted.
 */
export function checkValues(options: RunOptions): void {
  const given = new Map<string, unknown>(Object.entries(options));
  for (const [name, option] of OPTION_ENTRIES) {
    const value = given.get(name);
    if (value === undefined) continue;
    const wanted = wantedOf(option, value);
    if (wanted !== undefined) throw new UsageError(`${name} is ${Bun.inspect(value)}, wanted ${wanted}`);
    checkMost(name, option, value);
    tryRead(option, flagName(option), value);
    if (value === false) continue;
    checkOthers(option, given);
  }
}

function checkMost(name: string, option: Option, value: unknown): void {
  const { most } = option;
  if (most === undefined || Number(value) <= most) return;
  throw new UsageError(
    `${name} is ${String(value)}, wanted at most ${most}`,
    `for example: ${flagName(option)} ${most}`,
  );
}

/** What may not be said beside it, and what must. */
function checkOthers(option: Option, given: ReadonlyMap<string, unknown>): void {
  for (const [other, [message, hint]] of Object.entries(option.excludes ?? {})) {
    if ((given.get(other) ?? false) !== false) throw new UsageError(message, hint);
  }
  const from = given.get("from") ?? option.isOf;
  if (from !== option.isOf && option.isOf !== undefined)
    throw new UsageError(`${flagName(option)} is for --from ${option.isOf}`, "leave the other --from out");
  for (const [other, { words, hint }] of Object.entries(option.needs ?? {})) {
    const needed: Option = OPTIONS[other as OptionName];
    const value = given.get(other) ?? needed.default;
    if (words === undefined ? value !== undefined : words.some((word) => word === value)) continue;
    const wanted = words === undefined ? "" : ` ${words.join(" or ")}`;
    throw new UsageError(`${flagName(option)} needs ${flagName(needed)}${wanted}`, hint);
  }
  const { of, hint } = option.needsOne ?? { of: [], hint: "" };
  if (of.length === 0 || of.some((other) => (given.get(other) ?? false) !== false)) return;
  const flags = of.map((other) => flagName(OPTIONS[other as OptionName])).join(" or ");
  throw new UsageError(`${flagName(option)} needs ${flags}`, hint);
}

/** The input format that is meant where nobody names one: that of an option that is of one only. */
export function formatOfOptions(options: RunOptions): InputFormat | undefined {
  const given = new Map<string, unknown>(Object.entries(options));
  return OPTION_ENTRIES.find(([name, { isOf }]) => isOf !== undefined && given.get(name) !== undefined)?.[1].isOf;
}

/** `--jobs` */
function flagName({ flag = "" }: Option): string {
  return /--[a-z-]+/.exec(flag)?.[0] ?? "";
}
