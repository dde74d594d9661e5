/** The role of a thread that makes SHA-256 of files, some of them while others still read them. */
import { closeSync, openSync, readSync } from "node:fs";

/** What the thread hears. `digest` is the number of one of its digests. */
export type ToDigests =
  /** The next bytes of a digest, in a file that is open: from an offset of it up to another one. */
  | { type: "range"; digest: number; fd: number; from: number; to: number }
  /** A whole file. */
  | { type: "file"; digest: number; path: string }
  /** Nothing is added any more: it is to be told. */
  | { type: "end"; digest: number };

/** What it says of a digest that has ended; nothing but its number where it could not be made. */
export interface FromDigests {
  type: "digest";
  digest: number;
  made?: FileDigest;
}

export interface FileDigest {
  bytes: number;
  /** In hexadecimal. */
  sha256: string;
}

/** Small enough for what was read to be in the cache of the core when its digest is made. */
const PIECE_BYTES = 256 * 1024;

/** One for all that is read, as it is touched for each piece. */
let buffer: Buffer | undefined;

/** A digest on its way. */
class OpenDigest {
  readonly #hasher = new Bun.CryptoHasher("sha256");
  #bytes = 0;

  addRange(fd: number, from: number, to: number): void {
    for (const piece of readPieces({ fd, from, to })) {
      this.#hasher.update(piece);
      this.#bytes += piece.length;
    }
  }

  addFile(path: string): void {
    const fd = openSync(path, "r");
    try {
      this.addRange(fd, 0, Number.POSITIVE_INFINITY);
    } finally {
      closeSync(fd);
    }
  }

  end(): FileDigest {
    return { bytes: this.#bytes, sha256: this.#hasher.digest("hex") };
  }
}

/** The digest of a whole file; throws as `openSync` and `readSync` do. */
export function digestOfFile(path: string): FileDigest {
  const digest = new OpenDigest();
  digest.addFile(path);
  return digest.end();
}

export function serveDigests(
  post: (message: FromDigests, transfer: ArrayBuffer[]) => void,
): (message: { type: string }) => void {
  /** Undefined of one that could not be read. */
  const open = new Map<number, OpenDigest | undefined>();
  return (message) => {
    const said = message as ToDigests;
    const { digest } = said;
    if (!open.has(digest)) open.set(digest, new OpenDigest());
    const made = open.get(digest);
    if (said.type === "end") {
      open.delete(digest);
      post({ type: "digest", digest, ...(made !== undefined && { made: made.end() }) }, []);
      return;
    }
    try {
      if (said.type === "range") made?.addRange(said.fd, said.from, said.to);
      else made?.addFile(said.path);
    } catch {
      open.set(digest, undefined);
    }
  };
}

/** Bytes of a file, piece by piece, up to its end at most. A piece is valid until the next, of whatever file. */
export function* readPieces({ fd, from, to }: { fd: number; from: number; to: number }): Generator<Uint8Array> {
  buffer ??= Buffer.allocUnsafe(PIECE_BYTES);
  for (let at = from; at < to;) {
    const got = readSync(fd, buffer, 0, Math.min(buffer.length, to - at), at);
    if (got === 0) return;
    yield buffer.subarray(0, got);
    at += got;
  }
}
