/** How the pages of a file are packed. What the kernel does not unpack, the runtime does. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { messageOf } from "../../errors.ts";
import { Damage } from "./damage.ts";
import type { Kernel, Range } from "./kernel.ts";

type Unpack = (packed: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;

const BY_RUNTIME: Readonly<Record<string, Unpack>> = {
  GZIP: gunzipSync,
  ZSTD: zstdDecompressSync,
  BROTLI: brotliDecompressSync,
};

/**
 * Unpacks bytes of the kernel's memory to another place in it.
 *
 * @throws {Damage} Where that does not make exactly as many bytes as there is place for.
 */
export function unpack(kernel: Kernel, codec: string, packed: Range, to: Range): void {
  const size = to.to - to.from;
  // Nothing may have been packed as nothing.
  if (size === 0) return;
  if (codec === "UNCOMPRESSED") {
    if (packed.to - packed.from !== size) throw new Damage(`a page is not as long as it says`);
    kernel.bytes.copyWithin(to.from, packed.from, packed.to);
    return;
  }
  if (codec === "SNAPPY" || codec === "LZ4_RAW") {
    if (!kernel.uncompress(codec === "SNAPPY" ? "snappy" : "lz4", packed, to)) throw spoilt(codec);
    return;
  }
  if (codec === "LZ4") {
    if (!unpackFrames(kernel, packed, to) && !kernel.uncompress("lz4", packed, to)) throw spoilt(codec);
    return;
  }
  const byRuntime = BY_RUNTIME[codec];
  if (byRuntime === undefined) throw new Damage(`it is packed by ${codec}, which is not read`);
  let bytes: Uint8Array;
  try {
    bytes = byRuntime(kernel.bytes.subarray(packed.from, packed.to), { maxOutputLength: size });
  } catch (error) {
    throw new Damage(`a page cannot be unpacked by ${codec} (${messageOf(error)})`);
  }
  if (bytes.length !== size) throw spoilt(codec);
  kernel.bytes.set(bytes, to.from);
}

function spoilt(codec: string): Damage {
  return new Damage(`a page cannot be unpacked by ${codec}`);
}

/** LZ4 as Hadoop writes it: before each block stand how many bytes it makes, and how many it has. */
function unpackFrames(kernel: Kernel, packed: Range, to: Range): boolean {
  const { bytes } = kernel;
  let [from, at] = [packed.from, to.from];
  while (packed.to - from >= 8) {
    const [size, length] = [bytes.readUInt32BE(from), bytes.readUInt32BE(from + 4)];
    from += 8;
    if (length > packed.to - from || size > to.to - at) return false;
    if (!kernel.uncompress("lz4", { from, to: from + length }, { from: at, to: at + size })) return false;
    from += length;
    at += size;
  }
  return from === packed.to && at === to.to;
}
