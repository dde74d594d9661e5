/**
 * `bun run release`: all that a release is, from one commit, into `dist/release`: executables for all targets, archives,
 * packages for npm, Debian and Red Hat, manifests for Homebrew, Scoop and winget, an install script, a Dockerfile, a bill of
 * materials, and SHA256SUMS over all of it. The same commit gives the same bytes in any folder: nothing has a time but that of
 * the commit. Runtimes of other machines come from the npm registry.
 *
 * - `--targets linux-x64,…`: for these alone; `--out FOLDER`: to there
 * - `--url URL`: where the files will be found. Without one there are no manifests of Homebrew, Scoop and winget, which name
 *   addresses, and the install scripts ask for one (`ROWMILL_URL`)
 * - `--level 0…9`: how hard archives are packed (9); `--maintainer 'Name <address>'`: of the packages (the commit's author)
 */
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { TARGETS, type Target, readTarget } from "../../src/cli/commands/compile/targets.ts";
import { type Member, tar, xz, zip } from "./archives.ts";
import { billOfMaterials } from "./bill.ts";
import { licences } from "./bundled.ts";
import { writeDeb, writeRpm } from "./linux.ts";
import { writeManifests } from "./manifests.ts";
import { writeNpm } from "./npm.ts";
import {
  ALL_TARGETS,
  OWN_BINARY,
  ROOT,
  type Release,
  archiveName,
  binaryOf,
  installScript,
  must,
  put,
  sha256,
  sharedFiles,
} from "./plan.ts";

const { values } = parseArgs({
  options: {
    targets: { type: "string" },
    out: { type: "string", default: "dist/release" },
    url: { type: "string" },
    level: { type: "string", default: "9" },
    maintainer: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(/\/\*\*\n([^]*?)\n \*\//.exec(readFileSync(import.meta.path, "utf8"))?.[1]?.replaceAll(/^ \* ?/gm, ""));
  process.exit(0);
}

const own = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Pick<
  Release,
  "version" | "description" | "license"
>;
const release: Release = {
  version: own.version,
  description: own.description,
  license: own.license,
  seconds: Number(must(["git", "log", "-1", "--format=%ct"])),
  url: values.url?.replace(/\/$/, ""),
  out: resolve(values.out),
  targets: values.targets?.split(",").map(readTarget) ?? ALL_TARGETS,
  level: Number(values.level),
};
const maintainer = values.maintainer ?? must(["git", "log", "-1", "--format=%an <%ae>"]).trim();

if (must(["git", "status", "--porcelain"]) !== "")
  console.log("note: there are changes that are in no commit: this is a try, and no release");
if (!existsSync(OWN_BINARY))
  throw new Error("there is no dist/rowmill, which is asked for its man pages: bun run build");
rmSync(release.out, { recursive: true, force: true });

for (const target of release.targets) {
  say(`executable for ${target}`);
  const words = [`--target=${TARGETS[target]}`, `--outfile=${binaryOf(release, target)}`];
  must([process.execPath, "test/build.ts", ...words]);
}
for (const target of release.targets) {
  say(`archive for ${target}`);
  writeArchive(target);
}
for (const write of [writeDeb, writeRpm]) {
  for (const target of release.targets) {
    const path = write({ release, maintainer }, target);
    if (path !== undefined) say(basename(path));
  }
}
say("packages for npm");
await writeNpm(release);
if (release.url === undefined) say("no --url: no manifests of Homebrew, Scoop and winget, which name addresses");
else for (const path of writeManifests({ ...release, url: release.url })) say(basename(path));
writeFileSync(join(release.out, "rowmill.cdx.json"), billOfMaterials(release));
for (const name of ["install.sh", "install.ps1"]) put(join(release.out, name), installScript(name, release));
cpSync(join(import.meta.dir, "Dockerfile"), join(release.out, "Dockerfile"));
rmSync(join(release.out, "work"), { recursive: true });
writeFileSync(join(release.out, "SHA256SUMS"), checksums());
console.log(`\n${checksums()}in ${release.out}; sha256sum -c SHA256SUMS checks them`);

function say(text: string): void {
  console.log(`- ${text}`);
}

/** Files as a person unpacks them: one folder, the program in it. */
function writeArchive(target: Target): void {
  const name = archiveName(release, target);
  const folder = name.replace(/\.(?:zip|tar\.xz)$/, "");
  const isWindows = target.startsWith("windows");
  const processor = target.endsWith("-musl") ? undefined : target.includes("arm64") ? "arm64" : "x86";
  const members: Member[] = [
    { name: isWindows ? "rowmill.exe" : "rowmill", bytes: readFileSync(binaryOf(release, target)), isProgram: true },
    { name: "LICENSE", bytes: readFileSync(join(ROOT, "LICENSE")) },
    { name: "README.md", bytes: readFileSync(join(ROOT, "README.md")) },
    { name: "THIRD-PARTY-LICENSES.txt", bytes: Buffer.from(licences(ROOT)) },
  ];
  for (const [path, text] of sharedFiles()) {
    if (!isWindows) members.push({ name: inArchive(path), bytes: Buffer.from(text) });
  }
  if (isWindows)
    members.push({
      name: "completions/rowmill.ps1",
      bytes: Buffer.from(must([OWN_BINARY, "completions", "powershell"])),
    });
  const placed = members.map(({ name: path, bytes, isProgram = false }) => ({
    name: `${folder}/${path}`,
    bytes,
    isProgram,
  }));
  put(
    join(release.out, name),
    isWindows ? zip(placed) : xz(tar(placed, release.seconds), { level: release.level, processor }),
  );
}

function inArchive(path: string): string {
  const name = basename(path);
  if (path.startsWith("man/")) return `man/${name}`;
  return `completions/${path.startsWith("bash") ? "rowmill.bash" : name}`;
}

/** Of all files that are there, by their names. */
function checksums(): string {
  const names = readdirSync(release.out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "SHA256SUMS")
    .map((entry) => join(entry.parentPath, entry.name).slice(release.out.length + 1));
  return names
    .toSorted()
    .map((name) => `${sha256(join(release.out, name))}  ${name}\n`)
    .join("");
}
