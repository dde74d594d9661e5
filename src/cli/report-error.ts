/** Says on standard error what went wrong: in words, or as an object. */
import { resumeCommand } from "./resume-command.ts";
import { STDERR_FD, isForPrograms, isTerminal, say } from "./terminal.ts";

export async function reportError(error: unknown, argv: readonly string[]): Promise<void> {
  const resume = resumeCommand(argv);
  if (isForPrograms()) {
    const { errorFacts } = await import("./error-object.ts");
    const { code, message, ...facts } = errorFacts(error, resume);
    say({ level: "error", code, message, facts });
    return;
  }
  const { renderError } = await import("./render-error.ts");
  const hasColor = (await isTerminal(STDERR_FD)) && !process.env["NO_COLOR"];
  const isDebug = Boolean(process.env["ROWMILL_DEBUG"]);
  say(renderError(error, { hasColor, isDebug, resumeCommand: resume }));
}
