/** Days and times of Temporal: what they are does not change, nor where they are read. */

const PLAIN: ReadonlySet<string> = new Set([
  "[object Temporal.PlainDate]",
  "[object Temporal.PlainDateTime]",
  "[object Temporal.PlainTime]",
]);

/** Those that have no zone. */
export function isPlainTime(value: object): boolean {
  return PLAIN.has(Object.prototype.toString.call(value));
}

/** Those, and moments, which are in UTC. */
export function isTimeOfIso(value: object): boolean {
  return isPlainTime(value) || Object.prototype.toString.call(value) === "[object Temporal.Instant]";
}
