// The peers that npm has: which packages, in which version, and what runs them. They live in a folder of their own, so
// that nobody who works on Rowmill has to fetch 200 MB for them.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Peers of npm by name. */
export type NpmPeerName = "duckdb" | "piscina" | "polars" | "udsv" | "visit-packages" | "workerpool";

/** A peer that npm has. */
export interface NpmPeer {
  name: NpmPeerName;
  title: string;
  /** Its packages with their versions. */
  packages: Readonly<Record<string, string>>;
  /** Worker pools and native modules run where most people run them. */
  runtime: "node" | "bun";
  /** A script of test/bench/peers, which gets the folder as its first argument; none for packages that others use. */
  script?: string;
}

export const NPM_PEERS: readonly NpmPeer[] = [
  {
    name: "duckdb",
    title: "DuckDB",
    packages: { "@duckdb/node-api": "1.5.6-r.1" },
    runtime: "node",
    script: "duckdb.mjs",
  },
  { name: "polars", title: "polars", packages: { "nodejs-polars": "0.26.1" }, runtime: "node", script: "polars.mjs" },
  { name: "udsv", title: "udsv", packages: { udsv: "0.7.3" }, runtime: "bun", script: "plain-udsv.mjs" },
  { name: "piscina", title: "piscina", packages: { piscina: "5.3.2" }, runtime: "node", script: "piscina.mjs" },
  {
    name: "workerpool",
    title: "workerpool",
    packages: { workerpool: "10.0.3" },
    runtime: "node",
    script: "workerpool.mjs",
  },
  {
    name: "visit-packages",
    title: "packages of the realistic function",
    packages: { "@sindresorhus/slugify": "3.0.1", bowser: "2.15.0", murmurhash: "2.0.1" },
    runtime: "bun",
  },
];

/** What installs them all. */
export const INSTALL_COMMAND = "bun run bench --install-peers FOLDER";

/** Installs the packages of all peers in a folder, and says how to use it. */
export function installPeers(folder: string): void {
  mkdirSync(folder, { recursive: true });
  // Without one, the packages would go to a project further up.
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) writeFileSync(manifest, "{}\n");
  const packages = NPM_PEERS.flatMap((peer) =>
    Object.entries(peer.packages).map(([name, version]) => `${name}@${version}`),
  );
  const { exitCode } = Bun.spawnSync([process.execPath, "add", "--exact", ...packages], {
    cwd: folder,
    stdout: "inherit",
    stderr: "inherit",
  });
  if (exitCode !== 0) throw new Error(`the packages could not be installed in ${folder}`);
  console.log(`\nrun the benchmark with ROWMILL_BENCH_PEERS=${folder}`);
}

/** The versions of a peer's packages in a folder, in words; undefined when one is not there. */
export function installedVersions({ packages }: NpmPeer, folder: string): string | undefined {
  const versions: string[] = [];
  for (const name of Object.keys(packages)) {
    const manifest = join(folder, "node_modules", name, "package.json");
    if (!existsSync(manifest)) return undefined;
    const read: unknown = JSON.parse(readFileSync(manifest, "utf8"));
    const hasVersion = typeof read === "object" && read !== null && "version" in read;
    versions.push(`${name} ${hasVersion ? String(read.version) : "of unknown version"}`);
  }
  return versions.join(", ");
}
