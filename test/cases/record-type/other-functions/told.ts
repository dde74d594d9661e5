import type { Transform } from "rowmill";

export default (async (row) => ({ next: row.born + 1, kind: typeof row.born })) satisfies Transform<{
  born: bigint | number;
}>;
