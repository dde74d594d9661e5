/**
 * A Slurm of three nodes for tests, all on this machine, in a temporary folder of its own. Each node has a namespace of
 * process numbers: it cannot see the processes of the others, and all of its own end with it. It is the Slurm that is
 * installed: where there is none, tests that need it are skipped, and say so.
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, openSync, closeSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./free-ports.ts";

export const NODES = ["node1", "node2", "node3"] as const;
export type Node = (typeof NODES)[number];

const PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "unshare", "nsenter", "pgrep"];
/** The path as root has it: daemons lie beside commands. */
const PATH = `${process.env["PATH"]}:/usr/local/sbin:/usr/sbin:/sbin`;
/** Runs a command with names and numbers of its own, which end with it. */
const APART = ["unshare", "--uts", "--pid", "--mount", "--fork", "--mount-proc", "--kill-child"];
/** Nodes are there after a second; a slow machine needs more. */
const START_MS = 30_000;
const LOOK_MS = 100;
/** A controller that does not answer is asked again. */
const ASK_MS = 5_000;

/** Waits for a free slot every moment, and forgets no job. Credentials end early: a task is put back into the queue at once. */
function configuration(folder: string, { port, maxArray }: { port: number; maxArray: number }): string {
  const nodes = NODES.map(
    (name, at) => `NodeName=${name} NodeHostname=${name} NodeAddr=127.0.0.1 Port=${port + 1 + at} CPUs=2 State=UNKNOWN`,
  );
  return `ClusterName=test
SlurmctldHost=${hostname().split(".")[0]}(127.0.0.1)
SlurmctldPort=${port}
SlurmUser=root
SlurmdUser=root
AuthInfo=socket=${folder}/munge.sock,cred_expire=5
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool/%n
SlurmctldPidFile=${folder}/ctld.pid
SlurmdPidFile=${folder}/%n.pid
ProctrackType=proctrack/linuxproc
SchedulerParameters=sched_interval=2,sched_min_interval=0,batch_sched_delay=0,bf_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
MaxArraySize=${maxArray}
ReturnToService=2
SlurmdTimeout=10
KillWait=3
MinJobAge=3600
${nodes.join("\n")}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}

/** Indexes of an array are below this, unless it is said: so few that tests come to the end of it. */
export const MAX_ARRAY = 24;

/** A job or an array task in the queue. */
export interface QueuedTask {
  id: string;
  state: string;
  node: string;
}

export class SlurmCluster {
  readonly folder: string;
  readonly #ended = new Set<number>();
  readonly #daemons = new Map<string, number>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Undefined where it is not installed, or cannot be started here.
   *
   * @param maxArray Indexes of an array are below it.
   */
  static async start(maxArray: number = MAX_ARRAY): Promise<SlurmCluster | undefined> {
    const why = SlurmCluster.#obstacle();
    if (why !== undefined) {
      console.warn(`tests with a real Slurm are skipped: ${why}`);
      return undefined;
    }
    const folder = mkdtempSync(join(tmpdir(), "rm-slurm-"));
    chmodSync(folder, 0o755);
    for (const name of ["state", "spool"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "key"), crypto.getRandomValues(new Uint8Array(128)), { mode: 0o600 });
    const port = await freePorts(1 + NODES.length);
    writeFileSync(join(folder, "slurm.conf"), configuration(folder, { port, maxArray }));
    const cluster = new SlurmCluster(folder);
    try {
      await cluster.#startAll();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  static #obstacle(): string | undefined {
    const missing = PROGRAMS.filter((name) => Bun.which(name, { PATH }) === null);
    if (missing.length > 0) return `${missing.join(", ")} not installed`;
    if (process.getuid?.() !== 0) return "only root may start it";
    const { exitCode } = Bun.spawnSync([...APART, "true"]);
    return exitCode === 0 ? undefined : "there are no namespaces here";
  }

  async #startAll(): Promise<void> {
    const at = (name: string): string => join(this.folder, name);
    const files = {
      "key-file": "key",
      socket: "munge.sock",
      "pid-file": "m.pid",
      "log-file": "m.log",
      "seed-file": "seed",
    };
    const words = Object.entries(files).map(([flag, name]) => `--${flag}=${at(name)}`);
    this.#start("munged", ["munged", "-F", "--force", ...words]);
    await until("munged", () =>
      Bun.file(at("munge.sock"))
        .stat()
        .then(
          () => true,
          () => false,
        ),
    );
    this.#start("slurmctld", ["slurmctld", "-D", "-i"]);
    for (const node of NODES) this.startNode(node);
    await this.whenIdle();
  }

  /** The environment in which Slurm's commands find it. */
  get environment(): Record<string, string> {
    return { SLURM_CONF: join(this.folder, "slurm.conf") };
  }

  /** Runs a command of Slurm; gives what it says. */
  ask(...words: string[]): string {
    const env = { ...process.env, PATH, ...this.environment };
    const { stdout, stderr, status } = spawnSync("timeout", [String(ASK_MS / 1000), ...words], { env });
    if (status === 0) return String(stdout);
    throw new Error(`${words.join(" ")}: ${String(stderr) || `ended with ${status}`}`);
  }

  /** Jobs and tasks that wait, run, or are just ending. */
  queue(): QueuedTask[] {
    const lines = this.ask("squeue", "-h", "-r", "-t", "PD,R,CG", "-o", "%i %T %N").split("\n");
    return lines.flatMap((line) => {
      const [id, state, node = ""] = line.trim().split(" ");
      return id === undefined || state === undefined ? [] : [{ id, state, node }];
    });
  }

  /** All nodes are there, and nothing runs. */
  async whenIdle(): Promise<void> {
    await until("three idle nodes", () => {
      try {
        return this.ask("sinfo", "-h", "-t", "idle", "-o", "%D").trim() === String(NODES.length);
      } catch {
        // The controller is not there yet.
        return false;
      }
    });
  }

  /** No job is left in the queue. */
  async whenEmpty(): Promise<void> {
    while (this.queue().length > 0) await Bun.sleep(2 * LOOK_MS);
  }

  startNode(node: Node): void {
    const inside = 'hostname "$0"; slurmd -D -N "$0" & while :; do wait -n; sleep 0.2; done';
    this.#start(node, [...APART, "bash", "-c", inside, node]);
  }

  /** The power of a node is cut: its daemon and its tasks are gone. */
  cut(node: Node): void {
    this.#kill(node);
    this.#setDown(node);
  }

  /** The daemon of a node is gone, and it counts as down: its tasks live on, unseen. */
  lose(node: Node): void {
    this.killDaemon(node);
    this.#setDown(node);
  }

  /** The daemon of a node is gone; its tasks live on, and the controller finds out some time. */
  killDaemon(node: Node): void {
    for (const pid of this.processesOf(node, "slurmd")) killed(pid, "SIGKILL");
  }

  /** A node has a daemon again: what is left of tasks that it was to run no more is ended. */
  startDaemon(node: Node): void {
    const first = this.#firstOf(node);
    if (first === undefined) throw new Error(`${node} has no processes`);
    this.#start(`${node}.daemon`, ["nsenter", "-p", "-m", "-u", "-t", String(first), "slurmd", "-D", "-N", node]);
  }

  /** Processes of a node that have this name, by their numbers here. */
  processesOf(node: Node, name: string): number[] {
    const first = this.#firstOf(node);
    return first === undefined ? [] : found("-x", name, "--ns", String(first), "--nslist", "pid");
  }

  /** The first process of a node, with which all others end. */
  #firstOf(node: Node): number | undefined {
    const pid = this.#daemons.get(node);
    return pid === undefined ? undefined : found("-P", String(pid))[0];
  }

  #setDown(node: Node): void {
    this.ask("scontrol", "update", `nodename=${node}`, "state=down", "reason=test");
  }

  #start(name: string, words: string[]): void {
    const log = openSync(join(this.folder, `${name}.log`), "a");
    const [program = "", ...others] = words;
    const env = { ...process.env, PATH, ...this.environment };
    const child = spawn(program, others, { env, detached: true, stdio: ["ignore", log, log] });
    closeSync(log);
    const { pid } = child;
    if (pid === undefined) throw new Error(`cannot start ${words.join(" ")}`);
    this.#daemons.set(name, pid);
    child.once("exit", () => this.#ended.add(pid));
    child.unref();
  }

  #kill(name: string, signal: NodeJS.Signals = "SIGKILL"): void {
    const pid = this.#daemons.get(name);
    this.#daemons.delete(name);
    if (pid !== undefined && !this.#ended.has(pid)) killed(pid, signal);
  }

  async stop(): Promise<void> {
    for (const name of this.#daemons.keys()) if (name.startsWith("node")) this.#kill(name);
    const pids = [...this.#daemons.values()];
    for (const name of ["slurmctld", "munged"]) this.#kill(name, "SIGTERM");
    await until("the end of its daemons", () => pids.every((pid) => this.#ended.has(pid)));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Numbers of processes. */
function found(...how: string[]): number[] {
  return spawnSync("pgrep", how).stdout.toString().split("\n").filter(Boolean).map(Number);
}

function killed(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended just now.
  }
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const begun = performance.now();
  while (!(await holds())) {
    if (performance.now() - begun > START_MS) throw new Error(`Slurm: there is no sign of ${what}`);
    await Bun.sleep(LOOK_MS);
  }
}
