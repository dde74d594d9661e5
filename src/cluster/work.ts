/**
 * The folder of work that many processes share: `plan.json`, a file for each shard that is done (`parts/`), and those that
 * are under way (`work/`). There is no other state.
 */
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { RowmillError, messageOf } from "../errors.ts";
import type { RunOptions } from "../options/run-options.ts";
import type { RunIdentity } from "../pipeline/run-identity.ts";
import type { SliceEnd, SlicePlace } from "../pipeline/slice.ts";
import { VERSION } from "../version.ts";
import { type Receipt, receiptOf } from "./parts.ts";

/** What is to be done, as `plan.json` has it. */
export interface WorkPlan {
  rowmill: string;
  /** SHA-256 of all of the plan but this. */
  id: string;
  created: string;
  /** The folder from which paths are meant. */
  cwd: string;
  options: RunOptions;
  /** Version, code, options and inputs of the run, as they were. */
  identity: RunIdentity;
  /** Files of the code, by their paths, and their copies below the folder. */
  code: Record<string, string>;
  /** The columns of results, where they have any that are known by their first row only. */
  columns?: string[];
  /** Parts of results are of the cells of a grid. */
  hasCells: boolean;
  rows: number;
  blankLines: number;
  bytes: number;
  /** Where shards begin; each ends where the next one begins, and the last one with the inputs. */
  shards: SlicePlace[];
  end: SliceEnd;
}

export class Work {
  readonly folder: string;
  readonly plan: WorkPlan;

  constructor(folder: string, plan: WorkPlan) {
    this.folder = folder;
    this.plan = plan;
  }

  /** @throws {RowmillError} `input`, when there is no plan in the folder, or it is of another version. */
  static open(folder: string): Work {
    const path = join(folder, "plan.json");
    let plan: WorkPlan;
    try {
      plan = JSON.parse(readFileSync(path, "utf8")) as WorkPlan;
    } catch (error) {
      throw new RowmillError("input", `there is no plan in ${folder}: ${messageOf(error)}`, {
        hint: `rowmill plan TRANSFORM.ts FILE -o ${folder}`,
        cause: error,
      });
    }
    if (!Array.isArray(plan.shards) || planId(plan) !== plan.id)
      throw new RowmillError("input", `${path} is not as it was written`, { hint: "plan again, in another folder" });
    if (plan.rowmill === VERSION) return new Work(folder, plan);
    throw new RowmillError("work-changed", `${path} was made by Rowmill ${plan.rowmill}, and this is ${VERSION}`, {
      hint: "all steps take one version",
    });
  }

  /** The file of a shard that is done. */
  partPath(shard: number): string {
    return join(this.folder, "parts", `${numbered(shard)}.rows`);
  }

  get workFolder(): string {
    return join(this.folder, "work");
  }

  /** The file of a shard that is under way. */
  workPath(shard: number, attempt?: string): string {
    return join(this.workFolder, `${numbered(shard)}${attempt === undefined ? "" : `.${attempt}`}.rows`);
  }

  /** Why a shard could not be done. */
  failurePath(shard: number): string {
    return join(this.folder, "failed", `${numbered(shard)}.json`);
  }

  /** A file of a shard that is no good. */
  damagedPath(shard: number): string {
    return join(this.folder, "parts", `${numbered(shard)}.damaged-${crypto.randomUUID()}`);
  }

  /** What a second process that did the same shard otherwise has left. */
  conflictPath(shard: number): string {
    return join(this.folder, "parts", `${numbered(shard)}.conflict-${crypto.randomUUID()}`);
  }

  /** Shards of which two processes have made different results. */
  conflicts(): number[] {
    const found = namesIn(join(this.folder, "parts")).flatMap((name) => /^(\d+)\.conflict-/.exec(name)?.[1] ?? []);
    return [...new Set(found.map(Number))].toSorted((a, b) => a - b);
  }

  /** Shards of which a process has noted that it could not do them. */
  failures(): number[] {
    return namesIn(join(this.folder, "failed")).flatMap((name) => {
      const [, number] = /^(\d+)\.json$/.exec(name) ?? [];
      return number === undefined ? [] : [Number(number)];
    });
  }

  /** What there is of a shard: its receipt when it is done; `torn`, where something has cut its file or changed it. */
  look(shard: number): Receipt | "torn" | "none" {
    return this.lookAt(this.partPath(shard), shard);
  }

  /** As {@linkcode Work.look}, in a file of another name. */
  lookAt(path: string, shard: number): Receipt | "torn" | "none" {
    const receipt = receiptOf(path);
    if (typeof receipt !== "object") return receipt;
    return receipt.shard === shard && receipt.plan === this.plan.id ? receipt : "torn";
  }

  /** When a process wrote to what is under way last, or noted that it has failed; by the clock of the disk. */
  lastSign(): number {
    let last = 0;
    for (const folder of [this.workFolder, join(this.folder, "failed")])
      for (const name of namesIn(folder))
        last = Math.max(last, statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
    return last;
  }

  /** Files of a shard that is under way, or was: as they are to be called. */
  attempts(shard: number): string[] {
    const found = namesIn(this.workFolder).flatMap((name) => ATTEMPT.exec(name)?.groups?.["file"] ?? []);
    const own = [...new Set(found)].filter((name) => name.startsWith(numbered(shard)));
    return own.map((name) => join(this.workFolder, name));
  }

  /** What digests of rows are made with: they are compared in the merge. */
  get secret(): Uint8Array {
    return Uint8Array.fromHex(this.plan.id).subarray(0, SECRET_BYTES);
  }

  /** Rows of a shard. */
  rowsOf(shard: number): number {
    const [from, to] = [this.plan.shards[shard], this.plan.shards[shard + 1]];
    return (to?.rows ?? this.plan.rows) - (from?.rows ?? 0);
  }
}

const SECRET_BYTES = 16;

/** The file of a shard that is under way, beside which there are others. */
const ATTEMPT = /^(?<file>\d+(?:\.[-\da-f]{36})?\.rows)(?:\.|$)/;

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** What a plan is known by. */
export function planId(plan: Omit<WorkPlan, "id">): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify({ ...plan, id: undefined })).digest("hex");
}

function numbered(shard: number): string {
  return String(shard).padStart(6, "0");
}
