/** What a zip archive holds, by the directory at its end: the only place that says it for certain. */
import { fstatSync, read, readSync } from "node:fs";
import type { Entry, RandomAccessReader } from "yauzl";
import { RowmillError, messageOf } from "../../errors.ts";

/** A file in an archive. */
export interface ZipMember {
  name: string;
  /** Where its own header stands in the archive. */
  headerOffset: number;
  /** Bytes in the archive, and when it is unpacked. */
  packedBytes: number;
  bytes: number;
  /** CRC-32 of what is unpacked. */
  crc: number;
  /** A number of the format's own (APPNOTE 4.4.5). */
  method: number;
  isEncrypted: boolean;
}

/** How an archive begins: with a member, or, where it has none, with the end of its directory. */
const STARTS: ReadonlySet<string> = new Set(["PK\x03\x04", "PK\x05\x06", "PK\x07\x08"]);

/** Names are in UTF-8. */
const UTF8_FLAG = 0x800;
/** A name in UTF-8 beside one that is not. */
const UNICODE_NAME = 0x7075;

/** Whether a file begins as an archive does. */
export function isArchive(fd: number): boolean {
  const start = Buffer.alloc(4);
  return readSync(fd, start, 0, start.length, 0) === start.length && STARTS.has(start.toString("latin1"));
}

/**
 * Reads the directory of an archive. Folders are no members.
 *
 * @param archive Its name, for messages.
 * @throws {RowmillError} `input`, when it is damaged.
 */
export async function readDirectory(fd: number, archive: string): Promise<ZipMember[]> {
  const { RandomAccessReader, fromRandomAccessReaderPromise, getFileNameLowLevel } = await import("yauzl");
  const members: ZipMember[] = [];
  try {
    // Nothing is written where a name says: no name is refused.
    const options = { autoClose: false, decodeStrings: false, validateEntrySizes: false };
    const zip = await fromRandomAccessReaderPromise(
      readerOf(fd, class extends RandomAccessReader {}),
      fstatSync(fd).size,
      options,
    );
    for await (const entry of zip.eachEntry()) {
      const { generalPurposeBitFlag: flags, fileNameRaw, extraFields } = entry;
      const isUtf8 = (flags & UTF8_FLAG) !== 0 || extraFields.some(({ id }) => id === UNICODE_NAME);
      const name = isUtf8 ? undefined : utf8Name(fileNameRaw);
      members.push(memberOf(entry, name ?? getFileNameLowLevel(flags, fileNameRaw, extraFields, false)));
    }
  } catch (error) {
    throw new RowmillError("input", `cannot read ${archive}: ${why(messageOf(error))}`, {
      hint: "copy it again from where it came from; unzip -t tells whether it is whole",
      cause: error,
    });
  }
  return members.filter(({ name }) => !name.endsWith("/"));
}

function why(reason: string): string {
  if (reason.startsWith("End of central directory")) return "its end is missing";
  return reason.includes("encryption") ? "its directory is encrypted" : `its directory is damaged (${reason})`;
}

/**
 * What the library reads a file by. Its own reader throws where nobody catches it, when an archive names a place that no file
 * has.
 */
function readerOf(fd: number, Reader: new () => RandomAccessReader): RandomAccessReader {
  const reader = new Reader();
  reader.read = (buffer, offset, length, position, callback) => {
    if (!Number.isSafeInteger(position)) callback(new Error("it names a place that is not there"));
    else read(fd, buffer, offset, length, position, callback);
  };
  return reader;
}

function memberOf(entry: Entry, name: string): ZipMember {
  return {
    name,
    headerOffset: entry.relativeOffsetOfLocalHeader,
    packedBytes: entry.compressedSize,
    bytes: entry.uncompressedSize,
    crc: entry.crc32,
    method: entry.compressionMethod,
    isEncrypted: entry.isEncrypted(),
  };
}

/** Many programs write UTF-8 and do not say so. In the code page that counts otherwise, such bytes make no names. */
function utf8Name(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replaceAll("\\", "/");
  } catch {
    return undefined;
  }
}
