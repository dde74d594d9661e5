/** The two compressions that are read and written: how they are told, by name and by their first bytes. */
import { extname } from "node:path";

export type Compression = "gzip" | "zstd";

/** What an output is compressed with: BGZF is gzip that also says where its blocks are. */
export type OutputCompression = Compression | "bgzf";

const BGZF_EXTENSION = ".bgz";
const BY_EXTENSION: Readonly<Record<string, Compression>> = {
  ".gz": "gzip",
  [BGZF_EXTENSION]: "gzip",
  ".zst": "zstd",
};

const GZIP_MAGIC = [0x1f, 0x8b] as const;
const ZSTD_MAGIC = 0xfd2fb528;
/**
 * Skippable frames hold no data; the last four bits of their magic number are free (RFC 8878, 3.1.2). `pzstd` starts
 * with one.
 */
const ZSTD_SKIPPED_MAGIC = 0x184d2a50;

/** What an output of this name is to be compressed with. `isBgzf`: of gzip, that is wanted. */
export function outputCompression(path: string, isBgzf: boolean | undefined): OutputCompression | undefined {
  const compression = compressionByName(path);
  return compression === "gzip" && (isBgzf === true || path.toLowerCase().endsWith(BGZF_EXTENSION))
    ? "bgzf"
    : compression;
}

/** What a file of this name is compressed with. */
export function compressionByName(path: string): Compression | undefined {
  return BY_EXTENSION[extname(path).toLowerCase()];
}

/** The name that a file has without compression: of `a.csv.gz` that is `a.csv`. */
export function uncompressedName(path: string): string {
  return compressionByName(path) === undefined ? path : path.slice(0, -extname(path).length);
}

/** What bytes that begin like these are compressed with. Text in UTF-8 or UTF-16 never begins so. */
export function compressionByBytes(head: Buffer): Compression | undefined {
  if (head.length < 4) return undefined;
  if (head[0] === GZIP_MAGIC[0] && head[1] === GZIP_MAGIC[1]) return "gzip";
  return zstdFrameKind(head.readUInt32LE(0)) === undefined ? undefined : "zstd";
}

/** What a zstd frame with this magic number is; undefined when that is none. */
export function zstdFrameKind(magic: number): "data" | "skipped" | undefined {
  if (magic === ZSTD_MAGIC) return "data";
  return (magic & ~0xf) >>> 0 === ZSTD_SKIPPED_MAGIC ? "skipped" : undefined;
}
