/** What a release is made of, and where its parts are. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { TARGETS, type Target, programName } from "../../src/cli/commands/compile/targets.ts";

export const ROOT: string = resolve(import.meta.dir, "../..");

/** What every part of a release is told. */
export interface Release {
  version: string;
  description: string;
  license: string;
  /** Time of the commit, in seconds: the only time that anything in a release has. */
  seconds: number;
  /** Where its files will be found, without a slash at the end; undefined where that is not known. */
  url: string | undefined;
  /** The folder that it is written to. */
  out: string;
  targets: readonly Target[];
  /** How hard archives are packed, 0 to 9. */
  level: number;
}

export const ALL_TARGETS: readonly Target[] = Object.keys(TARGETS) as Target[];

/** The executable of a target. */
export function binaryOf({ out }: Release, target: Target): string {
  return join(out, "binaries", programName(`rowmill-${target}`, target));
}

/** The executable of this machine: what is asked for man pages and completions. */
export const OWN_BINARY: string = join(ROOT, "dist/rowmill");

/** The name of a target's archive. */
export function archiveName({ version }: Release, target: Target): string {
  return `rowmill-${version}-${target}${target.startsWith("windows") ? ".zip" : ".tar.xz"}`;
}

export function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

export function sha256(path: string): string {
  return new Bun.CryptoHasher("sha256").update(readFileSync(path)).digest("hex");
}

/** A script that installs the program, of one release. */
export function installScript(name: string, { url = "", version }: Pick<Release, "url" | "version">): string {
  const text = readFileSync(join(import.meta.dir, name), "utf8");
  return text.replaceAll("@URL@", url).replaceAll("@VERSION@", version);
}

/** Runs a command; what it says is said when it fails. */
export function must(command: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): string {
  const env = { ...process.env, ...options.env };
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], {
    cwd: options.cwd ?? ROOT,
    env,
    stdout: "pipe",
    stderr: "pipe",
  });
  if (exitCode !== 0)
    throw new Error(`${command.join(" ")} ended with ${exitCode}:\n${stdout.toString()}${stderr.toString()}`);
  return stdout.toString();
}

/** Man pages and completions, by where a package puts them below /usr/share. */
export function sharedFiles(): Map<string, string> {
  const files = new Map<string, string>();
  const { commands } = JSON.parse(must([OWN_BINARY, "help", "--json"])) as { commands: { name: string }[] };
  files.set("man/man1/rowmill.1", must([OWN_BINARY, "help", "--man"]));
  for (const { name } of commands) {
    if (name === "") continue;
    files.set(`man/man1/rowmill-${name.replaceAll(" ", "-")}.1`, must([OWN_BINARY, "help", "--man", name]));
  }
  files.set("bash-completion/completions/rowmill", must([OWN_BINARY, "completions", "bash"]));
  // A file that zsh loads when it is wanted is called at once, as the function that it defines.
  const zsh = `${must([OWN_BINARY, "completions", "zsh"])}[[ $funcstack[1] = _rowmill ]] && _rowmill "$@"\n`;
  files.set("zsh/vendor-completions/_rowmill", zsh);
  files.set("fish/vendor_completions.d/rowmill.fish", must([OWN_BINARY, "completions", "fish"]));
  return files;
}
