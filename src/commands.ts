/** The commands beside `run` and `eval`, as a bundle entry of their own: see main.ts. */
export { runCommand, runOnCluster } from "./cli/commands/run-command.ts";
