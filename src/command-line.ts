/** The command line, as a bundle entry of its own: see main.ts. */
export { main } from "./cli/main.ts";
export { standalone } from "./cli/standalone.ts";
