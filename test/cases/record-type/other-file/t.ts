import type { Person } from "./types/person";

export default (row: Partial<Person>) => ({ ...row, next: (row.born ?? 0) + 1 });
