/** `rowmill types`: the declarations that an editor needs to complete and check a transform. */
import { UsageError } from "../../../errors.ts";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { print } from "../../terminal.ts";
import { declarationsFor } from "./declarations.ts";

export const types: Command = {
  usage: "types",
  description: `Print the TypeScript declarations that an editor needs for transforms: the module rowmill, and the
built-in zod where none is installed in the current folder or above it.`,
  flags: [],
  examples: `Examples:
  rowmill types > rowmill.d.ts`,
  async carryOut(_, operands) {
    if (operands.length > 0) throw new UsageError("types takes no operand", "rowmill types > rowmill.d.ts");
    await print(declarationsFor("."));
    return EXIT.done;
  },
};
