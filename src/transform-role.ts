/** The worker's role in a run, as a bundle entry of its own: see worker.ts. */
export { dieTelling } from "./scheduler/serve-tasks.ts";
export { redirectConsole, serveTransform } from "./transform/serve.ts";
