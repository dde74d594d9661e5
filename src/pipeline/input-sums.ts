/** Checksums of what was read of the inputs: a quick one for `--resume`, and one to keep, for the log of a run. */
import { withoutSecrets } from "../errors.ts";
import { joinedCrc32 } from "../io/crc.ts";
import { readAgain } from "../io/files.ts";

/** How much of an input was read, and what it was. */
export interface InputHash {
  name: string;
  /** Bytes read. */
  bytes: number;
  /** SHA-256 of these bytes. */
  sha256: string;
}

interface OpenHash {
  name: string;
  bytes: number;
  digest: Bun.CryptoHasher;
}

export class InputSums {
  readonly #keepsHashes: boolean;
  #hashes: OpenHash[] = [];
  #crc = 0;
  /** Bytes so far, of all inputs. */
  bytes = 0;

  /** @param options Hashes to keep are slower than the reading: they are made only when they are wanted. */
  constructor({ keepsHashes }: { keepsHashes: boolean }) {
    this.#keepsHashes = keepsHashes;
  }

  /** CRC-32 of all bytes so far, of all inputs. */
  get crc(): number {
    return this.#crc;
  }

  /** The inputs that were opened, as far as hashes are kept. */
  get hashes(): InputHash[] {
    return this.#hashes.map(({ name, bytes, digest }) => ({ name, bytes, sha256: digest.copy().digest("hex") }));
  }

  /** What follows belongs to this input. */
  open(name: string): void {
    if (this.#keepsHashes)
      this.#hashes.push({ name: withoutSecrets(name), bytes: 0, digest: new Bun.CryptoHasher("sha256") });
  }

  /** The next bytes that are done with. */
  add(bytes: Uint8Array): void {
    this.#crc = Bun.hash.crc32(bytes, this.#crc);
    this.bytes += bytes.length;
    const hash = this.#hashes.at(-1);
    if (hash === undefined) return;
    hash.digest.update(bytes);
    hash.bytes += bytes.length;
  }

  /** The next bytes that others are done with. */
  join(crc: number, bytes: number): void {
    this.#crc = joinedCrc32(this.#crc, crc, bytes);
    this.bytes += bytes;
  }

  /** Bytes must be seen: there is a checksum that cannot be joined. */
  get needsBytes(): boolean {
    return this.#keepsHashes;
  }

  /** Starts again, as if these files had been read, the last one up to `offset`. */
  readAgain(names: readonly string[], offset: number): void {
    this.#crc = 0;
    this.bytes = 0;
    this.#hashes = [];
    for (const [index, name] of names.entries()) {
      this.open(name);
      for (const piece of readAgain(name, index === names.length - 1 ? offset : undefined)) this.add(piece);
    }
  }
}
