/** argv → command → exit code. The only file that ends the process. */
import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { EXIT } from "./cli/exit-codes.ts";
import { type Request, readCommandLine } from "./cli/program.ts";
import { renderError } from "./cli/render-error.ts";
import { UsageError } from "./errors.ts";
import { plan, run } from "./pipeline/run.ts";

const STDIN_FD = 0;
const STDOUT_FD = 1;
const STDERR_FD = 2;

const interrupt = new AbortController();
let signalExit: number | undefined;
for (const [signal, code] of [
  ["SIGINT", EXIT.interrupted],
  ["SIGTERM", EXIT.terminated],
] as const) {
  process.on(signal, () => {
    // A second one leaves at once.
    if (signalExit !== undefined) process.exit(signalExit);
    signalExit = code;
    interrupt.abort();
  });
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    return await carryOut(readCommandLine(argv));
  } catch (error) {
    if (signalExit !== undefined) return signalExit;
    const hasColor = isatty(STDERR_FD) && !process.env["NO_COLOR"];
    say(renderError(error, { hasColor, isDebug: Boolean(process.env["ROWMILL_DEBUG"]) }));
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

async function carryOut(request: Request): Promise<number> {
  if (request.kind === "print") {
    print(request.text);
    return EXIT.done;
  }
  const { dryRun, quiet, ...options } = request.options;
  if (dryRun === true) {
    const { describePlan } = await import("./cli/dry-run.ts");
    print(describePlan(await plan(options)));
    return EXIT.done;
  }
  const readsStdin = (options.inputs ?? []).length === 0 || options.inputs?.includes("-") === true;
  if (readsStdin && quiet !== true && isatty(STDIN_FD)) {
    say("rowmill: reading rows from this terminal; end with Ctrl-D, or name a file\n");
  }
  await run({ ...options, signal: interrupt.signal, onLog: (text) => say(`${text}\n`) });
  return EXIT.done;
}

function print(text: string): void {
  writeText(STDOUT_FD, text);
}

function say(text: string): void {
  writeText(STDERR_FD, text);
}

/** Short texts for people. Where nobody reads them any more, there is nobody to tell. */
function writeText(fd: number, text: string): void {
  try {
    writeSync(fd, text);
  } catch (error) {
    const code: unknown = Reflect.get(Object(error), "code");
    if (code !== "EPIPE" && code !== "EBADF" && code !== "EAGAIN") throw error;
  }
}

process.exit(await main(process.argv.slice(2)));
