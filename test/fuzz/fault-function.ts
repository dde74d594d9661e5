/**
 * The transform of test/fuzz/rows.ts, sent by its source: what it does is decided by a hash of the row, so that faults,
 * dropped rows and rows with several results lie anywhere, and the reference comes to the same.
 */

type Row = Record<string, unknown>;

/** What the function needs of its context. */
export interface FaultContext {
  index: number;
  line: number;
  file: string;
  /** `rate`: one row in so many does something special; `deaths`: workers die as well. */
  args: Record<string, string>;
}

/** Names nothing but its parameters and globals. */
export const mapRow = (row: Row, ctx: FaultContext): unknown => {
  const text = JSON.stringify(row);
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  hash = (Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0) + ctx.index;
  const result: Row = { ...row, index: ctx.index, line: ctx.line, file: ctx.file };
  if (hash % Number(ctx.args["rate"]) !== 0) return hash % 64 === 5 ? Promise.resolve(result) : result;
  switch ((hash >>> 4) % (ctx.args["deaths"] === "1" ? 13 : 12)) {
    case 0:
      throw new RangeError(`no ${hash}`);
    case 1:
      // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- users do
      throw undefined;
    case 2:
      return Promise.reject(new Error("later"));
    case 3:
      return null;
    case 4:
      return undefined;
    case 5:
      return [result, null, { ...result, index: -1 }];
    case 6:
      return [];
    case 7:
      return { ...result, extra: 1 };
    case 8:
      return { ...result, index: Symbol("no") };
    case 9:
      return [result, { ...result, line: () => 1 }];
    case 10:
      return (function* () {
        yield result;
        throw new Error("half");
      })();
    case 11:
      return { line: 1 };
    default:
      process.exit(3);
  }
};
