/** The zod that transforms get when their folder has none, as a bundle entry of its own: see transform/load.ts. */
export * from "zod";
export { default } from "zod";
