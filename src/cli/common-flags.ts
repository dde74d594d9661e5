/** The flags that every command takes. */
import { type Flag, longName } from "./flag.ts";
import { allFlags } from "./flags.ts";

const COMMON: ReadonlySet<string> = new Set(["errors"]);

/** The flags of a command beside `run` and `eval`, with those that all have. */
export function withCommonFlags(flags: readonly Flag<object>[]): readonly Flag<object>[] {
  const own = new Set(flags.map(longName));
  return [...flags, ...allFlags().filter((flag) => COMMON.has(longName(flag)) && !own.has(longName(flag)))];
}

/** Those of them that help and completions offer. */
export function offeredFlags(flags: readonly Flag<object>[]): readonly Flag<object>[] {
  return withCommonFlags(flags).filter(({ isRefused }) => isRefused !== true);
}
