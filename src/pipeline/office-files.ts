/**
 * Files of Office that are no workbook as it is read, told by what is in them: archives, and the compound files of before,
 * begin alike whatever they hold.
 */
import { readSync } from "node:fs";
import type { OpenInput } from "../io/open-input.ts";
import { type FileKind, refuseKind } from "./file-kinds.ts";

const ARCHIVE = "PK\x03\x04";
const COMPOUND = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

const SAVE = "save it as .xlsx: libreoffice --headless --convert-to xlsx FILE";

/** By the names of members of archives. */
const IN_ARCHIVE: ReadonlyMap<string, FileKind> = new Map([
  ["xl/workbook.bin", { what: "a binary workbook of Excel (.xlsb)", hint: SAVE }],
  ["word/document.xml", { what: "a document of Word", hint: "save its table as CSV" }],
  ["ppt/presentation.xml", { what: "a presentation of PowerPoint", hint: "save its table as CSV" }],
  ["content.xml", { what: "an OpenDocument file", hint: SAVE }],
]);

/** By the names of streams of compound files: what is encrypted holds no other ones. */
const IN_COMPOUND: ReadonlyMap<string, FileKind> = new Map([
  [
    "EncryptedPackage",
    {
      what: "encrypted with a password",
      hint: "open it with the password, and save it without one",
    },
  ],
  ["Workbook", { what: "an old Excel workbook (.xls)", hint: SAVE }],
  ["Book", { what: "an old Excel workbook (.xls)", hint: SAVE }],
  ["WordDocument", { what: "an old document of Word", hint: "save its table as CSV" }],
]);

/** Whether a file is an archive with a member of this name. */
export async function hasMember(input: OpenInput, name: string): Promise<boolean> {
  return (await membersOf(input)).has(name);
}

/**
 * Refuses files of Office that are not read.
 *
 * @throws {RowmillError} `input`, naming the kind.
 */
export async function refuseOffice(input: OpenInput): Promise<void> {
  const names = new Set([...(await membersOf(input)), ...streamsOf(input)]);
  const kinds = new Map([...IN_ARCHIVE, ...IN_COMPOUND]);
  for (const [name, kind] of kinds) if (names.has(name)) refuseKind({ name: input.name, compression: undefined }, kind);
}

function startsWith({ file }: OpenInput, signature: string): boolean {
  if (file === undefined) return false;
  const head = Buffer.alloc(signature.length);
  try {
    return readSync(file.fd, head, 0, head.length, 0) > 0 && head.toString("latin1") === signature;
  } catch {
    // What cannot be read is said by what reads it.
    return false;
  }
}

/** The names of members of an archive; of one that is damaged, and of anything else, none. */
async function membersOf(input: OpenInput): Promise<Set<string>> {
  if (input.file === undefined || !startsWith(input, ARCHIVE)) return new Set();
  const { readDirectory } = await import("../io/zip/zip-directory.ts");
  try {
    return new Set((await readDirectory(input.file.fd, input.name)).map(({ name }) => name));
  } catch {
    // Whoever reads it says what is wrong with it.
    return new Set();
  }
}

/** Where the header of a compound file has the size of its sectors, and the first one of its directory. */
const SHIFT_AT = 30;
const DIRECTORY_AT = 48;
const HEADER_BYTES = 512;
/** An entry of the directory: its name in UTF-16, and behind that the bytes of it. */
const ENTRY_BYTES = 128;
const NAME_BYTES = 64;
/** What a compound file is shows in the first entries. */
const ENTRIES = 32;

/** The names of the first streams of a compound file. */
function streamsOf(input: OpenInput): Set<string> {
  const names = new Set<string>();
  if (input.file === undefined || !startsWith(input, COMPOUND)) return names;
  const { fd } = input.file;
  const header = Buffer.alloc(HEADER_BYTES);
  if (readSync(fd, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return names;
  const at = (header.readUInt32LE(DIRECTORY_AT) + 1) * 2 ** header.readUInt16LE(SHIFT_AT);
  const entries = Buffer.alloc(ENTRY_BYTES * ENTRIES);
  const bytes = at < input.file.size ? readSync(fd, entries, 0, entries.length, at) : 0;
  for (let entry = 0; entry + ENTRY_BYTES <= bytes; entry += ENTRY_BYTES) {
    const length = entries.readUInt16LE(entry + NAME_BYTES);
    if (length >= 2 && length <= NAME_BYTES) names.add(entries.toString("utf16le", entry, entry + length - 2));
  }
  return names;
}
