/** The machines that programs can be made for. */
import { UsageError } from "../../../errors.ts";
import { didYouMean, nearest } from "../../../nearest.ts";

/** By the name that people give, the runtime's own: where there is one for processors without AVX2, that. */
export const TARGETS = {
  "linux-x64": "bun-linux-x64-baseline",
  "linux-arm64": "bun-linux-arm64",
  "linux-x64-musl": "bun-linux-x64-baseline-musl",
  "linux-arm64-musl": "bun-linux-arm64-musl",
  "macos-x64": "bun-darwin-x64-baseline",
  "macos-arm64": "bun-darwin-arm64",
  "windows-x64": "bun-windows-x64-baseline",
} as const;

export type Target = keyof typeof TARGETS;

/** A target as a person writes it; Bun's own names are taken as well. */
export function readTarget(text: string): Target {
  const known = Object.keys(TARGETS) as Target[];
  const target = known.find((name) => [name, TARGETS[name], `bun-${name.replace("macos", "darwin")}`].includes(text));
  if (target !== undefined) return target;
  const near = nearest(text, known);
  throw new UsageError(
    `--target is ${JSON.stringify(text)}, wanted one of ${known.join(", ")}`,
    near === undefined ? undefined : didYouMean(near),
  );
}

/** The name of a program on its machine. */
export function programName(name: string, target: Target | undefined): string {
  const isWindows = target === undefined ? process.platform === "win32" : target === "windows-x64";
  return isWindows && !name.toLowerCase().endsWith(".exe") ? `${name}.exe` : name;
}
