/**
 * The packages for npm: `rowmill`, which is the library and the name of the program, and a package with the executable for
 * each target, of which an installer takes the one that fits its machine. No script runs at installation.
 */
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "../../src/cli/commands/compile/targets.ts";
import { pack, packageJson, writePackage } from "../package.ts";
import { ROOT, type Release, binaryOf, put } from "./plan.ts";

/** The name of a target's package. */
function packageName(target: Target): string {
  return `@rowmill/${target}`;
}

/** What npm knows of a machine. */
function machineOf(target: Target): object {
  const [system = "", cpu = ""] = target.split("-");
  const os = { linux: "linux", macos: "darwin", windows: "win32" }[system];
  const libc = target.endsWith("-musl") ? ["musl"] : ["glibc"];
  return { os: [os], cpu: [cpu], ...(os === "linux" && { libc }) };
}

/** Starts the executable for this machine, as npm, bun and others call `rowmill`. */
const LAUNCHER = `#!/usr/bin/env node
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const system = { darwin: "macos", win32: "windows" }[process.platform] ?? process.platform;
const target = \`\${system}-\${process.arch}\`;
const isWindows = system === "windows";

/** Whether this machine has musl in place of glibc. */
function isMusl() {
  const hasMusl = system === "linux" && existsSync("/lib") && readdirSync("/lib").some((name) => name.startsWith("ld-musl-"));
  const hasGlibc = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"].some((path) => existsSync(path));
  if (!hasMusl || !hasGlibc) return hasMusl;
  // Either may be there beside the other: what runs this is of one of them.
  return process.report?.getReport().header.glibcVersionRuntime === undefined;
}

function find() {
  const require = createRequire(import.meta.url);
  const names = isMusl() ? [\`\${target}-musl\`, target] : [target, \`\${target}-musl\`];
  for (const name of names) {
    try {
      return join(dirname(require.resolve(\`@rowmill/\${name}/package.json\`)), isWindows ? "rowmill.exe" : "rowmill");
    } catch {
      // Not this one.
    }
  }
  process.stderr.write(
    \`error: the package @rowmill/\${names[0]}, which holds the program for this machine, is not installed\\n\` +
      "  hint: install rowmill with its optional packages (npm install --include=optional rowmill), on this machine\\n",
  );
  process.exit(1);
}

const program = find();
const words = process.argv.slice(2);
// Where a process can become another one, nothing stands between a shell and the program.
if (typeof process.execve === "function" && !isWindows) process.execve(program, [program, ...words], process.env);
else {
  const child = spawn(program, words, { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(\`error: cannot start \${program}: \${error.message}\\n\`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    for (const one of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(one);
    if (signal === null) process.exit(code ?? 1);
    else process.kill(process.pid, signal);
  });
}
`;

/** Writes the package `rowmill` to a folder, with the targets' packages that there are. */
export async function writeMain(
  folder: string,
  { version, targets }: Pick<Release, "version" | "targets">,
): Promise<void> {
  await writePackage(folder);
  const facts = {
    ...packageJson(),
    bin: { rowmill: "bin/rowmill.js" },
    optionalDependencies: Object.fromEntries(targets.map((target) => [packageName(target), version])),
  };
  put(join(folder, "package.json"), `${JSON.stringify(facts, undefined, 2)}\n`);
  put(join(folder, "bin/rowmill.js"), LAUNCHER);
  chmodSync(join(folder, "bin/rowmill.js"), 0o755);
}

/** Writes the packages, and their tarballs; gives the paths of these, that of `rowmill` last. */
export async function writeNpm(release: Release): Promise<string[]> {
  const { version, license, targets, out } = release;
  const tarballs = join(out, "npm");
  mkdirSync(tarballs, { recursive: true });
  const folders = targets.map((target) => {
    const folder = join(out, "work/npm", target);
    const name = target.startsWith("windows") ? "rowmill.exe" : "rowmill";
    const facts = {
      name: packageName(target),
      version,
      description: `The program rowmill for ${target}`,
      license,
      ...machineOf(target),
      preferUnplugged: true,
      files: [name, "LICENSE", "THIRD-PARTY-LICENSES.txt"],
    };
    put(join(folder, "package.json"), `${JSON.stringify(facts, undefined, 2)}\n`);
    put(join(folder, "README.md"), `The program of the package \`rowmill\`, for ${target}. Install that.\n`);
    copyFileSync(binaryOf(release, target), join(folder, name));
    chmodSync(join(folder, name), 0o755);
    copyFileSync(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
    return folder;
  });
  const main = join(out, "work/npm/rowmill");
  await writeMain(main, release);
  for (const folder of folders)
    copyFileSync(join(main, "THIRD-PARTY-LICENSES.txt"), join(folder, "THIRD-PARTY-LICENSES.txt"));
  return [...folders, main].map((folder) => pack(folder, tarballs));
}
