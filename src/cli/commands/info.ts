/** `rowmill info`: what this binary is and what the machine lets it do. */
import { availableParallelism } from "node:os";
import { UsageError } from "../../errors.ts";
import { VERSION } from "../../version.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { on } from "../flag.ts";
import { print } from "../terminal.ts";

interface InfoOptions {
  json?: boolean;
}

export const info: Command<InfoOptions> = {
  usage: "info [options]",
  description: "Say what this binary is, and what the machine lets it do.",
  flags: [{ flags: "--json", help: "as JSON", group: "Output", apply: on("json") }],
  examples: `Examples:
  rowmill info
  rowmill info --json`,
  async carryOut({ json }, operands) {
    if (operands.length > 0) throw new UsageError("info takes no input yet", "rowmill info");
    const facts = {
      rowmill: VERSION,
      bun: Bun.version,
      platform: `${process.platform}-${process.arch}`,
      binary: process.execPath,
      cores: availableParallelism(),
    };
    const lines = Object.entries(facts).map(([name, value]) => `${`${name}:`.padEnd(10)}${value}\n`);
    await print(json === true ? `${JSON.stringify(facts)}\n` : lines.join(""));
    return EXIT.done;
  },
};
