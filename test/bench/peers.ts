// Finds the peers that are installed: what runs them and their versions. None is a dependency of the project; one
// that is missing is skipped with a line that says how to install it.
import { join } from "node:path";
import { INSTALL_COMMAND, installedVersions, NPM_PEERS, type NpmPeer, type NpmPeerName } from "./npm-peers.ts";

/** Programs that Rowmill is measured against, and `pv`, which reads its output slowly. */
export type PeerName = NpmPeerName | ProgramName | "bun";

type ProgramName = "gzip" | "jq" | "mawk" | "miller" | "parallel" | "pigz" | "pv" | "python" | "sort" | "wc";

/** A peer that is installed. */
interface Peer {
  title: string;
  version: string;
  /** The words that start it; the arguments of a contender follow. */
  command: string[];
}

/** A peer that is not. */
interface MissingPeer {
  title: string;
  /** One line: how to install it. */
  install: string;
}

/** Every peer, found or missing. */
export interface Peers {
  found: Map<PeerName, Peer>;
  missing: Map<PeerName, MissingPeer>;
  /** The folder with the packages of npm, if one was named. */
  folder: string | undefined;
}

interface Program {
  peer: ProgramName;
  title: string;
  program: string;
  debianPackage: string;
  /** What makes it say its version. */
  versionFlags?: string[];
}

const PROGRAMS: readonly Program[] = [
  { peer: "miller", title: "Miller", program: "mlr", debianPackage: "miller" },
  { peer: "python", title: "Python", program: "python3", debianPackage: "python3" },
  { peer: "jq", title: "jq", program: "jq", debianPackage: "jq" },
  { peer: "parallel", title: "GNU parallel", program: "parallel", debianPackage: "parallel" },
  { peer: "mawk", title: "mawk", program: "mawk", debianPackage: "mawk", versionFlags: ["-W", "version"] },
  { peer: "gzip", title: "gzip", program: "gzip", debianPackage: "gzip" },
  { peer: "pigz", title: "pigz", program: "pigz", debianPackage: "pigz" },
  { peer: "pv", title: "pv", program: "pv", debianPackage: "pv" },
  { peer: "wc", title: "wc", program: "wc", debianPackage: "coreutils" },
  { peer: "sort", title: "GNU sort", program: "sort", debianPackage: "coreutils" },
];

const SCRIPTS: string = join(import.meta.dir, "peers");

/** Looks for every peer. `folder` holds the packages of npm. */
export function findPeers(folder: string | undefined): Peers {
  const peers: Peers = { found: new Map(), missing: new Map(), folder };
  peers.found.set("bun", { title: "Bun", version: Bun.version, command: [process.execPath] });
  for (const program of PROGRAMS) findProgram(peers, program);
  for (const peer of NPM_PEERS) findPackages(peers, peer);
  return peers;
}

function findProgram(peers: Peers, { peer, title, program, debianPackage, versionFlags }: Program): void {
  const path = Bun.which(program);
  if (path === null) {
    peers.missing.set(peer, { title, install: `apt-get install ${debianPackage}` });
    return;
  }
  const command = [peer === "python" ? interpreter(path) : path];
  peers.found.set(peer, { title, version: versionOf(path, versionFlags), command });
}

/** The interpreter itself: version managers put a script in its place, whose start is none of Python's time. */
function interpreter(path: string): string {
  const { stdout } = Bun.spawnSync([path, "-c", "import sys; print(sys.executable)"]);
  return stdout.toString().trim() || path;
}

function findPackages(peers: Peers, peer: NpmPeer): void {
  const { name, title, runtime, script } = peer;
  const program = runtime === "bun" ? process.execPath : Bun.which("node");
  const versions = peers.folder === undefined ? undefined : installedVersions(peer, peers.folder);
  if (program === null) {
    peers.missing.set(name, { title, install: "apt-get install nodejs" });
  } else if (peers.folder === undefined || versions === undefined) {
    const install = `${INSTALL_COMMAND}, then set ROWMILL_BENCH_PEERS to that folder`;
    peers.missing.set(name, { title, install });
  } else {
    const version = runtime === "node" ? `${versions}, in Node ${versionOf(program)}` : versions;
    const command = script === undefined ? [] : [program, join(SCRIPTS, script), peers.folder];
    peers.found.set(name, { title, version, command });
  }
}

/** The first version-like word that a program prints when asked. */
export function versionOf(program: string, flags: readonly string[] = ["--version"]): string {
  const { stdout } = Bun.spawnSync([program, ...flags], { stderr: "ignore" });
  const line = stdout.toString().split("\n", 1)[0] ?? "";
  return /\d[\w.-]*/.exec(line)?.[0] ?? line;
}

/** The words of a peer's command in a report. */
export function shownCommand(name: PeerName): string[] {
  const npm = NPM_PEERS.find((peer) => peer.name === name);
  if (npm?.script !== undefined) return [npm.runtime, npm.script, "FOLDER"];
  const program = PROGRAMS.find(({ peer }) => peer === name);
  return [program?.program ?? name];
}
