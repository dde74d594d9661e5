/**
 * How many threads this process may still start. Where the system refuses one, the runtime ends the whole process with a
 * report of a crash, so the limits are asked before: that of the user's processes (`ulimit -u`), and those of the control
 * groups that the process is in (`pids.max`: containers, services, jobs of a scheduler).
 */
import { existsSync, readFileSync, readdirSync, writeSync } from "node:fs";
import { asksForJson } from "./errors-form.ts";

/** A limit that may be reached. */
interface ThreadRoom {
  /** How many threads may still be started. */
  left: number;
  /** What sets the limit, as people know it. */
  limit: string;
}

/** The runtime's own threads, beside the first and those of its pool and of its collector, which grow with the cores. */
const OWN_THREADS = 9;
const MAX_THREADS_OF_CORES = 8;
/** A worker's thread, and one that the runtime starts for it now and then. */
const THREADS_A_WORKER = 2;
/** Something else may start one too. */
const SPARE_THREADS = 2;
/** A limit above this is never reached, so that the processes of the user need not be counted. */
const NEAR_LIMIT = 4096;

/** Undefined where no limit is near. */
function threadRoom(): ThreadRoom | undefined {
  const rooms = [userRoom(), groupRoom()].filter((room) => room !== undefined);
  return rooms.toSorted((a, b) => a.left - b.left)[0];
}

/**
 * To be asked before any thread is started: the exit code where not even one worker may start, which is said then;
 * undefined where one may.
 */
export function refuseToStart(): number | undefined {
  const room = threadRoom();
  if (room === undefined || room.left + ownThreads() >= needed()) return undefined;
  const more = needed() - room.left - ownThreads();
  const message = `too few threads may be started: ${room.limit} leaves room for ${room.left}`;
  const hint = `raise it by ${more} or more, or end other processes`;
  writeSync(
    2,
    asksForJson(process.argv)
      ? `${JSON.stringify({ level: "error", message, code: "worker", hint })}\n`
      : `error: ${message}\n  hint: ${hint}\n`,
  );
  return 1;
}

/** The workers that the limits have room for, at least one, and what sets them; undefined when they do not matter. */
export function mostWorkers(): { workers: number; limit: string } | undefined {
  const room = threadRoom();
  if (room === undefined) return undefined;
  const forWorkers = room.left + ownThreads() - needed() - SPARE_THREADS;
  return { workers: 1 + Math.max(0, Math.floor(forWorkers / THREADS_A_WORKER)), limit: room.limit };
}

/** The threads of a process with one worker. */
function needed(): number {
  return OWN_THREADS + Math.min(navigator.hardwareConcurrency, MAX_THREADS_OF_CORES);
}

function ownThreads(): number {
  return Number(/^Threads:\s*(\d+)/m.exec(textOf("/proc/self/status"))?.[1] ?? 1);
}

function userRoom(): ThreadRoom | undefined {
  // The limit does not apply to root.
  const user = process.getuid?.() ?? 0;
  if (user === 0) return undefined;
  const most = Number(/^Max processes\s+(\d+)/m.exec(textOf("/proc/self/limits"))?.[1] ?? Number.NaN);
  if (!(most < NEAR_LIMIT)) return undefined;
  return { left: Math.max(0, most - threadsOf(user)), limit: `the limit of ${most} processes a user (ulimit -u)` };
}

/** All threads of a user count. */
function threadsOf(user: number): number {
  let threads = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const status = textOf(`/proc/${name}/status`);
    if (new RegExp(`^Uid:\\s*${user}\\b`, "m").test(status)) {
      threads += Number(/^Threads:\s*(\d+)/m.exec(status)?.[1] ?? 0);
    }
  }
  return threads;
}

/** The group that has the least room left, of those that this process is in. */
function groupRoom(): ThreadRoom | undefined {
  let least: ThreadRoom | undefined;
  for (const folder of groupFolders()) {
    const most = Number.parseInt(textOf(`${folder}/pids.max`), 10);
    // `max`, or no such limit.
    if (Number.isNaN(most)) continue;
    const left = most - Number.parseInt(textOf(`${folder}/pids.current`), 10);
    if (left < NEAR_LIMIT && !(left >= (least?.left ?? Infinity))) {
      least = { left: Math.max(0, left), limit: `the limit of ${most} processes of its control group (pids.max)` };
    }
  }
  return least;
}

/**
 * The folder of this process's group and those above it. In a container the group is its root. (Asked at every start: to
 * compile a pattern for it would take as long as all the rest.)
 */
function groupFolders(): string[] {
  const groups = textOf("/proc/self/cgroup").trimEnd().split("\n").map(readGroup);
  const first = groups.find(({ controllers }) => controllers.includes("pids"));
  // The second version has one tree for all limits.
  const group = first ?? groups.find(({ controllers }) => controllers[0] === "");
  if (group === undefined) return [];
  const root = first === undefined ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids";
  const names = group.path.split("/").filter((name) => name !== "");
  return [...names.map((_, at) => `${root}/${names.slice(0, at + 1).join("/")}`), root];
}

/** A line of `/proc/self/cgroup`: `8:pids:/jobs/12`, `0::/system.slice`. */
function readGroup(line: string): { controllers: string[]; path: string } {
  const [, controllers = "", ...path] = line.split(":");
  return { controllers: controllers.split(","), path: path.join(":") };
}

function textOf(path: string): string {
  // Asking first is quicker than catching an error.
  if (!existsSync(path)) return "";
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Not on this system, or a process that has just ended.
    return "";
  }
}
