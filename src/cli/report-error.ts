/** Says on standard error what went wrong. */
import { renderError } from "./render-error.ts";
import { resumeCommand } from "./resume-command.ts";
import { STDERR_FD, isTerminal, say } from "./terminal.ts";

export async function reportError(error: unknown, argv: readonly string[]): Promise<void> {
  const hasColor = (await isTerminal(STDERR_FD)) && !process.env["NO_COLOR"];
  const isDebug = Boolean(process.env["ROWMILL_DEBUG"]);
  say(renderError(error, { hasColor, isDebug, resumeCommand: resumeCommand(argv) }));
}
