import type { Row } from "./row.ts";

export default (row: Row) => (row.born > 1900 && row.more === "x" ? row : null);
