/** Archives whose bytes depend on what is in them alone: no time of the build, no user, no order of a folder. */
import { crc32, deflateRawSync } from "node:zlib";

/** A file of an archive. */
export interface Member {
  name: string;
  bytes: Uint8Array;
  /** Whether it is a program. */
  isProgram?: boolean;
}

const BLOCK = 512;
const NAME_BYTES = 100;

/** A tar archive (ustar) of files, and of the folders that they are in; all of one time, in seconds. */
export function tar(members: readonly Member[], seconds: number): Buffer {
  const folders = new Set(
    members.flatMap(({ name }) =>
      name
        .split("/")
        .slice(0, -1)
        .map((_, at, parts) => `${parts.slice(0, at + 1).join("/")}/`),
    ),
  );
  const entries = [...[...folders].map((name): Member => ({ name, bytes: new Uint8Array() })), ...members];
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const blocks = sorted.flatMap(({ name, bytes, isProgram = false }) => {
    const isFolder = name.endsWith("/");
    const header = tarHeader(name, {
      size: bytes.length,
      mode: isFolder || isProgram ? 0o755 : 0o644,
      seconds,
      isFolder,
    });
    return [header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function tarHeader(name: string, facts: { size: number; mode: number; seconds: number; isFolder: boolean }): Buffer {
  if (Buffer.byteLength(name) > NAME_BYTES) throw new Error(`the name is too long for an archive: ${name}`);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, width: number): void => {
    header.write(`${value.toString(8).padStart(width - 1, "0")}\0`, at, "latin1");
  };
  header.write(name, 0);
  octal(facts.mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(facts.size, 124, 12);
  octal(facts.seconds, 136, 12);
  header.write(" ".repeat(8), 148, "latin1");
  header.write(facts.isFolder ? "5" : "0", 156, "latin1");
  header.write("ustar\u000000root", 257, "latin1");
  header.write("root", 297, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** 1980-01-01, the first day that a zip archive knows. */
const DAY_ONE = 0x21;
/** Unix, so that modes are known. */
const MADE_BY = 0x0314;
const VERSION = 20;
const DEFLATED = 8;

/** A zip archive of files. */
export function zip(members: readonly Member[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, isProgram = false } of members) {
    const packed = deflateRawSync(bytes, { level: 9 });
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(VERSION, 0);
    facts.writeUInt16LE(DEFLATED, 4);
    facts.writeUInt16LE(DAY_ONE, 8);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([word(LOCAL), facts, Buffer.from(name), packed]);
    const more = Buffer.alloc(14);
    more.writeUInt32LE(((isProgram ? 0o100755 : 0o100644) << 16) >>> 0, 6);
    more.writeUInt32LE(offset, 10);
    const madeBy = Buffer.alloc(2);
    madeBy.writeUInt16LE(MADE_BY);
    directory.push(Buffer.concat([word(CENTRAL), madeBy, facts, more, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, central, word(END), end]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/**
 * What `xz` makes of bytes: in one thread, because several make other blocks of them; with its filter for the code of a
 * processor, which saves 5 % of an executable. BusyBox, which is all that Alpine has, unpacks nothing that went through one.
 */
export function xz(
  bytes: Uint8Array,
  { level, processor }: { level: number; processor: "x86" | "arm64" | undefined },
): Buffer {
  const filter = processor === undefined ? [] : [`--${processor}`];
  const words = ["--threads=1", ...filter, `--lzma2=preset=${level}`, "--stdout"];
  const { exitCode, stdout, stderr } = Bun.spawnSync(["xz", ...words], {
    stdin: bytes,
    stdout: "pipe",
    stderr: "pipe",
  });
  if (exitCode !== 0) throw new Error(`xz: ${stderr.toString()}`);
  return stdout;
}
