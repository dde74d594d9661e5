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

const BSD_TIME = String.raw`(?<time>[*.]?[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?|\d{4}-\d\d-\d\d(?:T| (?=\d\d:\d\d:))\S+?)`;

/** With a number in brackets it needs no colon: some programs leave a blank before these, or the colon away. */
const PROGRAM = [
  String.raw`(?:(?<app>[^\s:[]+)(?: ?\[(?<pid>\d+)\]:(?: |$)|\[(?<pid>\d+)\] |(?:\[(?<pid>[^\]]*)\])?(?: \(\[\d+\]\))?:(?: |$)))?`,
  "(?<message>[^]*)",
].join("");

/**
 * RFC 3164, and what programs write of it into files: without a priority, or with one behind the time, as FreeBSD does it; with
 * a year, or a time of ISO 8601. What has a priority alone, as of many a device, is all message.
 */
const BSD_SYSLOG = [
  String.raw`(?:${BSD_TIME} +<(?<priority>\d+\.\d|[a-z0-9]+\.[a-z]+)> +|(?:<(?<priority>\d{1,3})>)?${BSD_TIME}:? +)`,
  // A blank and a number in brackets behind it make it a program.
  String.raw`(?:(?<host>(?!\[)\S*[^\s:,]) (?!\[\d+\]:))?${PROGRAM}|<(?<priority>\d{1,3})>${PROGRAM}`,
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

/** The facilities of syslog by their numbers, as FreeBSD calls them. */
const FACILITIES = "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp security console".split(" ");
const SEVERITIES = "emerg alert crit err warning notice info debug".split(" ");

/** The number of a priority that is written as facility and severity, 4.6 or auth.info; any other text as it is. */
export function priorityNumber(text: string): string {
  const [facility = "", severity] = text.split(".");
  if (severity === undefined) return text;
  const [high, low] = [numberIn(FACILITIES, facility), numberIn(SEVERITIES, severity)];
  return high < 0 || low < 0 ? text : String(8 * high + low);
}

/** @returns -1 for a name that is none of them. */
function numberIn(names: readonly string[], text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const local = /^local(?<at>[0-7])$/.exec(text)?.groups?.["at"];
  return local === undefined ? names.indexOf(text) : 16 + Number(local);
}

/** A time of a preset in ISO 8601; any other text as it is. */
export function isoTime(text: string): string {
  const groups = SERVER_TIME.exec(text)?.groups;
  if (groups === undefined) return text;
  const month = MONTHS.indexOf(groups["month"] ?? "") / "Jan".length + 1;
  if (!Number.isInteger(month) || month < 1) return text;
  const day = `${groups["year"]}-${String(month).padStart(2, "0")}-${groups["day"]}`;
  return `${day}T${groups["time"]}${groups["hours"]}:${groups["minutes"]}`;
}
