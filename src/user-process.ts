/**
 * What code of the user's may not do to the process, which is not its own: all threads have one current folder, one
 * user and one mask of rights, and the paths of inputs and outputs are seen from there.
 */

const OF_THE_PROCESS = ["chdir", "setuid", "seteuid", "setgid", "setegid", "setgroups", "initgroups"] as const;

/** Makes these functions of this thread's `process` throw, as Node does in its worker threads. */
export function guardProcess(): void {
  for (const name of OF_THE_PROCESS) Reflect.set(process, name, () => refuse(name));
  const umask = process.umask.bind(process);
  Reflect.set(process, "umask", (mask?: unknown) => (mask === undefined ? umask() : refuse("umask")));
}

function refuse(name: string): never {
  const advice = name === "chdir" ? ": for files beside the transform use paths that begin with import.meta.dir" : "";
  const error = new TypeError(`process.${name}() would change the whole process, not this worker alone${advice}`);
  throw Object.assign(error, { code: "ERR_WORKER_UNSUPPORTED_OPERATION" });
}
