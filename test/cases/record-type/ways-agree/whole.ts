import type { Row } from "./row.ts";

export default (row: Row & { when: string }) => ({ ...row, age: 2017 - row.born });
