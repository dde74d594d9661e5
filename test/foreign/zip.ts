/**
 * Archives of zip that others have made, member by member against a second reader, the `zipfile` of Python: wheels and jars of
 * packages of Debian, and what libraries of npm and programs of this machine write.
 *
 *     bun test/foreign/zip.ts [FILE …]
 *
 * Fetches the packages into a folder for the moment, and compares further archives that are named. Ends with exit code 1 where
 * a member differs. Needs apt-get, dpkg-deb and Python.
 */
import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { $ } from "bun";
import { readInput } from "../io/read-input.ts";
import { Packages } from "./packages.ts";

const DEBIAN = [
  "python3-pip-whl",
  "python3-setuptools-whl",
  "python3-wheel-whl",
  "junit4",
  "ant",
  "libhamcrest-java",
  "libcommons-lang3-java",
  "libjsoup-java",
  "liblog4j2-java",
  "libreoffice-common",
];
const NPM = { yazl: "3.3.1", archiver: "7.0.1", jszip: "3.10.1", fflate: "0.8.3", "adm-zip": "0.5.16" };

/** Prints what each member of an archive holds: its name, and a digest of its bytes. */
const SECOND_READER = `
import hashlib, json, struct, sys, zipfile
def name(info):
    # Info-ZIP writes a name in UTF-8 beside the one in a code page, where Python does not look.
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == 0x7075: return extra[9:4 + size].decode()
        extra = extra[4 + size:]
    # Without either, where the locale knows no other letters, the bytes are those of the file's name.
    try: return info.filename if info.flag_bits & 0x800 else info.filename.encode("cp437").decode()
    except UnicodeError: return info.filename
with zipfile.ZipFile(sys.argv[1]) as archive:
    print(json.dumps({name(info): hashlib.sha256(archive.read(info)).hexdigest() for info in archive.infolist() if not info.is_dir()}))
`;

/** What is used of the libraries that write. */
interface Yazl {
  ZipFile: new () => {
    outputStream: NodeJS.ReadableStream;
    addBuffer(data: Buffer, name: string, options?: object): void;
    end(options?: object): void;
  };
}
type Archiver = (
  kind: "zip",
  options: object,
) => { pipe(to: NodeJS.WritableStream): void; append(data: Buffer, options: object): void; finalize(): Promise<void> };
type JsZip = new () => { file(name: string, data: Buffer): void; generateAsync(options: object): Promise<Buffer> };
interface Fflate {
  zipSync(files: Record<string, Uint8Array>, options: object): Uint8Array;
}
type AdmZip = new () => { addFile(name: string, data: Buffer): void; toBuffer(): Buffer };

const lines = Array.from({ length: 30_000 }, (_, row) => `${row},${(row * 7919) % 1000},Ærøskøbing ${row % 50}\n`);
/** What is packed, by the names of members. */
const MEMBERS: Record<string, Buffer> = {
  "rows.csv": Buffer.from(`id,n,city\n${lines.join("")}`),
  "folder/with space/één.csv": Buffer.from("a,b\n1,2\n"),
  "empty.csv": Buffer.alloc(0),
};

/** So many members of an archive are read at most, from its beginning to its end. */
const MOST_MEMBERS = 40;

const packages = new Packages();
const counts = { files: 0, members: 0, differences: 0 };
try {
  await Promise.all([packages.debian(DEBIAN), packages.npm(NPM)]);
  const made = join(packages.folder, "made");
  mkdirSync(made, { recursive: true });
  await writeByLibraries(made);
  await writeByPrograms(made);
  const found = packages.files(/(?:^debian\/.*\.(?:whl|jar|ott|otp|ots)|^made\/.*\.zip)$/);
  for (const path of [...found, ...process.argv.slice(2)]) await compare(path);
} finally {
  packages.remove();
}
console.log(`${counts.files} archives, ${counts.members} members, ${counts.differences} that differ`);
process.exitCode = counts.differences > 0 ? 1 : 0;

async function writeByLibraries(folder: string): Promise<void> {
  const module = async <T>(name: string): Promise<T> => ((await packages.module(name)) as { default: T }).default;
  const all = Object.entries(MEMBERS);
  const yazl = new (await module<Yazl>("yazl")).ZipFile();
  for (const [name, data] of all) yazl.addBuffer(data, name, { forceZip64Format: true });
  yazl.end({ forceZip64Format: true });
  await piped(yazl.outputStream, join(folder, "yazl.zip"));
  const archiver = (await module<Archiver>("archiver"))("zip", { zlib: { level: 9 } });
  const archived = createWriteStream(join(folder, "archiver.zip"));
  archiver.pipe(archived);
  for (const [name, data] of all) archiver.append(data, { name });
  await archiver.finalize();
  await finished(archived);
  const jsZip = new (await module<JsZip>("jszip"))();
  for (const [name, data] of all) jsZip.file(name, data);
  const streamed = { type: "nodebuffer", compression: "DEFLATE", streamFiles: true };
  writeFileSync(join(folder, "jszip-streamed.zip"), await jsZip.generateAsync(streamed));
  writeFileSync(join(folder, "jszip-stored.zip"), await jsZip.generateAsync({ type: "nodebuffer" }));
  const fflate = (await packages.module("fflate")) as Fflate;
  writeFileSync(join(folder, "fflate.zip"), fflate.zipSync(MEMBERS, { level: 6 }));
  const admZip = new (await module<AdmZip>("adm-zip"))();
  for (const [name, data] of all) admZip.addFile(name, data);
  writeFileSync(join(folder, "adm-zip.zip"), admZip.toBuffer());
}

async function piped(from: NodeJS.ReadableStream, path: string): Promise<void> {
  const to = createWriteStream(path);
  from.pipe(to);
  await finished(to);
}

/** Those that are installed. */
async function writeByPrograms(folder: string): Promise<void> {
  const inside = join(folder, "members");
  for (const [name, data] of Object.entries(MEMBERS)) await Bun.write(join(inside, name), data);
  const commands = {
    zip: $`zip -qr ../info-zip.zip . && cat rows.csv | zip -q ../info-zip-stream.zip -`,
    "7z": $`7z a -bso0 ../7z.zip .`,
    bsdtar: $`bsdtar -a -cf ../bsdtar.zip .`,
    jar: $`jar -cf ../jar.zip .`,
    python3: $`python3 -m zipfile -c ../python.zip .`,
  };
  for (const [program, command] of Object.entries(commands)) {
    if (Bun.which(program) === null) console.log(`${program} is not installed`);
    else await command.cwd(inside).quiet();
  }
}

/** Reads all members of an archive, by its name with an end that tells it. */
async function compare(path: string): Promise<void> {
  const archive = path.endsWith(".zip") ? path : join(packages.folder, `archive-${counts.files}.zip`);
  if (archive !== path) {
    rmSync(archive, { force: true });
    symlinkSync(path, archive);
  }
  counts.files++;
  const members = JSON.parse(await $`python3 -c ${SECOND_READER} ${archive}`.text()) as Record<string, string>;
  // A name that is a pattern stands for others.
  const all = Object.entries(members).filter(([member]) => !/[*?[\]{}]/.test(member));
  const every = Math.ceil(all.length / MOST_MEMBERS);
  for (const [member, wanted] of all.filter((_, at) => at % every === 0)) {
    counts.members++;
    const { bytes, error } = await readInput(`${archive}#${member}`);
    const own = createHash("sha256").update(bytes).digest("hex");
    if (own === wanted && error === undefined) continue;
    if (counts.differences++ < 20) console.log(`${packages.shown(path)}#${member}: ${error?.message ?? "other bytes"}`);
  }
}
