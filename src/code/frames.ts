/** The part of a stack that belongs to the user: frames of Rowmill itself and of the runtime do not help them. */
import { GENERATED } from "../generated-code.ts";
import { dirname } from "node:path";
import { OWN_PARTS_FOLDER } from "./linked.ts";

/** Where Rowmill's own modules lie: beside this one in a checkout, inside the executable when compiled. */
const OWN_FOLDER = dirname(import.meta.dir);

/** The user's own stack frames of an error, ready to print; undefined when there are none. */
export function userFrames(error: unknown): string | undefined {
  if (!(error instanceof Error) || typeof error.stack !== "string") return undefined;
  const frames = error.stack.split("\n").filter((line) => {
    if (!line.trimStart().startsWith("at ")) return false;
    return !isOwnFile(line) && !/\((native|unknown)|<parse>|native:|node:|bun:/.test(line);
  });
  return frames.length === 0 ? undefined : frames.map((frame) => `    ${frame.trim()}`).join("\n");
}

/** Whether a path, or a stack frame, is of Rowmill itself. */
export function isOwnFile(path: string): boolean {
  return [OWN_FOLDER, "/$bunfs/", `${OWN_PARTS_FOLDER}/`, GENERATED].some((own) => path.includes(own));
}
