/** `rowmill info`: what a file is and holds; alone, what this binary is and what the machine lets it do. */
import { availableParallelism } from "node:os";
import { USUAL_ROW_BYTES } from "../../formats/long-rows.ts";
import { MAX_COLUMNS } from "../../pipeline/header.ts";
import { VERSION } from "../../version.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { count, on, to } from "../flag.ts";
import { askedInputs } from "../inputs.ts";
import { describeInput, inputInfo, inputInfoJson } from "../input-info.ts";
import { whileReading } from "../progress.ts";
import { print, sayWhoWaits } from "../terminal.ts";
import { INPUT_FLAGS, type InputOptions, SAMPLE_ROWS } from "./schema.ts";

interface InfoOptions extends InputOptions {
  json?: boolean;
  sample?: number;
}

export const info: Command<InfoOptions> = {
  usage: "info [options] [input…]",
  description: `Say what a file is and holds: format, encoding, rows, columns with their types, the first rows.
Without an input: what this binary is, and what the machine lets it do. Standard input is -.`,
  flags: [
    { flags: "--json", help: "as JSON", group: "Output", apply: on("json") },
    {
      group: "Rows",
      flags: "--sample <rows>",
      help: `types are those of so many rows; of standard input, of all (default: ${SAMPLE_ROWS})`,
      apply: to("sample", count("--sample", 1)),
    },
    ...INPUT_FLAGS,
  ],
  examples: `Examples:
  rowmill info
  rowmill info --json
  printf 'name,born\\nAda Lovelace,1815\\n' | rowmill info -`,
  async carryOut({ json, sample, filesFrom, ...input }, operands, signal) {
    if (operands.length === 0 && filesFrom === undefined) {
      await print(ownInfo(json === true));
      return EXIT.done;
    }
    const inputs = await askedInputs({ inputs: operands, filesFrom }, signal);
    await sayWhoWaits(inputs);
    const found = await whileReading({ ...input, inputs, signal }, (options) =>
      inputInfo(options, sample ?? SAMPLE_ROWS),
    );
    await print(json === true ? inputInfoJson(found) : describeInput(found, process.stdout.columns || undefined));
    return EXIT.done;
  },
};

function ownInfo(isJson: boolean): string {
  const facts = {
    rowmill: VERSION,
    bun: Bun.version,
    platform: `${process.platform}-${process.arch}`,
    binary: process.execPath,
    cores: availableParallelism(),
  };
  const limits = { rowBytes: USUAL_ROW_BYTES, columns: MAX_COLUMNS };
  if (isJson) return `${JSON.stringify({ ...facts, limits })}\n`;
  const shown = {
    ...facts,
    limits: `${limits.rowBytes} bytes a row (--max-row-bytes), ${limits.columns} columns of CSV`,
  };
  return Object.entries(shown)
    .map(([name, value]) => `${`${name}:`.padEnd(10)}${value}\n`)
    .join("");
}
