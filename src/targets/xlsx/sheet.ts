/**
 * A sheet that is being written. Workers have made XML of its rows, each a line, in which a mark stands for the number of the
 * row, that only this thread knows. It is deflated in stretches of whole rows: which bytes come out does not depend on how
 * rows come.
 */
import { constants, deflateRawSync } from "node:zlib";
import { RowmillError } from "../../errors.ts";
import type { PackedMember } from "../../io/zip/zip-writer.ts";
import { columnsXml } from "./column-widths.ts";
import type { Spool, SpooledBytes } from "./spool.ts";

/** What stands for the number of a row: no text of XML has such a character. */
const MARK = 1;
const LF = 10;
/** So many rows a sheet of Excel has. */
const MAX_ROWS = 1_048_576;
/** A stretch ends with the row that makes it as long. */
const STRETCH_BYTES = 128 * 1024;
const FIRST_BYTES = 4 * 1024;
/** Level 6 takes 2.7 times as long, and saves 6 %. */
const LEVEL = 3;

const HEAD =
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">';
const ROWS_BEGIN = "<sheetData>";
const ROWS_END = "</sheetData></worksheet>";

export class Sheet {
  readonly name: string;
  readonly #spool: Spool;
  #rows = new Uint8Array(FIRST_BYTES);
  #length = 0;
  #row = 0;
  /** What is deflated. */
  readonly #packed: SpooledBytes[] = [];
  #bytes = 0;
  #packedBytes = 0;
  #crc = 0;

  constructor(name: string, spool: Spool) {
    this.name = name;
    this.#spool = spool;
  }

  /** @throws {RowmillError} `output`, when there are more rows than a sheet has. */
  write(lines: Uint8Array): void {
    for (let at = 0; at < lines.length;) {
      const found = lines.indexOf(LF, at);
      const end = found < 0 ? lines.length : found;
      this.#add(lines, at, end);
      at = end + 1;
      if (this.#length >= STRETCH_BYTES) this.#pack(false);
    }
  }

  #add(lines: Uint8Array, from: number, to: number): void {
    this.#row++;
    if (this.#row > MAX_ROWS) {
      throw new RowmillError(
        "output",
        `sheet ${this.name} would have more than ${MAX_ROWS} rows, and Excel has no more`,
        {
          hint: "write a sheet for each value of a column: --split-by city -o 'book.xlsx#{city}'; or another format: -o FILE.csv",
        },
      );
    }
    // A cell is longer than the number in its name.
    const most = this.#length + 2 * (to - from) + MARKED_BYTES;
    if (most > this.#rows.length) {
      const larger = new Uint8Array(Math.max(most, this.#rows.length * 2));
      larger.set(this.#rows.subarray(0, this.#length));
      this.#rows = larger;
    }
    const rows = this.#rows;
    const digits = Buffer.from(String(this.#row));
    let length = this.#length;
    for (let at = from; at < to; at++) {
      const byte = lines[at] as number;
      if (byte !== MARK) rows[length++] = byte;
      else for (let digit = 0; digit < digits.length; digit++) rows[length++] = digits[digit] as number;
    }
    this.#length = length;
  }

  #pack(isLast: boolean): void {
    const rows = this.#rows.subarray(0, this.#length);
    const isFirst = this.#bytes === 0;
    const xml = Buffer.concat([
      Buffer.from(isFirst ? `${HEAD}${columnsXml(rows)}${ROWS_BEGIN}` : ""),
      rows,
      Buffer.from(isLast ? ROWS_END : ""),
    ]);
    // Without an end of its own a stretch is followed by the next one.
    const finishFlush = isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
    const packed = new Uint8Array(deflateRawSync(xml, { level: LEVEL, finishFlush }));
    this.#bytes += xml.length;
    this.#packedBytes += packed.length;
    this.#crc = Bun.hash.crc32(xml, this.#crc);
    this.#packed.push(this.#spool.add(packed));
    this.#length = 0;
  }

  /** No rows follow. */
  end(name: string): { member: PackedMember; packed: readonly SpooledBytes[] } {
    this.#pack(true);
    this.#rows = new Uint8Array(0);
    const { bytes, packedBytes, crc } = { bytes: this.#bytes, packedBytes: this.#packedBytes, crc: this.#crc };
    return { member: { name, bytes, packedBytes, crc }, packed: this.#packed };
  }
}

/** The longest number of a row, beside those of its cells. */
const MARKED_BYTES = 16;
