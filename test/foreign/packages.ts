/**
 * Packages of Debian and npm, fetched into a folder for the moment: files that nobody here has made, and second readers.
 * `ROWMILL_FOREIGN_FOLDER` in the environment names a folder that is kept, and what is in it is not fetched again.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { $, Glob } from "bun";

export class Packages {
  readonly #kept = process.env["ROWMILL_FOREIGN_FOLDER"];
  readonly folder: string = this.#kept ?? mkdtempSync(join(tmpdir(), "rowmill-foreign-"));

  /** Unpacks packages of Debian; none is installed. */
  async debian(names: readonly string[]): Promise<void> {
    mkdirSync(join(this.folder, "debian"), { recursive: true });
    for (const name of names) {
      if (existsSync(join(this.folder, "debian", name))) continue;
      await $`apt-get -qq download ${name} && dpkg-deb -x ${name}_*.deb debian/${name}`.cwd(this.folder).quiet();
    }
  }

  /** Installs packages of npm, by name and version. */
  async npm(versions: Readonly<Record<string, string>>): Promise<void> {
    writeFileSync(join(this.folder, "package.json"), JSON.stringify({ private: true, dependencies: versions }));
    await $`bun install --ignore-scripts`.cwd(this.folder).quiet();
  }

  /** A module of a package of npm. */
  async module(path: string): Promise<unknown> {
    return await import(join(this.folder, "node_modules", path));
  }

  /** The paths of files whose names end so, in order. */
  files(ending: RegExp): string[] {
    const all = new Glob("**").scanSync({ cwd: this.folder, dot: true, followSymlinks: false });
    return [...all]
      .filter((path) => ending.test(path))
      .toSorted()
      .map((path) => join(this.folder, path));
  }

  /** A path as it is shown: from the name of its package on. */
  shown(path: string): string {
    return relative(this.folder, path).replace(/^(?:debian|node_modules)\//, "");
  }

  remove(): void {
    if (this.#kept === undefined) rmSync(this.folder, { recursive: true, force: true });
  }
}
