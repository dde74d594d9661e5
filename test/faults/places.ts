/**
 * One run in many places: namespaces, limits, file systems, old processors. It has its result there, or says in one message
 * what is missing, and leaves nothing that blocks the next run.
 *
 *     bun test/faults/places.ts [--rows 3000] [--only TEXT] [--binary PATH]
 *
 * What cannot be made here (it takes root, namespaces, a C compiler, an emulator) is said as not tried. Counts stand at the
 * end.
 */
import { chmodSync, copyFileSync, existsSync, linkSync, readFileSync } from "node:fs";
import type { Binary, Folder } from "../cli/binary.ts";
import { difference, runCommand } from "./harness.ts";

interface Place {
  name: string;
  /** A bash script that makes the place and runs `$RUN` in it. Where it fails before that, the place was not tried. */
  script: string;
  /** The command in `$RUN`. @default {@linkcode COMMAND} */
  command?: string;
  /** What it must come to: the same rows as anywhere. With `says`, that as well, on standard error. */
  gives?: "rows" | "nothing";
  code?: number;
  says?: RegExp;
  /** Commands that must then print nothing. */
  afterwards?: string;
}

const COMMAND = "./rowmill run t.ts in.csv -o out.csv -q -j 2";
const TRANSFORM = "export default ({ id, v }: Record<string, string>) => ({ id, w: Number(v) * 2 });\n";
/** Takes its time, and can be told from outside to go on. */
const SLOW = `import { existsSync } from "node:fs";
export default async ({ id, v }: Record<string, string>) => {
  while (id === "40" && !existsSync("go")) await Bun.sleep(5);
  return { id, w: Number(v) * 2 };
};
`;
const SLOW_COMMAND = "./rowmill run slow.ts in.csv -o out.csv -q -j 1 -b 10 --concurrency 1";
/** Its process is killed when the first rows are written. */
const KILLED = `${SLOW_COMMAND} & until [ -s out.csv.part ]; do sleep 0.05; done; kill -9 $!; wait $! 2> /dev/null || true; touch go`;

/** Refuses what some file systems refuse. */
const REFUSING = `
#include <errno.h>
#include <sys/types.h>
static int no(void) { errno = EPERM; return -1; }
int chmod(const char *p, mode_t m) { return no(); }
int fchmod(int f, mode_t m) { return no(); }
int fchmodat(int d, const char *p, mode_t m, int g) { return no(); }
int chown(const char *p, uid_t u, gid_t g) { return no(); }
int fchown(int f, uid_t u, gid_t g) { return no(); }
int fsync(int f) { return no(); }
int fdatasync(int f) { return no(); }
`;

const AS_SOMEBODY = "setpriv --reuid 54321 --regid 54321 --clear-groups --";
const NEEDS_ROOT = '[ "$(id -u)" = 0 ] || { echo "it takes root" >&2; exit 1; }; chmod 777 .;';
/** A control group of its own with a limit, by either version of them. */
const group = (controller: string, v1: string, v2: string, limit: string): string => `${NEEDS_ROOT}
  if [ -d /sys/fs/cgroup/${controller} ]; then at=/sys/fs/cgroup/${controller} file=${v1}; else at=/sys/fs/cgroup file=${v2}; fi
  mkdir $at/rowmill-$$; trap 'rmdir $at/rowmill-$$' EXIT
  echo ${limit} > $at/rowmill-$$/$file
  bash -c "echo \\$\\$ > $at/rowmill-$$/cgroup.procs && exec $RUN"`;

const PLACES: Place[] = [
  { name: "here", script: "$RUN" },
  { name: "a namespace of process numbers", script: "unshare -Urpf --mount-proc $RUN" },
  { name: "such a namespace, with the outer /proc", script: "unshare -Urpf $RUN" },
  { name: "a user namespace, as another user", script: "unshare -U --map-user=4321 --map-group=4321 $RUN" },
  { name: "a user without an entry and without HOME", script: `${NEEDS_ROOT} env -i PATH="$PATH" ${AS_SOMEBODY} $RUN` },
  {
    name: "a read-only root",
    script: `unshare -Urm bash -c 'mount --bind . . && cd "$PWD" && mount -o remount,bind,ro / && ! touch /x 2> /dev/null && $RUN'`,
  },
  {
    name: "no /proc",
    script: `${NEEDS_ROOT} unshare -m bash -c 'umount -l /proc && $RUN'`,
    gives: "nothing",
    code: 1,
    says: /^error: \/proc is not mounted/,
  },
  {
    name: "no /tmp",
    script: `unshare -Urm bash -c 'mount --bind . /mnt && cd /mnt && mount -t tmpfs -o ro,size=4k tmpfs /tmp && exec ./run'`,
  },
  {
    name: "few processes a user (ulimit -u 40), and -j 16",
    script: `${NEEDS_ROOT} ${AS_SOMEBODY} bash -c 'ulimit -u 40 && exec $RUN'`,
    command: "./rowmill run t.ts in.csv -o out.csv -j 16",
    says: /-j 16 is too many: the limit of 40 processes a user \(ulimit -u\) has room for \d+/,
  },
  {
    name: "too few processes a user (ulimit -u 9)",
    script: `${NEEDS_ROOT} ${AS_SOMEBODY} bash -c 'ulimit -u 9 && exec $RUN'`,
    gives: "nothing",
    code: 1,
    says: /^error: too few threads may be started: the limit of 9 processes a user/,
  },
  {
    name: "few processes in a control group, and -j 16",
    script: group("pids", "pids.max", "pids.max", "30"),
    command: "./rowmill run t.ts in.csv -o out.csv -j 16",
    says: /-j 16 is too many: the limit of 30 processes of its control group \(pids\.max\) has room for \d+/,
  },
  {
    name: "too few processes in a control group",
    script: group("pids", "pids.max", "pids.max", "10"),
    gives: "nothing",
    code: 1,
    says: /^error: too few threads may be started: the limit of 10 processes of its control group/,
  },
  {
    name: "a control group with 300 MB of memory",
    script: group("memory", "memory.limit_in_bytes", "memory.max", "300M"),
  },
  {
    name: "an overlay",
    script: `unshare -Urm bash -c 'mkdir lower over && mount -t tmpfs tmpfs over && mkdir over/up over/work && cp in.csv t.ts lower && mount -t overlay -o lowerdir=lower,upperdir=over/up,workdir=over/work,userxattr overlay /mnt && cp out.old /mnt/out.csv && $RUN && cp /mnt/out.csv out.csv'`,
    command: "./rowmill run /mnt/t.ts /mnt/in.csv -o /mnt/out.csv -q -j 2",
  },
  {
    name: "a tmpfs with no room, and then with room",
    script: `unshare -Urm bash -c 'mount -t tmpfs -o size=16k tmpfs /mnt && $RUN; cp stderr first; mount -o remount,size=16m /mnt && ./rowmill run t.ts in.csv -o /mnt/out.csv -q --resume; cp /mnt/out.csv out.csv; ls /mnt | grep -v "^out.csv$" >&2'`,
    command: "./rowmill run t.ts in.csv -o /mnt/out.csv -q",
    code: 1,
    says: /^error: cannot write \/mnt\/out\.csv: the disk is full/,
  },
  {
    name: "a mounted file as output",
    script: `unshare -Urm bash -c 'echo old > behind && touch out.csv && mount --bind behind out.csv && $RUN && cp behind copy && umount out.csv && cp copy out.csv'`,
  },
  {
    name: "a mounted file that is rewritten in place",
    script: `unshare -Urm bash -c 'cp in.csv behind && touch out.csv && mount --bind behind out.csv && $RUN && cp behind copy && umount out.csv && cp copy out.csv'`,
    command: "./rowmill run t.ts -i out.csv -q",
  },
  {
    name: "no chmod, chown and fsync",
    script: `printf '%s' "$REFUSING" > no.c && cc -shared -fPIC -o no.so no.c && cp out.old out.csv && chmod 640 out.csv && LD_PRELOAD="$PWD/no.so" $RUN`,
    afterwards: `find out.csv -perm /037`,
  },
  {
    name: "a file system that never answers, and Ctrl-C",
    script: `${NEEDS_ROOT} exec 3<> /dev/fuse
      unshare -m bash -c 'mkdir dead && mount -i -t fuse.dead -o fd=3,rootmode=40000,user_id=0,group_id=0 dead dead && dd bs=131072 count=1 of=asked <&3 2> /dev/null
        { printf "\\x50\\0\\0\\0\\0\\0\\0\\0"; dd if=asked bs=1 skip=8 count=8 2> /dev/null; printf "\\7\\0\\0\\0\\37\\0\\0\\0\\0\\0\\1\\0\\0\\0\\0\\0\\14\\0\\12\\0\\0\\0\\1\\0\\1\\0\\0\\0\\0\\0\\0\\0"; head -c 32 /dev/zero; } > answer && cat answer >&3 && $RUN'`,
    command: "timeout --preserve-status -s INT -k 2 2 ./rowmill run t.ts in.csv dead/more.csv -o out.csv -q",
    gives: "nothing",
    code: 130,
  },
  {
    name: "killed, and resumed at once",
    script: "$RUN",
    command: `{ ${KILLED}; ${SLOW_COMMAND} --resume; }`,
  },
  {
    name: "killed, and resumed in another container, which cannot know",
    script: `${KILLED}; unshare -Urpf --mount-proc $RUN`,
    command: `${SLOW_COMMAND} --resume`,
    gives: "nothing",
    code: 1,
    says: /belongs to process \d+ in another container, .*last heard of \d+ s ago/,
  },
  {
    name: "killed in a container, resumed outside, where all can be seen",
    script: `${NEEDS_ROOT} [ "$(readlink /proc/self/ns/pid)" = "pid:[4026531836]" ] || exit 1; unshare -pf --mount-proc bash -c '${KILLED}'; $RUN`,
    command: `${SLOW_COMMAND} --resume`,
  },
  {
    name: "killed, and resumed on another machine a minute later",
    script: `${NEEDS_ROOT} ${KILLED}; echo 11111111-2222-3333-4444-555555555555 > id; touch -d "2 minutes ago" out.csv.journal; unshare -m bash -c 'mount --bind id /proc/sys/kernel/random/boot_id && $RUN'`,
    command: `${SLOW_COMMAND} --resume`,
  },
  {
    name: "interrupted, and resumed on another machine at once",
    script: `${NEEDS_ROOT} ${SLOW_COMMAND} 2> first & until [ -s out.csv.part ]; do sleep 0.05; done; kill -TERM $!; wait $! || true; touch go
      echo 11111111-2222-3333-4444-555555555555 > id; unshare -m bash -c 'mount --bind id /proc/sys/kernel/random/boot_id && $RUN'`,
    command: `${SLOW_COMMAND} --resume`,
  },
  {
    name: "taken over by another machine while it slept",
    script: `${NEEDS_ROOT} { ${SLOW_COMMAND}; echo $? > first; } 2> taken & until [ -s out.csv.part ]; do sleep 0.05; done
      pid=$(sed -n 's/.*"pid":\\([0-9]*\\).*/\\1/p' out.csv.journal | head -1); kill -STOP $pid; touch go; touch -d "2 minutes ago" out.csv.journal
      echo 11111111-2222-3333-4444-555555555555 > id; unshare -m bash -c 'mount --bind id /proc/sys/kernel/random/boot_id && $RUN'
      kill -CONT $pid; wait; grep -q "another run has taken over out.csv" taken || cat taken >> stderr`,
    command: `${SLOW_COMMAND} --resume`,
    afterwards: `grep -v 1 first`,
  },
  {
    name: "an old file of somebody else, in a folder of the group",
    script: `${NEEDS_ROOT} mkdir team && cp out.old team/out.csv && chgrp 54399 team && chmod 2775 team && chown 12345:54399 team/out.csv && chmod 660 team/out.csv && setpriv --reuid 54321 --regid 54321 --groups 54399 -- $RUN && stat -c %g:%a team/out.csv | grep -v '^54399:660$' >&2; cp team/out.csv out.csv`,
    command: "./rowmill run t.ts in.csv -o team/out.csv -q",
  },
  {
    name: "a processor without AVX",
    script: `command -v qemu-x86_64-static > /dev/null && file=$(head -c 20 rowmill | od -An -tx1 -j18 -N1) && [ $file = 3e ] && $RUN`,
    command: "qemu-x86_64-static -cpu Westmere ./rowmill run t.ts in.csv -o out.csv -q",
    gives: "nothing",
    code: 1,
    says: /^error: this processor lacks AVX/,
  },
  {
    name: "a processor without SSE4.2",
    script: `command -v qemu-x86_64-static > /dev/null && file=$(head -c 20 rowmill | od -An -tx1 -j18 -N1) && [ $file = 3e ] && $RUN`,
    command: "qemu-x86_64-static -cpu qemu64 ./rowmill run t.ts in.csv -o out.csv -q",
    gives: "nothing",
    code: 1,
    says: /^error: this processor lacks SSE4\.2 or POPCNT/,
  },
];

function input(rows: number): string {
  return ["id,v", ...Array.from({ length: rows }, (_, id) => `${id + 1},${(id * 7919) % 1000}`), ""].join("\n");
}

function wanted(rows: number): string {
  return ["id,w", ...Array.from({ length: rows }, (_, id) => `${id + 1},${((id * 7919) % 1000) * 2}`), ""].join("\n");
}

/** What became of a place: it held, or could not be made. */
export type Outcome = { isTried: true } | { isTried: false; why: string };

/** The places whose names hold a text. */
export function placesNamed(text: string): readonly Place[] {
  return PLACES.filter(({ name }) => name.includes(text));
}

/**
 * Tries a place.
 *
 * @throws {Error} If the run in it did not do what it must.
 */
export async function tryPlace(binary: Binary, place: Place, rows: number): Promise<Outcome> {
  const { script, command = COMMAND, gives = "rows", code = 0, says, afterwards } = place;
  const folder = binary.folder({ "in.csv": input(rows), "t.ts": TRANSFORM, "slow.ts": SLOW, "out.old": "old\n" });
  putBinary(binary, folder);
  folder.write({ run: `#!/bin/bash\necho > began\n${command} > stdout 2> stderr < /dev/null\necho $? > code\n` });
  // Some places are another user's.
  for (const name of [folder.at("run"), folder.path, binary.root]) chmodSync(name, 0o755);
  const env = { RUN: folder.at("run"), REFUSING };
  const made = await folder.bash(script, { env });
  if (!existsSync(folder.at("began"))) return { isTried: false, why: made.stderr.trim().split("\n")[0] ?? "" };
  const fail = (why: string): never => {
    const stderr = existsSync(folder.at("stderr")) ? folder.read("stderr") : "";
    throw new Error(`${place.name}: ${why}\n${command}\n${stderr}${made.stderr}\nin ${folder.path}: ${script}`);
  };
  const found = readFileSync(folder.at("code"), "utf8").trim();
  if (found !== String(code)) fail(`exit code ${found}, wanted ${code}`);
  const stderr = existsSync(folder.at("first")) && code !== 0 ? folder.read("first") : folder.read("stderr");
  if (says === undefined ? stderr !== "" : !says.test(stderr)) fail(`it does not say what it must: ${stderr}`);
  if (/\$bunfs|Rowmill failed|Bun has crashed/.test(stderr)) fail("it shows its own code");
  if (gives === "rows") {
    const why = difference("out.csv", Buffer.from(folder.read("out.csv")), wanted(rows));
    if (why !== undefined) fail(why);
    const left = folder.names().filter((name) => /\.(?:part|journal|new)$/.test(name));
    if (left.length > 0) fail(`left behind: ${left.join(", ")}`);
  } else if (existsSync(folder.at("out.csv"))) fail("there is an output");
  if (afterwards !== undefined) {
    const after = await folder.bash(`${afterwards} || true`);
    if (after.stdout !== "" || after.stderr !== "") fail(`afterwards: ${after.stdout}${after.stderr}`);
  }
  return { isTried: true };
}

/** Beside the data, so that it is found in every place: as another name of the file, where that is possible. */
function putBinary(binary: Binary, folder: Folder): void {
  try {
    linkSync(binary.path, folder.at("rowmill"));
  } catch {
    copyFileSync(binary.path, folder.at("rowmill"));
  }
}

if (import.meta.main) {
  await runCommand({ rows: "3000", only: "" }, async ({ binary, number, text }) => {
    const counts = { held: 0, notTried: 0 };
    for (const place of placesNamed(text("only"))) {
      const outcome = await tryPlace(binary, place, number("rows"));
      counts[outcome.isTried ? "held" : "notTried"]++;
      console.log(
        `${outcome.isTried ? "held     " : "not tried"}  ${place.name}${outcome.isTried ? "" : `: ${outcome.why}`}`,
      );
    }
    console.log(`\n${counts.held} places held, ${counts.notTried} could not be made here`);
  });
}
