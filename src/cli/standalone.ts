/** The command line of a program that `rowmill compile` made: `rowmill run` with its transform given. */
import { basename } from "node:path";
import { loadDescription } from "../pipeline/describe-transform.ts";
import { LINKED_TRANSFORM } from "../code/linked.ts";
import type { Thread } from "../thread.ts";
import { VERSION } from "../version.ts";
import { type CliRunOptions, RUN_FLAGS, allFlags } from "./flags.ts";
import { type FlagList, isNamed } from "./flag.ts";
import { main } from "./main.ts";
import { parseFlags } from "./parse-flags.ts";
import type { Request } from "./program.ts";

/** It has its transform. */
const STANDALONE_FLAGS: FlagList<CliRunOptions> = {
  find: (isIt) => RUN_FLAGS.find((flag) => !isNamed(flag, "expression") && isIt(flag)),
  map: (to) =>
    allFlags()
      .filter((flag) => !isNamed(flag, "expression"))
      .map(to),
};

/** Carries out a command line of such a program; returns the exit code. */
export async function standalone(argv: readonly string[], firstThread: Thread): Promise<number> {
  return await main(argv, {
    firstThread,
    read: readLine,
    loadCommands: () => Promise.reject(new Error("no commands")),
  });
}

async function readLine(argv: readonly string[]): Promise<Request> {
  const { options, operands, asksFor } = parseFlags<CliRunOptions>(STANDALONE_FLAGS, argv, {});
  const transform = LINKED_TRANSFORM;
  if (asksFor === undefined) return { kind: "run", options: { ...options, transform, inputs: operands } };
  const { name = basename(process.execPath), description, version } = await loadDescription({ transform });
  const made = `made with rowmill ${VERSION}`;
  if (asksFor === "version") {
    return { kind: "print", text: version === undefined ? `${name}, ${made}\n` : `${name} ${version}, ${made}\n` };
  }
  const { standaloneHelp } = await import("./help.ts");
  return {
    kind: "print",
    text: standaloneHelp(
      { name, description },
      STANDALONE_FLAGS.map((flag) => flag),
    ),
  };
}
