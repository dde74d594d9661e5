/**
 * Files that no module imports, and on which it depends how modules are loaded: the tsconfig.json above each, what that
 * extends, and the package.json above each.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { nearestAbove } from "../io/nearest-above.ts";

const PACKAGE_FOLDER = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/;

/** Those of some modules, by their real paths. */
export function configFiles(modules: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const folder of new Set(modules.map((path) => dirname(path)))) {
    const ofPackage = PACKAGE_FOLDER.exec(`${folder}/`)?.[0];
    for (const path of [
      nearestAbove(folder, "package.json"),
      ofPackage === undefined ? undefined : nearestAbove(ofPackage, "package.json"),
    ]) {
      if (path !== undefined) found.add(path);
    }
    const tsconfig = ofPackage === undefined ? nearestAbove(folder, "tsconfig.json") : undefined;
    if (tsconfig !== undefined) addWithBases(tsconfig, found);
  }
  return found;
}

function addWithBases(tsconfig: string, to: Set<string>): void {
  if (to.has(tsconfig)) return;
  to.add(tsconfig);
  for (const base of basesOf(tsconfig)) addWithBases(base, to);
}

function basesOf(tsconfig: string): string[] {
  const folder = dirname(tsconfig);
  return [extendsOf(tsconfig)]
    .flat()
    .filter((name) => typeof name === "string")
    .map((name) => baseAt(folder, name))
    .filter((path) => path !== undefined);
}

function extendsOf(tsconfig: string): unknown {
  try {
    return Reflect.get(Object(Bun.JSONC.parse(readFileSync(tsconfig, "utf8"))), "extends");
  } catch {
    // Not reported: the modules were loaded in spite of it.
    return undefined;
  }
}

function baseAt(folder: string, name: string): string | undefined {
  if (!name.startsWith(".") && !isAbsolute(name)) return packagedBase(folder, name);
  const path = resolve(folder, name);
  return [path, `${path}.json`, resolve(path, "tsconfig.json")].find(
    (file) => file.endsWith(".json") && existsSync(file),
  );
}

function packagedBase(folder: string, name: string): string | undefined {
  for (const path of [name, `${name}.json`, `${name}/tsconfig.json`]) {
    try {
      return Bun.resolveSync(path, folder);
    } catch {
      // The next spelling may be found.
    }
  }
  return undefined;
}
