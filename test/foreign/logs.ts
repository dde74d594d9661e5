/**
 * Logs that nobody here has made, line by line against second readers, `alpine` of npm for those of web servers and syslog-ng
 * for those of syslog:
 *
 *     bun test/foreign/logs.ts [FILE …]
 *
 * Fetches packages into a folder for the moment: the samples by which fail2ban tests what it looks for in the logs of a hundred
 * programs, what programs that show or count logs have as examples, and messages of devices. Compares further files that are
 * named. Ends with exit code 1 where a field differs. Needs apt-get and dpkg-deb.
 */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { RowmillError } from "../../src/errors.ts";
import { Packages } from "./packages.ts";
import { type FoundRow, rowsOf } from "./read.ts";

const DEBIAN = ["fail2ban", "logstalgia", "logswan", "python3-haproxy-log-analysis"];
/** What syslog-ng needs that may not be installed. */
const SYSLOG_NG = ["syslog-ng-core", "libivykis0", "libnet1", "libwrap0", "libjson-c5", "libpcre3"];
const NPM = { alpine: "0.2.1", "nsyslog-parser": "0.10.1" };

/** The fields that syslog-ng is asked for. */
const NAMES = ["priority", "host", "app", "pid", "id", "message"];
const ENGLISH_OR_ISO =
  /^(?:<\d+>)?(?:1 \S+ |(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d [\d:]+ |\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)? )/;
const NOT_KNOWN = /^\S+ +\S+ +\S+ +<|^[^:]+:\d\d:\d\d \S+ \[\d+\]:/;

/** What a second reader says of a line: undefined where it does not say. */
type Wanted = Record<string, string | undefined>;

interface LogFormat {
  pattern: string;
  /** Whether a line is one of these logs: files have comments, and lines of several programs. */
  holds: (line: string) => boolean;
  /** Reads lines, in their order. */
  read: (lines: readonly string[]) => Promise<Wanted[]> | Wanted[];
}

interface Alpine {
  new (format: string): { parseLine(line: string): Record<string, string> };
  LOGFORMATS: { CLF: string; COMBINED: string };
}

const packages = new Packages();
const counts = { files: new Set<string>(), rows: 0, differences: 0, refused: 0 };
try {
  await Promise.all([packages.debian([...DEBIAN, ...SYSLOG_NG]), packages.npm(NPM)]);
  writeMessages();
  const found = packages.files(
    /(?:fail2ban\/tests\/files\/.*|\/[\w-]+\.log|(?:^|\/)devices\.txt)(?<!\.(?:py|conf|db|html|bak))$/,
  );
  const files = [...found, ...process.argv.slice(2)];
  for (const format of await logFormats()) await compare(files, format);
} finally {
  packages.remove();
}
console.log(
  `${counts.files.size} files, ${counts.rows} rows, ${counts.refused} lines refused, ${counts.differences} fields that differ`,
);
process.exitCode = counts.differences > 0 ? 1 : 0;

/** The messages by which `nsyslog-parser` is tested, in a file. */
function writeMessages(): void {
  const messages = createRequire(import.meta.url)(
    join(packages.folder, "node_modules/nsyslog-parser/test/examples.js"),
  ) as { originalMessage: string }[];
  const lines = messages.map(({ originalMessage }) => originalMessage).filter((text) => !text.includes("\n"));
  writeFileSync(join(packages.folder, "devices.txt"), lines.join("\n"));
}

function isServers(line: string): boolean {
  return /^\S+ \S+ \S+ \[\d\d\/[A-Z][a-z]+\/\d{4}:[^\]]+\] ".*" \d+ (?:\d+|-)(?: |$)/.test(line);
}

function isCombined(line: string): boolean {
  return isServers(line) && line.split('"').length > 6;
}

function isIetf(line: string): boolean {
  return /^<\d+>1 /.test(line);
}

function isBsd(line: string): boolean {
  return (
    /^(?:<\d+>|[A-Z][a-z][a-z] [\d ]\d \d\d:\d\d:\d\d |\d{4}-\d\d-\d\dT\d\d:\d\d:\S+ )/.test(line) && !isIetf(line)
  );
}

async function logFormats(): Promise<LogFormat[]> {
  const { default: alpine } = (await packages.module("alpine")) as { default: Alpine };
  const [common, combined] = [new alpine(alpine.LOGFORMATS.CLF), new alpine(alpine.LOGFORMATS.COMBINED)];
  return [
    { pattern: "common", holds: isServers, read: (lines) => lines.map((line) => serverFields(common.parseLine(line))) },
    {
      pattern: "combined",
      holds: isCombined,
      read: (lines) => lines.map((line) => serverFields(combined.parseLine(line))),
    },
    { pattern: "syslog", holds: isBsd, read: (lines) => readBySyslogNg(lines, "expect-hostname") },
    { pattern: "syslog", holds: isIetf, read: (lines) => readBySyslogNg(lines, "syslog-protocol") },
  ];
}

function serverFields(found: Record<string, string>): Wanted {
  const given = (name: string): string | undefined => (found[name] === "-" ? "" : found[name]);
  // Where a quote stands in a request, the reader ends it there.
  const isCut = Object.values(found).some((text) => text.endsWith("\\"));
  return {
    host: given("remoteHost"),
    ident: given("logname"),
    user: given("remoteUser"),
    ...(!isCut && { status: given("status"), bytes: given("sizeCLF"), request: given("request") }),
    ...(!isCut && { referrer: given("RequestHeader Referer"), agent: given("RequestHeader User-agent") }),
  };
}

/** A path in packages of Debian. */
function inside(path: string): string {
  return join(packages.folder, "debian", path);
}

/** Reads lines as syslog-ng does that follows their file. */
async function readBySyslogNg(lines: readonly string[], flag: string): Promise<Wanted[]> {
  const folder = mkdtempSync(join(tmpdir(), "rowmill-syslog-"));
  const [input, output, config] = ["in.log", "out.txt", "config"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const fields = ["${PRI}", "${HOST}", "${PROGRAM}", "${PID}", "${MSGID}", "${MESSAGE}"].join("\\x01");
  writeFileSync(input, lines.map((line) => `${line}\n`).join(""), "latin1");
  writeFileSync(
    config,
    `@version: 3.38
options { keep-hostname(yes); use-dns(no); chain-hostnames(no); log-msg-size(1000000); };
source s { file("${input}" flags(${flag}) default-priority(notice) default-facility(user)); };
destination d { file("${output}" template("${fields}\\n")); };
log { source(s); destination(d); };
`,
  );
  const options = {
    cfgfile: config,
    "persist-file": join(folder, "persist"),
    pidfile: join(folder, "pid"),
    control: join(folder, "control"),
    "module-path": inside("syslog-ng-core/usr/lib/syslog-ng/3.38"),
  };
  const words = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const libraries = globSync(inside("{syslog-ng-core/usr/lib/syslog-ng,*/{,usr/}lib/*-linux-gnu}"));
  const server = Bun.spawn([inside("syslog-ng-core/usr/sbin/syslog-ng"), "--foreground", "--no-caps", ...words], {
    env: { ...process.env, LD_LIBRARY_PATH: libraries.join(":") },
    stdio: ["ignore", "ignore", "ignore"],
  });
  try {
    // It waits for further lines: it is ended when it has written all.
    for (const end = Date.now() + 60_000; ;) {
      const found = existsSync(output) ? readFileSync(output, "latin1").split("\n").slice(0, -1) : [];
      if (found.length >= lines.length)
        return found.map((text, at) => syslogFields(lines[at] ?? "", text.split("\x01")));
      if (server.exitCode !== null || Date.now() > end)
        throw new Error(`syslog-ng has read ${found.length} lines of ${lines.length}`);
      await Bun.sleep(50);
    }
  } finally {
    server.kill("SIGKILL");
    await server.exited;
    rmSync(folder, { recursive: true });
  }
}

function syslogFields(line: string, fields: readonly string[]): Wanted {
  const found: Wanted = Object.fromEntries(NAMES.map((name, at) => [name, fields[at]]));
  // It has a priority, and its own host, for lines that have none.
  if (!line.startsWith("<")) found["priority"] = undefined;
  if (found["host"] === hostname()) found["host"] = "";
  // What it does not know: priorities of FreeBSD, zones without a colon, months of other languages, a blank before a number in
  // brackets. A message that it refuses becomes one of its own.
  const isKnown = ENGLISH_OR_ISO.test(line) && !NOT_KNOWN.test(line) && found["app"] !== "syslog-ng";
  // A first word without a colon or a number is a program for it, and what stands in brackets alone a number.
  const isTold = [": ", "["].some((end) => line.includes(`${found["app"]}${end}`)) && /^\d*$/.test(found["pid"] ?? "");
  const untold = isKnown ? ["app", "pid", "message"] : NAMES;
  if (!isKnown || !isTold) for (const name of untold) found[name] = undefined;
  return found;
}

async function compare(files: readonly string[], format: LogFormat): Promise<void> {
  const lines = files.flatMap((path) => {
    const all = readFileSync(path, "latin1").split(/\r?\n/);
    return all.filter((line) => format.holds(line)).map((line) => ({ path, line }));
  });
  const theirs = await format.read(lines.map(({ line }) => line));
  for (const [path, own] of Map.groupBy(lines.keys(), (at) => lines[at]?.path ?? "")) {
    counts.files.add(path);
    const texts = own.map((at) => lines[at]?.line ?? "");
    const rows = await rowsOfLines(texts, format.pattern);
    for (const [index, at] of own.entries())
      compareLine(`${packages.shown(path)} as ${format.pattern}`, texts[index] ?? "", [rows[index], theirs[at] ?? {}]);
  }
}

function compareLine(name: string, line: string, [row, wanted]: [FoundRow | undefined, Wanted]): void {
  if (row === undefined) {
    counts.refused++;
    console.log(`${name}: refused, ${line.slice(0, 200)}`);
    return;
  }
  counts.rows++;
  for (const [field, text] of Object.entries(wanted)) {
    const own = fieldOf(row, field);
    if (text === undefined || own === text) continue;
    counts.differences++;
    console.log(`${name}: ${field} is ${JSON.stringify(own)}, wanted ${JSON.stringify(text)}: ${line.slice(0, 200)}`);
  }
}

/** Undefined for lines that are refused. */
async function rowsOfLines(lines: readonly string[], pattern: string): Promise<(FoundRow | undefined)[]> {
  const path = join(packages.folder, "lines");
  const left = [...lines.keys()];
  const rows: (FoundRow | undefined)[] = lines.map(() => undefined);
  for (;;) {
    writeFileSync(path, left.map((at) => lines[at]).join("\n"), "latin1");
    const found = left.length === 0 ? [] : await rowsOf(path, { from: "lines", pattern, encoding: "latin1" });
    if (!(found instanceof RowmillError)) {
      for (const [index, at] of left.entries()) rows[at] = found[index];
      return rows;
    }
    if (found.place?.line === undefined) throw found;
    left.splice(found.place.line - 1, 1);
  }
}

function fieldOf(row: FoundRow, field: string): string {
  const fields = row as Record<string, string | number | null>;
  if (field !== "request") return `${fields[field] ?? ""}`;
  return [fields["method"], fields["path"], fields["protocol"]].filter((text) => text !== "").join(" ");
}
