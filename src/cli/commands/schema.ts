/** `rowmill schema`: a transform file, or JSON Schema, of what is in a file. */
import { writeFileSync } from "node:fs";
import { RowmillError, UsageError } from "../../errors.ts";
import { fileOf, reach } from "../../io/files.ts";
import { type FileTarget, STDOUT, fileTarget, streamSink } from "../../io/sink.ts";
import { errorCode, writeError } from "../../io/write-error.ts";
import { aborted } from "../../pipeline/interrupted.ts";
import { inputsOf } from "../../pipeline/options.ts";
import { profileRows } from "../../pipeline/profile-rows.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { type Flag, count, fileName, on, to } from "../flag.ts";
import { askedInputs } from "../inputs.ts";
import { type CliRunOptions, allFlags } from "../flags.ts";
import { jsonSchema, transformFile } from "../schema-file.ts";
import { whileReading } from "../progress.ts";
import { shellWord } from "../../formats/command-words.ts";
import { print, sayWhoWaits, suggest } from "../terminal.ts";

/** Rows that are looked at unless told otherwise. */
export const SAMPLE_ROWS = 10_000;

/** What the command line may say of the inputs of a command that looks at rows. */
export type InputOptions = Omit<CliRunOptions, "output">;

interface SchemaOptions extends InputOptions {
  sample?: number;
  all?: boolean;
  jsonSchema?: boolean;
  output?: string;
  force?: boolean;
}

/** The flags of a run that say how its inputs are read. */
export const INPUT_FLAGS: readonly Flag<CliRunOptions>[] = allFlags().filter(({ group }) => group === "Input");

/** How many rows such a command looks at. */
export const SAMPLE_FLAGS: readonly Flag<{ sample?: number; all?: boolean }>[] = [
  {
    group: "Rows",
    flags: "--sample <rows>",
    help: `look at so many rows (default: ${SAMPLE_ROWS})`,
    apply: to("sample", count("--sample", 1)),
  },
  { group: "Rows", flags: "--all", help: "look at all rows, in parallel", apply: on("all") },
];

export const schema: Command<SchemaOptions> = {
  usage: "schema [options] [input…]",
  description: `Look at the rows of a file, and print a transform file with the zod schema that takes them all.
It runs as it is and gives the same rows: the start of a transform.`,
  flags: [
    ...SAMPLE_FLAGS,
    {
      group: "Output",
      flags: "-o, --output <file>",
      help: "write there, never over a file (default: standard output)",
      apply: to("output", fileName("-o")),
    },
    { group: "Output", flags: "--force", help: "write over the file of -o", apply: on("force") },
    { group: "Output", flags: "--json-schema", help: "JSON Schema in place of a transform", apply: on("jsonSchema") },
    {
      group: "Work",
      flags: "-j, --jobs <n>",
      help: "workers (default: the cores that may be used)",
      apply: to("jobs", count("-j", 1)),
    },
    ...INPUT_FLAGS,
  ],
  examples: `Examples:
  printf 'name,born\\nAda Lovelace,1815\\nEmmy Noether,1882\\n' | rowmill schema
  printf '{"id":1,"tags":["a"]}\\n{"id":"x","tags":[]}\\n' | rowmill schema --ijsonl
  printf 'day;hits\\n2024-05-01;12\\n2024-05-02;\\n' | rowmill schema --json-schema`,
  async carryOut({ sample, all, jsonSchema: asJson, output, force, filesFrom, ...input }, operands, signal) {
    if (all === true && sample !== undefined) throw new UsageError("there is --all and --sample", "give one of them");
    const inputs = await askedInputs({ inputs: operands, filesFrom }, signal);
    const options = {
      ...input,
      inputs,
      signal,
      ...(all !== true && { first: sample ?? SAMPLE_ROWS }),
    };
    await Promise.race([reach([output]), aborted(signal)]);
    const target = output === undefined || output === STDOUT ? undefined : fileTarget(output);
    if (target !== undefined) {
      const read = filesFrom === undefined ? inputs : [...inputs, filesFrom];
      await checkTarget(target, { inputs: read, isForced: force === true });
    }
    await sayWhoWaits(inputs);
    const seen = await whileReading(options, profileRows);
    const text = asJson === true ? await jsonSchema(seen, options) : transformFile(seen, options, inputsOf(options));
    if (output === undefined || output === STDOUT) {
      await print(text);
      return EXIT.done;
    }
    if (target === undefined) {
      const sink = await streamSink(output, signal);
      await sink.write(Buffer.from(text));
      await sink.commit();
      return EXIT.done;
    }
    write(output, text, force === true ? "w" : "wx");
    if (asJson !== true)
      await suggest(`wrote ${output}; next: rowmill run ${[output, ...inputs].map(shellWord).join(" ")}\n`);
    return EXIT.done;
  },
};

/** Said before the rows are looked at, which may take long. */
async function checkTarget(
  { path, target, replaced }: FileTarget,
  { inputs, isForced }: { inputs: readonly string[]; isForced: boolean },
): Promise<void> {
  if (replaced === undefined) return;
  if (!isForced) throw existing(path);
  const { fileKey } = await import("../../io/file-identity.ts");
  const files = inputs.map(fileOf).filter((file) => file !== undefined);
  if (files.some((file) => fileKey(file) === fileKey(target))) {
    throw new UsageError(`${path} is an input, and the output as well`, "name another file with -o");
  }
}

function existing(path: string, cause?: unknown): RowmillError {
  return new RowmillError("output", `cannot write ${path}: there is a file of that name`, {
    hint: "--force writes over it",
    cause,
  });
}

function write(path: string, text: string, flag: "w" | "wx"): void {
  try {
    writeFileSync(path, text, { flag });
  } catch (error) {
    throw errorCode(error) === "EEXIST" ? existing(path, error) : writeError(error, path);
  }
}
