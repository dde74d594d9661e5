/** `rowmill init`: a folder to start from, in which an editor completes and checks with nothing installed. */
import { lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { RowmillError, UsageError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { print } from "../terminal.ts";
import { COMPILER_OPTIONS } from "./check.ts";
import { declarationsFor } from "./declarations/declarations.ts";

const TRANSFORM = `import type { RowContext, TransformOptions } from "rowmill";
import { z } from "zod";

// What a row must be. Fields of CSV are read as what the schema asks for.
export const schema = z.object({ name: z.string(), born: z.number().int() });

// Defaults for flags, and what a compiled transform says of itself.
export const options: TransformOptions = { name: "ages", description: "How old they would be, in 2017 or --arg year=N." };

// An object is a row, an array many rows, null none.
export default ({ name, born }: z.infer<typeof schema>, ctx: RowContext) => ({
  name,
  age: Number(ctx.args["year"] ?? 2017) - born,
});
`;

const DATA = `name,born
Ada Lovelace,1815
Emmy Noether,1882
Marie Curie,1867
Tu Youyou,1930
Ada Yonath,1939
Vera Rubin,1928
Sally Ride,1951
`;

export const init: Command = {
  usage: "init [dir]",
  description: `Write a transform, sample data, and what an editor needs to complete and check it: ready to run, with nothing
to install. Files that are there are never overwritten.`,
  flags: [],
  examples: `Examples:
  rowmill init /tmp/ages-example
  rowmill run /tmp/ages-example/ages.ts /tmp/ages-example/scientists.csv`,
  async carryOut(_, operands) {
    const [folder = ".", ...others] = operands;
    if (others.length > 0) throw new UsageError(`there is one folder too many: ${others[0]}`, "rowmill init [dir]");
    const files = {
      "ages.ts": TRANSFORM,
      "scientists.csv": DATA,
      "tsconfig.json": `${JSON.stringify({ compilerOptions: COMPILER_OPTIONS }, undefined, 2)}\n`,
      "rowmill.d.ts": declarationsFor(folder),
    };
    writeAll(folder, files);
    await print(nextSteps(folder, Object.keys(files)));
    return EXIT.done;
  },
};

/** All of the files, or none where one is in the way. */
function writeAll(folder: string, files: Record<string, string>): void {
  try {
    mkdirSync(folder, { recursive: true });
    const paths = Object.keys(files).map((name) => join(folder, name));
    const inTheWay = paths.filter(isTaken);
    if (inTheWay.length > 0) {
      throw new RowmillError("output", `nothing was written, for this is there already: ${inTheWay.join(", ")}`, {
        hint: "name another folder: rowmill init DIR",
      });
    }
    // Exclusively: what comes meanwhile stays as it is.
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { flag: "wx" });
  } catch (error) {
    if (error instanceof RowmillError) throw error;
    throw new RowmillError("output", `cannot write to ${folder}: ${String(Reflect.get(Object(error), "code"))}`, {
      hint: "name a folder that may be written to",
      cause: error,
    });
  }
}

/** A link that leads nowhere is in the way as well. */
function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function nextSteps(folder: string, names: readonly string[]): string {
  const enter = relative(process.cwd(), folder) === "" ? "" : `  cd ${folder}\n`;
  return `wrote ${names.join(", ")}

next:
${enter}  rowmill run ages.ts scientists.csv
  rowmill check ages.ts
  rowmill compile ages.ts -o ages
`;
}
