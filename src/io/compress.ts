/** Compresses a stretch of output: in a thread of its own, or where it is short at once. */
import type { Compression } from "./compression.ts";

/**
 * As small as `gzip -6` makes it, four times as fast (libdeflate: 59 MB/s a core here). zstd's own default is as small,
 * and three times as fast again.
 */
const LEVELS = { gzip: 6, zstd: 3 } as const;

/** A gzip member or a zstd frame that holds these bytes. */
export function compress(bytes: Uint8Array<ArrayBuffer>, compression: Compression): Uint8Array<ArrayBuffer> {
  return compression === "gzip"
    ? Bun.gzipSync(bytes, { level: LEVELS.gzip, library: "libdeflate" })
    : new Uint8Array(Bun.zstdCompressSync(bytes, { level: LEVELS.zstd }));
}

/** Bytes on their way to a thread that compresses, and back. */
export interface MemberMessage {
  type: "member";
  bytes: Uint8Array<ArrayBuffer>;
}

/** What a thread does that compresses: bytes come, and what they are compressed to goes back. */
export function serveCompression(
  compression: Compression,
  post: (answer: MemberMessage, transfer: ArrayBuffer[]) => void,
): (message: { type: string }) => void {
  return (message) => {
    const bytes = compress((message as MemberMessage).bytes, compression);
    post({ type: "member", bytes }, [bytes.buffer]);
  };
}
