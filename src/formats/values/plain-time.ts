/** Days and times of Temporal that have no zone: what they are does not change, nor where they are read. */

const KINDS: ReadonlySet<string> = new Set([
  "[object Temporal.PlainDate]",
  "[object Temporal.PlainDateTime]",
  "[object Temporal.PlainTime]",
]);

export function isPlainTime(value: object): boolean {
  return KINDS.has(Object.prototype.toString.call(value));
}
