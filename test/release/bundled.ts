/** The packages that are built into what is released: what a bill of materials lists, and whose licences go with it. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

export interface BundledPackage {
  name: string;
  version: string;
  license: string;
  folder: string;
  /** Names of those that it needs, which are built in as well. */
  dependencies: string[];
}

interface PackageJson {
  name: string;
  version: string;
  license?: string;
  dependencies?: Record<string, string>;
}

/** Packages that are built in, by name: those of `dependencies`, and what these need. */
export function bundledPackages(root: string): BundledPackage[] {
  const found = new Map<string, BundledPackage>();
  const visit = (name: string, from: string): void => {
    const folder = folderOf(name, from, root);
    const own = read(folder);
    if (found.has(own.name)) return;
    const dependencies = Object.keys(own.dependencies ?? {}).toSorted();
    found.set(own.name, {
      name: own.name,
      version: own.version,
      license: own.license ?? "NOASSERTION",
      folder,
      dependencies,
    });
    for (const other of dependencies) visit(other, folder);
  };
  for (const name of Object.keys(read(root).dependencies ?? {})) visit(name, root);
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function read(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageJson;
}

/** A package's own folder of packages comes before the project's. */
function folderOf(name: string, from: string, root: string): string {
  const folder = [from, root].map((one) => join(one, "node_modules", name)).find((one) => existsSync(one));
  if (folder === undefined) throw new Error(`${name} is not installed: bun install --frozen-lockfile`);
  return folder;
}

/** The licences of all packages that are built in, as they ask for. */
export function licences(root: string): string {
  const texts = bundledPackages(root).map(({ name, version, license, folder }) => {
    const file = readdirSync(folder).find((one) => /^licen[cs]e(?:\.|$)/i.test(one));
    const text = file === undefined ? `Licence: ${license}` : readFileSync(join(folder, file), "utf8").trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return `Rowmill contains these packages.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
}
