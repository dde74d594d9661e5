/** Turns lines of JSON into rows, on the worker's side. Each line fails on its own. */
import type { Decoder } from "../format.ts";
import type { Kernel } from "../kernel/host.ts";
import { IndexedLines, MAX_INDEXED_KEYS } from "./indexed-lines.ts";
import { parseBlock } from "./parsed-lines.ts";

const LF = 10;
/** Bytes that are decoded and parsed at once. */
const PARSED_BYTES = 256 * 1024;
/** Bytes that are indexed at once: they are still in the second-level cache when values are cut from them. */
const INDEXED_BYTES = 64 * 1024;

export interface JsonlDecoderOptions {
  /** Bytes that are not UTF-8 become U+FFFD, and fail no row. */
  replacesInvalid: boolean;
  blockBytes?: number;
  /** The keys that are read, undefined for all: values of others are not made. */
  reads?: ReadonlySet<string> | undefined;
  /** Rows that nobody changes are written by copying their bytes. */
  copiesRows?: boolean;
}

export function jsonlDecoder(kernel: Kernel, options: JsonlDecoderOptions): Decoder {
  const { reads, replacesInvalid } = options;
  if (reads !== undefined && reads.size <= MAX_INDEXED_KEYS) {
    const lines = new IndexedLines(kernel, { ...options, reads: [...reads] });
    return {
      *blocks(start, end) {
        for (let at = start; at < end;) {
          const range = { start: at, end: behindLines(kernel.bytes, at, end, options.blockBytes ?? INDEXED_BYTES) };
          at = lines.index(range);
          yield lines.block(range.start, at);
        }
      },
    };
  }
  return {
    *blocks(start, end) {
      for (let at = start; at < end;) {
        const blockEnd = behindLines(kernel.bytes, at, end, options.blockBytes ?? PARSED_BYTES);
        yield parseBlock(kernel.bytes.subarray(at, blockEnd), replacesInvalid);
        at = blockEnd;
      }
    },
  };
}

/** Where about so many bytes of whole lines from `at` on end. */
function behindLines(bytes: Buffer, at: number, end: number, size: number): number {
  const wanted = Math.min(end, at + size);
  const feed = wanted === end ? end - 1 : bytes.lastIndexOf(LF, wanted - 1);
  const next = feed >= at ? feed : bytes.indexOf(LF, wanted);
  return next < 0 || next >= end ? end : next + 1;
}
