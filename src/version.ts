import { version } from "../package.json" with { type: "json" };

/** Rowmill's version. */
export const VERSION: string = version;
