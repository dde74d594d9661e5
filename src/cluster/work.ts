/**
 * The folder of work that many processes share: `plan.json`, a file for each shard that is done (`parts/`), and those that
 * are under way (`work/`). There is no other state.
 */
import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { RowmillError, messageOf } from "../errors.ts";
import type { RunOptions } from "../options/run-options.ts";
import type { RunIdentity } from "../pipeline/run-identity.ts";
import type { SlicePlace } from "../pipeline/slice.ts";
import type { RowCounts } from "../transform/wire.ts";
import { VERSION } from "../version.ts";

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
}

/** What stands at the end of the file of a shard that is done. */
export interface Receipt {
  plan: string;
  shard: number;
  counts: RowCounts;
  /** SHA-256 of what has come out, whatever batches it came in. */
  digest: string;
  /** Bytes before the receipt, and their CRC-32. */
  bytes: number;
  crc: number;
  host: string;
  pid: number;
  /** When it was begun, and when it was done. */
  begun: string;
  done: string;
}

const RECEIPT = '{"receipt":';
/** A receipt is no longer than this. */
const RECEIPT_BYTES = 64 * 1024;

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
    throw new RowmillError("input", `${path} was made by Rowmill ${plan.rowmill}, and this is ${VERSION}`, {
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

  /** What a second process that did the same shard otherwise has left. */
  conflictPath(shard: number, attempt: string): string {
    return join(this.folder, "parts", `${numbered(shard)}.conflict-${attempt}`);
  }

  /** Shards of which two processes have made different results. */
  conflicts(): number[] {
    const names = existsSync(join(this.folder, "parts")) ? readdirSync(join(this.folder, "parts")) : [];
    const found = names.flatMap((name) => /^(\d+)\.conflict-/.exec(name)?.[1] ?? []);
    return [...new Set(found.map(Number))].toSorted((a, b) => a - b);
  }

  /** The receipt of a shard; undefined where it is not done. @throws {RowmillError} `input`, when it is torn, or of other work. */
  receipt(shard: number): Receipt | undefined {
    const path = this.partPath(shard);
    if (!existsSync(path)) return undefined;
    const receipt = receiptOf(path);
    if (receipt === undefined || receipt.shard !== shard || receipt.bytes > statSync(path).size)
      throw new RowmillError("input", `${path} is torn: something has cut or changed it`, {
        hint: `run it again: rowmill shard ${this.folder} ${shard}`,
      });
    if (receipt.plan === this.plan.id) return receipt;
    throw new RowmillError("input", `${path} is of another plan`, { hint: "plan in an empty folder" });
  }
}

/** The receipt at the end of a file; undefined where there is no whole one. */
export function receiptOf(path: string): Receipt | undefined {
  const { size } = statSync(path);
  const bytes = Buffer.alloc(Math.min(size, RECEIPT_BYTES));
  readAt(path, bytes, size - bytes.length);
  const text = bytes.toString("latin1");
  if (!text.endsWith("}}\n")) return undefined;
  const start = text.lastIndexOf("\n", text.length - 2) + 1;
  if (!text.startsWith(RECEIPT, start)) return undefined;
  try {
    const { receipt } = JSON.parse(bytes.toString("utf8", start)) as { receipt: Receipt };
    return receipt.bytes === size - (bytes.length - start) - 1 ? receipt : undefined;
  } catch {
    // Torn, which is said by whoever asks.
    return undefined;
  }
}

function readAt(path: string, bytes: Buffer, offset: number): void {
  const fd = openSync(path, "r");
  try {
    for (let done = 0; done < bytes.length;) {
      const got = readSync(fd, bytes, done, bytes.length - done, offset + done);
      if (got === 0) return;
      done += got;
    }
  } finally {
    closeSync(fd);
  }
}

/** What stands before it may not end with a line. */
export function receiptLine(receipt: Receipt): string {
  return `\n${JSON.stringify({ receipt })}\n`;
}

/** What a plan is known by. */
export function planId(plan: Omit<WorkPlan, "id">): string {
  return new Bun.CryptoHasher("sha256").update(JSON.stringify({ ...plan, id: undefined })).digest("hex");
}

function numbered(shard: number): string {
  return String(shard).padStart(6, "0");
}
