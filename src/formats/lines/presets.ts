/** Patterns that have names: lines of the logs of web servers and of syslog. */

/** A text in quotes, in which a backslash stands before others. */
const QUOTED = String.raw`(?:[^"\\]|\\.)*`;

const COMMON = [
  String.raw`(?<host>\S+(?:, \S+)*) (?:-|(?<ident>\S+)) (?:-|(?<user>\S+)) \[(?<time>[^\]]+)\] `,
  // What is no request of HTTP is all path.
  String.raw`"(?:(?<method>[A-Z]+) (?<path>${QUOTED}?)(?: (?<protocol>[A-Z]+\/[\d.]+))?|-|(?<path>${QUOTED}))" `,
  String.raw`(?:-|(?<status>\d+)) (?:-|(?<bytes>\d+))`,
].join("");

/** RFC 5424. */
const SYSLOG = [
  String.raw`<(?<priority>\d{1,3})>\d{1,3} (?:-|(?<time>\S+)) (?:-|(?<host>\S+)) (?:-|(?<app>\S+)) `,
  String.raw`(?:-|(?<pid>\S+)) (?:-|(?<id>\S+)) (?:-|(?<data>(?:\[(?:[^\]"]|"${QUOTED}")*\])+))(?: \ufeff?(?<message>[^]*))?`,
].join("");

/** RFC 3164, and what programs write of it into files: without a priority, with a year, or a time of ISO 8601. */
const BSD_SYSLOG = [
  String.raw`(?:<(?<priority>\d{1,3})>)?`,
  String.raw`(?<time>[*.]?[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?|\d{4}-\d\d-\d\dT\S+?):? `,
  String.raw`(?:(?<host>\S*[^\s:]) )?(?:(?<app>[^\s:[]+)(?:\[(?<pid>[^\]]*)\])?(?: \(\[\d+\]\))?:(?: |$))?(?<message>[^]*)`,
].join("");

export const PRESETS: ReadonlyMap<string, string> = new Map([
  ["combined", String.raw`${COMMON} "(?:-|(?<referrer>${QUOTED}))" "(?:-|(?<agent>${QUOTED}))"`],
  ["common", COMMON],
  ["syslog", `(?:${SYSLOG}|${BSD_SYSLOG})`],
]);

/** The whole of a line: servers may be told to write further fields, which are its rest. */
export function wholeLine(name: string): string | undefined {
  const preset = PRESETS.get(name);
  if (preset === undefined) return undefined;
  return `^${preset}${preset.startsWith(COMMON) ? "(?: (?<rest>[^]*))?" : ""}$`;
}

/** The time of web servers: 10/Oct/2000:13:55:36 -0700. */
const SERVER_TIME =
  /^(?<day>\d\d)\/(?<month>[A-Z][a-z]{2})\/(?<year>\d{4}):(?<time>\d\d:\d\d:\d\d) (?<hours>[+-]\d\d)(?<minutes>\d\d)$/;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** A time of a preset in ISO 8601; any other text as it is. */
export function isoTime(text: string): string {
  const groups = SERVER_TIME.exec(text)?.groups;
  if (groups === undefined) return text;
  const month = MONTHS.indexOf(groups["month"] ?? "") / "Jan".length + 1;
  if (!Number.isInteger(month) || month < 1) return text;
  const day = `${groups["year"]}-${String(month).padStart(2, "0")}-${groups["day"]}`;
  return `${day}T${groups["time"]}${groups["hours"]}:${groups["minutes"]}`;
}
