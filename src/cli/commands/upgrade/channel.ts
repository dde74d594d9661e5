/** How this binary came to be where it is, and what brings a newer one: told by its path, and by lists of package managers. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Channel {
  /** In words: `npm, for all users`. */
  name: string;
  /** The command that upgrades, or what to do. */
  upgrade: string;
}

/** Where a path tells it, by slashes. The first that fits. */
const BY_PATH: readonly (readonly [pattern: RegExp, channel: Channel])[] = [
  [/\/_npx\/|\/dlx-[^/]*\/|\/bunx-/, { name: "a package runner (npx, bunx, pnpm dlx)", upgrade: "npx rowmill@latest" }],
  [/\/\.bun\/install\/global\//, { name: "bun, for this user", upgrade: "bun add -g rowmill@latest" }],
  [/\/pnpm\/global\//i, { name: "pnpm, for this user", upgrade: "pnpm add -g rowmill@latest" }],
  [/\/node_modules\/\.pnpm\//, { name: "pnpm, in a project", upgrade: "pnpm add rowmill@latest" }],
  [
    /\/lib\/node_modules\/|\/npm\/node_modules\//,
    { name: "npm, for all projects", upgrade: "npm install -g rowmill@latest" },
  ],
  [/\/node_modules\//, { name: "npm, in a project", upgrade: "npm install rowmill@latest" }],
  [/\/Cellar\/|\/linuxbrew\//, { name: "Homebrew", upgrade: "brew upgrade rowmill" }],
  [/\/scoop\/apps\//i, { name: "Scoop", upgrade: "scoop update rowmill" }],
  [/\/WinGet\/Packages\//i, { name: "winget", upgrade: "winget upgrade rowmill" }],
  [/^\/nix\/store\//, { name: "Nix", upgrade: "nix profile upgrade rowmill" }],
];

/** Lists of the files of a package, as package managers of systems keep them. */
const DPKG_LIST = "var/lib/dpkg/info/rowmill.list";

/**
 * @param path The real path of the executable.
 * @param root The folder that stands for `/`, for tests.
 */
export function channelOf(path: string, root = "/"): Channel {
  const slashed = path.replaceAll("\\", "/");
  const told = BY_PATH.find(([pattern]) => pattern.test(slashed));
  if (told !== undefined) return told[1];
  if (lines(join(root, DPKG_LIST)).includes(slashed))
    return {
      name: "a package of Debian",
      upgrade: "sudo apt install ./rowmill_VERSION_ARCH.deb, of the newer version",
    };
  if (isOfRpm(slashed))
    return { name: "an RPM package", upgrade: "sudo rpm -U rowmill-VERSION.ARCH.rpm, of the newer version" };
  const checkout = dirname(dirname(path));
  if (existsSync(join(checkout, "src/main.ts")) && existsSync(join(checkout, "test/build.ts")))
    return { name: `built in ${checkout}`, upgrade: "git pull && bun run build, there" };
  if (existsSync(join(root, ".dockerenv")))
    return { name: "a file in a container", upgrade: "pull the image again, or build it again with the newer file" };
  return { name: "a file of its own", upgrade: "put the newer file in its place: it needs nothing else" };
}

function lines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
}

/** What lies below /usr and is known to rpm is of one of its packages. */
function isOfRpm(path: string): boolean {
  if (!path.startsWith("/usr/") || path.startsWith("/usr/local/")) return false;
  const rpm = Bun.which("rpm");
  return rpm !== null && Bun.spawnSync([rpm, "-qf", path], { stdio: ["ignore", "ignore", "ignore"] }).exitCode === 0;
}
