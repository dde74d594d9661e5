/** What a transform gets that imports `rowmill`: see code/built-in-rowmill.ts. */
export { parse } from "./formats/csv/parse.ts";
export { stringify } from "./formats/csv/stringify.ts";
export { readRows } from "./pipeline/read-rows.ts";
