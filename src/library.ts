/** What a transform gets that imports `rowmill`: see code/built-in-rowmill.ts. */
export { parse } from "./csv/parse.ts";
export { stringify } from "./csv/stringify.ts";
export { readRows } from "./pipeline/read-rows.ts";
export { window } from "./code/window.ts";
