/** Compresses a stretch of output: in a thread of its own, or at once where it is short. */
import { packBlocks } from "./bgzf/pack-blocks.ts";
import type { OutputCompression } from "./compression.ts";

/** libdeflate's levels. 6 is as small as `gzip -6`, four times as fast (62 MB/s a core here). */
const GZIP_LEVEL = 6;
/** A quarter faster. It is as small on most data (1 % to 4 % more than `gzip -6`), but not on all: up to 8 % more. */
const FAST_GZIP_LEVEL = 5;
/** zstd's own default. */
const ZSTD_LEVEL = 3;

/** The level is chosen by this many bytes from the start of the output. */
const SAMPLE_BYTES = 256 * 1024;
/**
 * A quick result may be this much larger than that of the runtime's zlib, which is itself up to 6 % larger than
 * `gzip -6`.
 */
const MOST_OF_ZLIB = 1.01;

/** How an output is compressed that begins like this. It takes 8 ms, and depends on nothing but these bytes. */
export function settingsFor(start: Uint8Array<ArrayBuffer>, compression: OutputCompression): CompressionSettings {
  if (compression === "zstd") return { compression, level: ZSTD_LEVEL };
  const sample = start.subarray(0, SAMPLE_BYTES);
  const fast = Bun.gzipSync(sample, { level: FAST_GZIP_LEVEL, library: "libdeflate" }).length;
  const usual = Bun.gzipSync(sample, { level: GZIP_LEVEL, library: "zlib" }).length;
  return { compression, level: fast <= usual * MOST_OF_ZLIB ? FAST_GZIP_LEVEL : GZIP_LEVEL };
}

/** How bytes are compressed. */
export type CompressionSettings =
  | { compression: "gzip" | "bgzf"; level: typeof FAST_GZIP_LEVEL | typeof GZIP_LEVEL }
  | { compression: "zstd"; level: typeof ZSTD_LEVEL };

/** Compresses bytes to one gzip member, one zstd frame, or blocks of BGZF. */
export function compress(bytes: Uint8Array<ArrayBuffer>, settings: CompressionSettings): Uint8Array<ArrayBuffer> {
  const { compression, level } = settings;
  if (compression === "zstd") return new Uint8Array(Bun.zstdCompressSync(bytes, { level }));
  return compression === "bgzf" ? packBlocks(bytes, level) : Bun.gzipSync(bytes, { level, library: "libdeflate" });
}

/** Bytes on their way to a thread that compresses, and back. */
export interface MemberMessage {
  type: "member";
  bytes: Uint8Array<ArrayBuffer>;
}

/** The role of a thread that compresses: bytes come in, and go back compressed. */
export function serveCompression(
  settings: CompressionSettings,
  post: (answer: MemberMessage, transfer: ArrayBuffer[]) => void,
): (message: { type: string }) => void {
  return (message) => {
    const bytes = compress((message as MemberMessage).bytes, settings);
    post({ type: "member", bytes }, [bytes.buffer]);
  };
}
