/**
 * Programs for another machine, run here: by Debian's qemu-user-static, with the C library of Debian's libc6-arm64-cross.
 * The runtime of that machine must have been fetched before (`bun run build:all` does so): no test fetches 40 MB.
 */
import { expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { installBinary } from "./binary.ts";

const binary = installBinary();
const CACHE = process.env["BUN_INSTALL_CACHE_DIR"] ?? join(homedir(), ".bun/install/cache");
/** Where an ELF file says which machine it is for, and what it says. */
const ELF_MACHINE_OFFSET = 18;
const ELF_AARCH64 = 183;
const LIBRARIES = "/usr/aarch64-linux-gnu";

const missing = [
  ["qemu-aarch64-static", Bun.which("qemu-aarch64-static") !== null],
  ["the libraries of libc6-arm64-cross", existsSync(join(LIBRARIES, "lib/ld-linux-aarch64.so.1"))],
  ["the runtime for linux-arm64", existsSync(join(CACHE, `bun-linux-aarch64-v${Bun.version}`))],
].flatMap(([what, isThere]) => (isThere === true ? [] : [what]));
if (missing.length > 0) console.log(`skipped: a program for linux-arm64, for want of ${missing.join(" and ")}`);

test.skipIf(missing.length > 0)("a program for linux-arm64 prints the seven ages there", async () => {
  const folder = binary.scientists();
  const target = "compile age.ts -o ages --target linux-arm64";
  (await folder.run(target.split(" "), { env: { BUN_INSTALL_CACHE_DIR: CACHE } })).expect({
    stdout: /^ages: \d+ MB, for linux-arm64\n/,
  });
  expect(readFileSync(folder.at("ages")).readUInt16LE(ELF_MACHINE_OFFSET)).toBe(ELF_AARCH64);
  rmSync(folder.at("age.ts"));
  const native = await binary.scientists().run(["run", "age.ts", "scientists.csv"]);
  (await folder.bash(`qemu-aarch64-static -L ${LIBRARIES} ./ages scientists.csv -j 2`)).expect({
    stdout: native.stdout,
  });
});
