// Finds the peers that are installed: what runs them and their versions. None is a dependency of the project; one
// that is missing is skipped with a line that says how to install it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Programs that Rowmill is measured against, and `pv`, which reads its output slowly. */
export type PeerName = "bun" | "duckdb" | "jq" | "miller" | "parallel" | "pv" | "python";

/** A peer that is installed. */
export interface Peer {
  title: string;
  version: string;
  /** The words that start it; the arguments of a contender follow. */
  command: string[];
}

/** A peer that is not. */
export interface MissingPeer {
  title: string;
  /** One line: how to install it. */
  install: string;
}

/** Every peer, found or missing. */
export interface Peers {
  found: Map<PeerName, Peer>;
  missing: Map<PeerName, MissingPeer>;
}

interface Program {
  peer: PeerName;
  title: string;
  program: string;
  debianPackage: string;
}

const PROGRAMS: readonly Program[] = [
  { peer: "miller", title: "Miller", program: "mlr", debianPackage: "miller" },
  { peer: "python", title: "Python", program: "python3", debianPackage: "python3" },
  { peer: "jq", title: "jq", program: "jq", debianPackage: "jq" },
  { peer: "parallel", title: "GNU parallel", program: "parallel", debianPackage: "parallel" },
  { peer: "pv", title: "pv", program: "pv", debianPackage: "pv" },
];

const DUCKDB_PACKAGE = "@duckdb/node-api";
const DUCKDB_SCRIPT: string = join(import.meta.dir, "peers", "duckdb.mjs");

/** Looks for every peer. `repository` is the folder whose `node_modules` is searched last. */
export function findPeers(repository: string): Peers {
  const peers: Peers = { found: new Map(), missing: new Map() };
  peers.found.set("bun", { title: "Bun", version: Bun.version, command: [process.execPath] });
  for (const program of PROGRAMS) findProgram(peers, program);
  findDuckdb(peers, [process.env["ROWMILL_BENCH_PEERS"], repository]);
  return peers;
}

function findProgram(peers: Peers, { peer, title, program, debianPackage }: Program): void {
  const path = Bun.which(program);
  if (path === null) peers.missing.set(peer, { title, install: `apt-get install ${debianPackage}` });
  else
    peers.found.set(peer, { title, version: versionOf(path), command: [peer === "python" ? interpreter(path) : path] });
}

/** The interpreter itself: version managers put a script in its place, whose start is none of Python's time. */
function interpreter(path: string): string {
  const { stdout } = Bun.spawnSync([path, "-c", "import sys; print(sys.executable)"]);
  return stdout.toString().trim() || path;
}

/** DuckDB runs in Node, from the first of `folders` whose `node_modules` holds its package. */
function findDuckdb(peers: Peers, folders: readonly (string | undefined)[]): void {
  const title = "DuckDB";
  const node = Bun.which("node");
  if (node === null) {
    peers.missing.set("duckdb", { title, install: "apt-get install nodejs npm" });
    return;
  }
  for (const folder of folders) {
    if (folder === undefined) continue;
    const manifest = join(folder, "node_modules", DUCKDB_PACKAGE, "package.json");
    if (!existsSync(manifest)) continue;
    const version = `${DUCKDB_PACKAGE} ${packageVersion(manifest)}, Node ${versionOf(node)}`;
    peers.found.set("duckdb", { title, version, command: [node, DUCKDB_SCRIPT, folder] });
    return;
  }
  const install = `npm install ${DUCKDB_PACKAGE} in a folder of its own, then set ROWMILL_BENCH_PEERS to that folder`;
  peers.missing.set("duckdb", { title, install });
}

function packageVersion(manifest: string): string {
  const read: unknown = JSON.parse(readFileSync(manifest, "utf8"));
  const hasVersion = typeof read === "object" && read !== null && "version" in read;
  return hasVersion ? String(read.version) : "of unknown version";
}

/** The first version-like word that a program prints when asked. */
export function versionOf(program: string, flag = "--version"): string {
  const { stdout } = Bun.spawnSync([program, flag], { stderr: "ignore" });
  const line = stdout.toString().split("\n", 1)[0] ?? "";
  return /\d[\w.-]*/.exec(line)?.[0] ?? line;
}
