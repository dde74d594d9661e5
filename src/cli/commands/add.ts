/** `rowmill add`: npm packages for the transforms of the current folder, with no npm on the machine. */
import { existsSync, writeFileSync } from "node:fs";
import { RowmillError, UsageError } from "../../errors.ts";
import { writeError } from "../../io/write-error.ts";
import { nearestAbove } from "../../io/nearest-above.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { whileSaying } from "../live-line.ts";
import { print } from "../terminal.ts";
import { runBun } from "./bun-itself.ts";

const PACKAGE_FILE = "package.json";

/** What the runtime says when no registry answers. */
const NO_NETWORK =
  /ConnectionRefused|ConnectionClosed|FailedToOpenSocket|DNS|ENOTFOUND|Timeout|UnableToConnect|CertVerif/i;

export const add: Command = {
  usage: "add <package…>",
  description: `Install npm packages beside the transforms of the current folder: into node_modules beside the nearest
package.json, which is made here when there is none.`,
  flags: [],
  examples: `Examples:
  rowmill add ms
  rowmill add valibot@1 @types/bun`,
  async carryOut(_, operands) {
    if (operands.length === 0) throw new UsageError("there is no package", "rowmill add PACKAGE");
    if (nearestAbove(".", PACKAGE_FILE) === undefined) makePackageFile();
    // Behind -- nothing is an option of the installer.
    const { code, stdout, stderr } = await whileSaying(
      `adding ${operands.join(" ")}`,
      runBun(["add", "--", ...operands], "."),
    );
    if (code !== 0) throw failure(operands, stderr.trim() || stdout.trim());
    const added = stdout.split("\n").filter((line) => line.startsWith("installed "));
    await print(`${added.join("\n")}\nin ${nearestAbove(".", "node_modules") ?? "node_modules"}\n`);
    return EXIT.done;
  },
};

function makePackageFile(): void {
  try {
    writeFileSync(PACKAGE_FILE, '{\n  "private": true\n}\n');
  } catch (error) {
    throw writeError(error, PACKAGE_FILE);
  }
}

function failure(packages: readonly string[], said: string): RowmillError {
  const reason = said
    .split("\n")
    .filter((line) => line.startsWith("error:"))
    .map((line) => line.slice("error:".length).trim());
  const hint = NO_NETWORK.test(said)
    ? "is there a network? npm_config_registry names another registry"
    : existsSync(PACKAGE_FILE) && said.includes(PACKAGE_FILE)
      ? `look at ${PACKAGE_FILE}`
      : "check the name and the version";
  return new RowmillError("transform", `cannot add ${packages.join(" ")}: ${reason.join("; ") || said}`, { hint });
}
