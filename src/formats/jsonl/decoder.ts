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

/** Bytes that are decoded and parsed at once. */
const PARSED_BYTES = 256 * 1024;

export interface JsonlDecoderOptions {
  /** Bytes that are not UTF-8 become U+FFFD, and fail no row. */
  replacesInvalid: boolean;
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
export const decodeJsonl: MakeDecoder = (memory, { replacesInvalid, blockBytes }, file) => {
  const { reads, copiesRows, keepsSpelling, looksAt, internsTexts } = file;
  const size = blockBytes === undefined ? {} : { blockBytes };
  return jsonlDecoder(kernelOf(memory), {
    replacesInvalid,
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
  if (reads !== undefined && reads.size <= MAX_INDEXED_KEYS) {
    const lines = new IndexedLines(kernel, { ...options, reads: [...reads] });
    return {
      loadsByPieces: true,
      *blocks(start, end, load) {
        for (let at = start; at < end;) {
          const size = blockBytes ?? BLOCK_BYTES;
          const range = { start: at, end: behindLines(kernel, { start: at, end }, { size, load }) };
          at = lines.index(range);
          yield lines.block(range.start, at);
        }
      },
    };
  }
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
