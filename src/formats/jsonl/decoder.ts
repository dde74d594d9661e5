/** Turns lines of JSON into rows, on the worker's side. Each line fails on its own. */
import { BLOCK_BYTES } from "../block-bytes.ts";
import type { Decoder, MakeDecoder } from "../format.ts";
import { kernelOf } from "../memory.ts";
import { behindLines } from "../line-blocks.ts";
import type { LooksAt } from "../format.ts";
import type { Kernel } from "../kernel/host.ts";
import { MAX_INDEXED_KEYS } from "../indexed/object-code.ts";
import { IndexedLines } from "./indexed-lines.ts";
import { parseBlock } from "./parsed-lines.ts";

const LF = 10;

/** Bytes that are decoded and parsed at once. */
const PARSED_BYTES = 256 * 1024;

export interface JsonlDecoderOptions {
  /** Bytes that are not UTF-8 become U+FFFD, and fail no row. */
  replacesInvalid: boolean;
  /** @default no limit */
  maxRowBytes?: number;
  blockBytes?: number;
  /** The keys that are read, undefined for all: values of others are not made. */
  reads?: ReadonlySet<string> | undefined;
  /** Rows that nobody changes are written by copying their bytes. */
  copiesRows?: boolean;
  /** Blocks say where their objects lie, where the kernel is certain of all of them. */
  wantsObjects?: boolean;
  /** Short texts are strings that are made once. */
  internsTexts?: boolean;
  /** How rows are spelled is kept, where JSON.stringify would spell them otherwise. */
  keepsSpelling?: boolean;
  /** The keys whose values somebody looks at; undefined for all. */
  looksAt?: LooksAt | undefined;
}

/** Makes the decoder of an input: rows have no columns. */
export const decodeJsonl: MakeDecoder = (memory, { replacesInvalid, maxRowBytes, blockBytes }, file) => {
  const { reads, copiesRows, keepsSpelling, looksAt, internsTexts } = file;
  const size = blockBytes === undefined ? {} : { blockBytes };
  return jsonlDecoder(kernelOf(memory), {
    replacesInvalid,
    maxRowBytes,
    reads,
    copiesRows,
    wantsObjects: file.wantsFields,
    internsTexts,
    keepsSpelling,
    looksAt,
    ...size,
  });
};

export function jsonlDecoder(kernel: Kernel, options: JsonlDecoderOptions): Decoder {
  const { reads, replacesInvalid, blockBytes, copiesRows = false, keepsSpelling = false, looksAt } = options;
  if (reads !== undefined && reads.size <= MAX_INDEXED_KEYS) return indexingDecoder(kernel, options, [...reads]);
  return {
    loadsByPieces: true,
    *blocks(start, end, load) {
      for (let at = start; at < end;) {
        const blockEnd = behindLines(kernel, { start: at, end }, { size: blockBytes ?? PARSED_BYTES, load });
        yield parseBlock(kernel.bytes.subarray(at, blockEnd), {
          replacesInvalid,
          keepsSpelling,
          looksAt,
          reads: copiesRows ? undefined : reads,
        });
        at = blockEnd;
      }
    },
  };
}

/** Of few keys the kernel finds the values, and the rows with them. */
function indexingDecoder(kernel: Kernel, options: JsonlDecoderOptions, reads: readonly string[]): Decoder {
  const { blockBytes: size = BLOCK_BYTES, maxRowBytes = Number.POSITIVE_INFINITY } = options;
  const lines = new IndexedLines(kernel, { ...options, reads });
  return {
    loadsByPieces: true,
    *blocks(start, end, load) {
      for (let at = start; at < end;) {
        const { end: behind } = lines.index({
          start: at,
          end: behindLines(kernel, { start: at, end }, { size, load }),
        });
        yield lines.block(at, behind);
        at = behind;
      }
    },
    certify(start, end) {
      const most = Math.min(end, start + size);
      const feed = kernel.bytes.subarray(start, most).lastIndexOf(LF);
      if (feed < 0 || most - start > maxRowBytes) return undefined;
      const found = lines.index({ start, end: start + feed + 1 });
      const block = found.rows > 0 ? lines.block(start, found.end) : undefined;
      return { end: found.end, rows: found.rows, lines: found.lines, blanks: 0, block };
    },
  };
}
