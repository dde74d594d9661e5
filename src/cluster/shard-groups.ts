/** Which shards a task of an array does. */
import { UsageError } from "../errors.ts";
import type { Work } from "./work.ts";

/** @throws {UsageError} When the task has none. */
export function shardsOf(
  { plan }: Work,
  { index, offset = 0, group = 1 }: { index: number; offset?: number | undefined; group?: number | undefined },
): number[] {
  const first = (index + offset) * group;
  const last = Math.min(first + group, plan.shards.length);
  if (first >= 0 && first < last) return Array.from({ length: last - first }, (_, at) => first + at);
  throw new UsageError(
    `the array task ${index} has no shard: there are ${plan.shards.length}, numbered from 0`,
    "arrays that begin with 1 take --offset -1; --group must be that with which the array was made",
  );
}
