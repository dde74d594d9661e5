/**
 * Who writes an output: a machine, a namespace of process numbers in it, a process, and when that started. Another run
 * can then tell whether the process is still there, also from another container or machine, where numbers mean nothing.
 */
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { errorCode } from "./write-error.ts";

/** All that identifies a process, so that no other one is taken for it. */
export interface Owner {
  /** The machine, since it was started: Linux makes such an id at each start. */
  machine: string;
  /** The name of the machine, or of the container. */
  host: string;
  /** The namespace in which the process has its number: a container has one of its own. */
  namespace: string;
  pid: number;
  /** When it started, in the system's own unit: process numbers are used again. */
  started: string;
  /** A name for this very run: two journals of one process are told apart. */
  run: string;
}

/** What has become of a process; `unknown` where it cannot be seen from here. */
export type OwnerState = "alive" | "ending" | "dead" | "unknown";

/** The namespace that a machine begins with: from it every process can be seen. */
const FIRST_NAMESPACE = "pid:[4026531836]";
/** Flag of a process that is on its way out (`PF_EXITING`). */
const EXITING = 0x4;
/** The bit of SIGKILL among pending signals. */
const SIGKILL_BIT = 1n << 8n;

/** This process, as the owner of a run. */
export function thisProcess(): Owner {
  // A run without a file does not load it.
  const host = process.getBuiltinModule("node:os").hostname();
  return {
    machine: textOf("/proc/sys/kernel/random/boot_id") ?? host,
    host,
    namespace: namespaceOf("self") ?? "",
    pid: process.pid,
    started: statOf("self")?.started ?? "",
    run: crypto.randomUUID(),
  };
}

/** What has become of an owner. */
export function stateOf(owner: Owner): OwnerState {
  const here = thisProcess();
  if (owner.machine !== here.machine) return "unknown";
  if (owner.namespace !== here.namespace) return stateInside(owner, here.namespace === FIRST_NAMESPACE);
  // /proc may be that of an outer namespace, where the same process has another number.
  if (seesOwnNumbers()) return stateOfNumber(owner);
  return isGone(owner.pid) ? "dead" : stateInside(owner, false);
}

/** Where an owner is, for people: `process 12 on the machine "db1"`. */
export function describeOwner({ machine, namespace, host, pid }: Owner): string {
  const here = thisProcess();
  if (machine !== here.machine) return `process ${pid} on another machine, ${host}`;
  if (namespace !== here.namespace) return `process ${pid} in another container, ${host}`;
  return `process ${pid}`;
}

function stateOfNumber({ pid, started }: Owner): OwnerState {
  if (isGone(pid)) return "dead";
  const stat = statOf(pid);
  // Other users' processes may be hidden.
  if (stat === undefined) return isGone(pid) ? "dead" : "unknown";
  return stat.started === started ? stat.state : "dead";
}

/** Looks for a process by when it started, its number in another namespace, and that namespace. */
function stateInside(owner: Owner, seesAll: boolean): OwnerState {
  // Where other users' processes are hidden, the first one is.
  let isSure = seesAll && statOf(1) !== undefined;
  for (const number of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const stat = statOf(number);
    if (stat?.started !== owner.started || innermostNumber(number) !== owner.pid) continue;
    const namespace = namespaceOf(number);
    if (namespace === owner.namespace) return stat.state;
    // It may be the owner, hidden from this user.
    if (namespace === undefined) isSure = false;
  }
  return isSure ? "dead" : "unknown";
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return errorCode(error) === "ESRCH";
  }
}

function seesOwnNumbers(): boolean {
  return numbersOf("self")?.length === 1 || textOf("/proc/self/stat") === undefined;
}

/** The number of a process in the namespace that it is in. */
function innermostNumber(process: string): number | undefined {
  return numbersOf(process)?.at(-1);
}

/** The numbers of a process, from the namespace of /proc inwards. */
function numbersOf(process: string): number[] | undefined {
  const line = /^NSpid:(.*)$/m.exec(textOf(`/proc/${process}/status`) ?? "");
  return line?.[1]?.trim().split(/\s+/).map(Number);
}

function namespaceOf(process: string): string | undefined {
  try {
    return readlinkSync(`/proc/${process}/ns/pid`);
  } catch {
    // A system without namespaces.
    return undefined;
  }
}

/** When a process started, and how it is; undefined where the system does not say. */
function statOf(process: number | string): { started: string; state: OwnerState } | undefined {
  const stat = textOf(`/proc/${process}/stat`);
  if (stat === undefined) return undefined;
  // Behind the command's name, which may hold anything: the state, and from the fourth on numbers.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = "", , , , , , flags = "0"] = fields;
  const [threads = "1", , started = ""] = fields.slice(17);
  // The first thread of a process may be gone while others still write.
  const isDead = (state === "Z" || state === "X") && Number(threads) <= 1;
  if (isDead) return { started, state: "dead" };
  const isEnding = state === "Z" || state === "X" || (Number(flags) & EXITING) !== 0 || isKilled(process);
  return { started, state: isEnding ? "ending" : "alive" };
}

/** Whether a SIGKILL is on its way to a process. */
function isKilled(process: number | string): boolean {
  const status = textOf(`/proc/${process}/status`) ?? "";
  return [...status.matchAll(/^(?:SigPnd|ShdPnd):\s*([0-9a-f]+)$/gm)].some(
    ([, pending = "0"]) => (BigInt(`0x${pending}`) & SIGKILL_BIT) !== 0n,
  );
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1").trimEnd();
  } catch {
    // Not on this system, or not for us to see.
    return undefined;
  }
}
