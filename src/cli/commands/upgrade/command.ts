/** `rowmill upgrade --check`: how it was installed, and what brings a newer version. The network is asked only where told. */
import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import { RowmillError, UsageError } from "../../../errors.ts";
import { VERSION } from "../../../version.ts";
import type { Command } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { on } from "../../flag.ts";
import { whileSaying } from "../../live-line.ts";
import { print } from "../../terminal.ts";
import { runBun } from "../bun-itself.ts";
import { channelOf } from "./channel.ts";

interface UpgradeOptions {
  check?: boolean;
  online?: boolean;
  json?: boolean;
}

export const upgrade: Command<UpgradeOptions> = {
  usage: "upgrade --check [--online]",
  description: `Say which version this is, how it was installed, and what brings a newer one. Nothing is changed, and the network is asked
only with --online: which version is the newest, at the registry of npm that is set up here.`,
  flags: [
    { flags: "--check", help: "say it, and change nothing", group: "Work", apply: on("check") },
    { flags: "--online", help: "ask the registry of npm for the newest version", group: "Work", apply: on("online") },
    { flags: "--json", help: "as JSON", group: "Output", apply: on("json") },
  ],
  examples: `Examples:
  rowmill upgrade --check
  rowmill upgrade --check --json`,
  async carryOut({ check, online, json }, operands) {
    if (operands.length > 0) throw new UsageError("upgrade takes no file", "rowmill upgrade --check");
    if (check !== true)
      throw new UsageError(
        "rowmill does not replace itself",
        "rowmill upgrade --check says what brings a newer version",
      );
    const binary = realpathSync(process.execPath);
    const { name, upgrade: how } = channelOf(binary);
    const newest = online === true ? await newestVersion(dirname(binary)) : undefined;
    const facts = { version: VERSION, binary, installed: name, upgrade: how };
    if (json === true) {
      const isNewest = newest === undefined ? undefined : Bun.semver.order(VERSION, newest) >= 0;
      await print(`${JSON.stringify({ ...facts, newest, isNewest })}\n`);
      return EXIT.done;
    }
    const shown = { ...facts, newest: newest ?? "not asked for: --online asks the registry of npm" };
    const lines = Object.entries(shown).map(([fact, value]) => `${`${fact}:`.padEnd(11)}${value}\n`);
    await print(lines.join(""));
    return EXIT.done;
  },
};

/** As the registry has it that is set up here. @param folder Where the runtime is started: it needs one that is there. */
async function newestVersion(folder: string): Promise<string> {
  const { code, stdout, stderr } = await whileSaying(
    "asking the registry",
    runBun(["info", "rowmill", "version"], folder),
  );
  const version = stdout.trim();
  if (code === 0 && /^\d+\.\d+\.\d+\S*$/.test(version)) return version;
  const [said = ""] = (stderr.trim() || stdout.trim()).split("\n");
  throw new RowmillError(
    "input",
    `the registry does not say which version is the newest: ${said.replace(/^error: /, "")}`,
    {
      hint: "is there a network? npm_config_registry names another registry; without --online nothing is asked",
    },
  );
}
