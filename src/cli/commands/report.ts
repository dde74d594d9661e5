/** `rowmill report`: a page of what is in a file. */
import { statSync } from "node:fs";
import { UsageError } from "../../errors.ts";
import { type FileTarget, STDOUT, type Sink, fileTarget, stdoutSink, streamSink } from "../../io/sink.ts";
import { fileOf, reach, shownName } from "../../io/files.ts";
import { PartFile } from "../../io/part-file.ts";
import { placed } from "../../io/start-folder.ts";
import { aborted } from "../../pipeline/interrupted.ts";
import { inputsOf } from "../../pipeline/options.ts";
import { isConverted } from "../../pipeline/told-format.ts";
import { type FoundRow, findRows, surveyRows } from "../../pipeline/survey-rows.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { count, fileName, oneOf, to } from "../flag.ts";
import { nameList } from "../name-list.ts";
import { STDOUT_FD, isTerminal, sayWhoWaits, suggest } from "../terminal.ts";
import { shownBytes } from "../../pages/figures.ts";
import { askedInputs } from "../inputs.ts";
import { inputBytes, shownFormat } from "../input-info.ts";
import { whileReading } from "../progress.ts";
import { oddRowNumbers, reportPage } from "../report/page.ts";
import { describeFailedRows } from "../run-report.ts";
import { readAs } from "../schema-file.ts";
import { rowCode } from "../../stages/profile/zod-code.ts";
import { INPUT_FLAGS, type InputOptions } from "./schema.ts";

interface ReportOptions extends InputOptions {
  output?: string;
  key?: string[];
  onError?: "fail" | "skip";
}

export const report: Command<ReportOptions> = {
  usage: "report [options] [input…]",
  description: `Look at all rows of a file, in parallel, and write a page of what is in them: of each column the type, range, empties,
different values, quantiles, how its values are spread, the commonest, patterns of texts; correlations of numbers, keys that
come twice, rows that look odd. The page is one file, loads nothing, and needs no network.`,
  flags: [
    {
      group: "Output",
      flags: "-o, --output <file>",
      help: "the page; one that is there is replaced (default: standard output)",
      apply: to("output", fileName("-o")),
    },
    {
      group: "Rows",
      flags: "--key <a,b,…>",
      help: "columns whose values together should tell rows apart (default: columns that nearly do)",
      apply: to("key", (text) => nameList("--key", text)),
    },
    {
      group: "Failed rows",
      flags: "--on-error <policy>",
      help: "skip: leave a row out that cannot be read, and say so; fail: end there (default: skip)",
      apply: to("onError", oneOf("--on-error", ["skip", "fail"])),
    },
    {
      group: "Work",
      flags: "-j, --jobs <n>",
      help: "workers (default: the cores that may be used)",
      apply: to("jobs", count("-j", 1)),
    },
    ...INPUT_FLAGS,
  ],
  examples: `Examples:
  printf 'name,born\\nAda Lovelace,1815\\nEmmy Noether,1882\\n' | rowmill report -o /tmp/report.html
  printf 'id,city\\n1,Oslo\\n1,Rome\\n' | rowmill report --key id -o /tmp/report.html`,
  async carryOut({ output = STDOUT, key = [], onError = "skip", filesFrom, ...input }, operands, signal) {
    if (output === STDOUT && (await isTerminal(STDOUT_FD)))
      throw new UsageError("a report is a page of HTML, and no text for a terminal", "name a file: -o report.html");
    await Promise.race([reach([output]), aborted(signal)]);
    const target = output === STDOUT ? undefined : fileTarget(output);
    const inputs = inputsOf({ inputs: await askedInputs({ inputs: operands, filesFrom }, signal) });
    if (target !== undefined) await checkTarget(target, [...inputs, ...(filesFrom === undefined ? [] : [filesFrom])]);
    await sayWhoWaits(inputs);
    const options = { ...input, onError, inputs, signal };
    const bytes = await inputBytes(inputs, signal);
    const sink = await sinkOf(output, { target, signal });
    try {
      const found = await whileReading(options, (watched) => surveyRows(watched, key));
      const { seen } = found;
      // A stream, and what a server sends, are read once. Which file a line is of, is said of one alone.
      const [file, ...others] = inputs.map(fileOf);
      const mayReadAgain =
        file !== undefined &&
        others.length === 0 &&
        !isConverted(seen.input.format) &&
        statSync(placed(file), { throwIfNoEntry: false })?.isFile() === true;
      const oddRows = mayReadAgain ? await findRows(options, oddRowNumbers(found)) : new Map<number, FoundRow>();
      const page = reportPage({
        names: inputs.map(shownName).join(", "),
        bytes: bytes === undefined ? undefined : shownBytes(bytes),
        format: shownFormat(seen),
        found,
        types: rowCode(seen.rows, readAs(seen, options)),
        oddRows,
        failed: seen.summary.rowsFailed > 0 ? describeFailedRows(seen.summary).trim().replaceAll(/\n\s*/g, "; ") : "",
      });
      await sink.write(Buffer.from(page));
      await sink.commit();
    } catch (error) {
      await sink.abandon();
      throw error;
    }
    if (target !== undefined) await suggest(`wrote ${output}: open it in a browser\n`);
    return EXIT.done;
  },
};

/** Opened before the rows are looked at: what is wrong with it is said at once. */
async function sinkOf(
  output: string,
  { target, signal }: { target: FileTarget | undefined; signal: AbortSignal },
): Promise<Sink> {
  if (target !== undefined) return await PartFile.create(target);
  return output === STDOUT ? stdoutSink(signal) : await streamSink(output, signal);
}

/** Said before the rows are looked at, which may take long. */
async function checkTarget({ path, target, replaced }: FileTarget, inputs: readonly string[]): Promise<void> {
  if (replaced === undefined) return;
  const { fileKey } = await import("../../io/file-identity.ts");
  const files = inputs.map(fileOf).filter((file) => file !== undefined);
  if (files.some((file) => fileKey(file) === fileKey(target)))
    throw new UsageError(`${path} is an input, and the output as well`, "name another file with -o");
}
