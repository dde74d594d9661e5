/** What a module says in `options.state` where it is known that each worker has variables of its own. */
export const PER_WORKER = "per-worker";
