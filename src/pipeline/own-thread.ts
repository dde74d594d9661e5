/** A worker without a thread. */
import { type RolePort, type SpawnOptions, hearing } from "../spawn.ts";
import type { BatchResult, FromWorker, RowTask } from "../transform/wire.ts";

export function spawnHere(options: SpawnOptions<BatchResult, FromWorker>): RolePort<RowTask> {
  const hear = hearing(options);
  let isAlive = true;
  let role: ((message: { type: string }) => void) | undefined;
  const waiting: object[] = [];
  const later = (deliver: () => void): void => void setImmediate(() => { if (isAlive) deliver(); });
  const toRole = (message: object): void => {
    if (role === undefined) waiting.push(message);
    else later(() => role?.(message as { type: string }));
  };
  void import("../transform/serve.ts").then(({ serveTransform }) => {
    const { worker, progress, kernel } = options;
    role = serveTransform({ type: "open", role: "transform", worker, progress, kernel }, (message) => later(() => hear.message(message)));
    for (const message of waiting) toRole(message);
  });
  return {
    post: toRole, tell: toRole, want: () => toRole({ type: "wanted" }), give: () => {},
    terminate: () => { isAlive = false; }, ref: () => {}, unref: () => {},
  };
}
