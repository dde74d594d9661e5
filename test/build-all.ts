/**
 * `bun run build:all`: Rowmill for every target, as `bun run build` makes it, and their checksums. The runtimes of other
 * machines come from the npm registry.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TARGETS, type Target, programName } from "../src/cli/commands/compile/targets.ts";

const FOLDER = "dist/all";

mkdirSync(FOLDER, { recursive: true });
const names = (Object.keys(TARGETS) as Target[]).map(build);
const sums = names.map((name) => `${sha256(join(FOLDER, name))}  ${name}\n`);
writeFileSync(join(FOLDER, "SHA256SUMS"), sums.join(""));
console.log(`\n${sums.join("")}in ${FOLDER}; sha256sum -c SHA256SUMS checks them`);

/** Builds for a target; returns the file's name. */
function build(target: Target): string {
  const name = programName(`rowmill-${target}`, target);
  const words = ["run", "build", `--target=${TARGETS[target]}`, `--outfile=${join(FOLDER, name)}`];
  const { exitCode } = Bun.spawnSync([process.execPath, ...words], { stdio: ["ignore", "inherit", "inherit"] });
  if (exitCode === 0) return name;
  console.error(`cannot build for ${target}`);
  process.exit(1);
}

function sha256(path: string): string {
  return new Bun.CryptoHasher("sha256").update(readFileSync(path)).digest("hex");
}
