/** What stands at the end of a Parquet file: its columns, and where the values of each lie. */
import { type FileMetaData, parquetMetadata } from "hyparquet";
import { RowmillError, messageOf } from "../../errors.ts";
import type { PlacedFile } from "./file.ts";

const MAGIC = "PAR1";
/** Files of which the footer is encrypted. */
const ENCRYPTED_MAGIC = "PARE";
/** Behind the footer stand its length and the magic word. */
const TAIL_BYTES = 8;

/**
 * How many bytes the footer takes, with what stands behind it; these last bytes of the file must be at hand.
 *
 * @throws {RowmillError} `input`, where it is no whole Parquet file.
 */
export function footerBytes(file: PlacedFile): number {
  const tail = Buffer.alloc(TAIL_BYTES);
  if (file.size < MAGIC.length + TAIL_BYTES) throw cut(file, `it is only ${file.size} bytes long`);
  file.read(file.size - TAIL_BYTES, tail, { at: 0, length: TAIL_BYTES });
  const magic = tail.toString("latin1", 4);
  if (magic === ENCRYPTED_MAGIC) {
    throw new RowmillError("input", `cannot read ${file.name}: it is encrypted`, {
      hint: "write it without encryption first",
    });
  }
  if (magic !== MAGIC) throw cut(file, `it does not end with ${MAGIC}, as Parquet files do`);
  const length = tail.readUInt32LE(0);
  if (length > file.size - MAGIC.length - TAIL_BYTES)
    throw cut(file, `its footer is said to take ${length} bytes, which the file has not`);
  return length + TAIL_BYTES;
}

/** What a footer says, and a checksum of it. */
interface Footer {
  metadata: FileMetaData;
  digest: number;
}

/** @throws {RowmillError} `input`, where it is no whole Parquet file. */
export function readFooter(file: PlacedFile): Footer {
  const footer = Buffer.alloc(footerBytes(file));
  file.read(file.size - footer.length, footer, { at: 0, length: footer.length });
  try {
    const metadata = parquetMetadata(footer, { parsers: AS_KEPT, geoparquet: false });
    return { metadata, digest: Bun.hash.crc32(footer) };
  } catch (error) {
    throw damaged(file, messageOf(error), error);
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bounds of values as they are kept, and not as dates. A text that was cut within a character is none. */
const AS_KEPT = {
  dateFromDays: (days: number): number => days,
  timestampFromMilliseconds: (parts: bigint): bigint => parts,
  timestampFromMicroseconds: (parts: bigint): bigint => parts,
  timestampFromNanoseconds: (parts: bigint): bigint => parts,
  stringFromBytes: (bytes: Uint8Array): string | undefined => {
    try {
      return utf8.decode(bytes);
    } catch {
      return undefined;
    }
  },
};

function cut(file: PlacedFile, why: string): RowmillError {
  return new RowmillError("input", `cannot read ${file.name}: ${why}`, {
    hint: "it was cut off, or is no Parquet file: fetch or write it again",
  });
}

/** The footer says what cannot be. */
export function damaged(file: PlacedFile, why: string, cause?: unknown): RowmillError {
  return new RowmillError("input", `cannot read ${file.name}: its footer is damaged (${why})`, {
    hint: "fetch or write the file again",
    ...(cause !== undefined && { cause }),
  });
}
