/**
 * The texts of a workbook, which its cells refer to by their numbers: kept as the fields of CSV that they become, one
 * behind the other.
 */
import { type ByteBuffer, XmlText } from "./byte-buffer.ts";
import type { Package } from "./package.ts";
import { CLOSE, END, OPEN, TEXT, damaged, shortName } from "./xml-scanner.ts";

const ITEM = shortName("si");
const RUN = shortName("r");
const TEXT_NAME = shortName("t");

/** Addresses are cut into blocks of so many bytes. A text lies in one block, or has several to itself. */
const BLOCK_BITS = 20;
const BLOCK_BYTES = 1 << BLOCK_BITS;
/** More of them are not kept in memory. */
const MAX_BYTES = 512 * 1024 * 1024;
const MIN_COUNT = 1024;

export class SharedStrings {
  /** Where a block has nothing, a longer text reaches into it from one before. */
  readonly #blocks: Uint8Array[] = [];
  #starts = new Uint32Array(MIN_COUNT);
  #count = 0;
  #block = new Uint8Array(BLOCK_BYTES);
  #used = 0;

  /** Takes a field as the next one. */
  add({ bytes, length }: ByteBuffer): void {
    if (this.#used + length > BLOCK_BYTES) this.#closeBlock();
    if ((this.#blocks.length << BLOCK_BITS) + length > MAX_BYTES)
      throw damaged("the texts of its cells are more than 512 MiB, and are kept in memory");
    if (this.#count === this.#starts.length) {
      const larger = new Uint32Array(this.#count * 2);
      larger.set(this.#starts);
      this.#starts = larger;
    }
    this.#starts[this.#count++] = (this.#blocks.length << BLOCK_BITS) + this.#used;
    if (length > BLOCK_BYTES) {
      this.#blocks.push(bytes.slice(0, length));
      for (let more = BLOCK_BYTES; more < length; more += BLOCK_BYTES) this.#blocks.push(NO_BYTES);
      return;
    }
    this.#block.set(bytes.subarray(0, length), this.#used);
    this.#used += length;
  }

  #closeBlock(): void {
    if (this.#used === 0) return;
    this.#blocks.push(this.#block.slice(0, this.#used));
    this.#used = 0;
  }

  /** All have come. */
  finish(): void {
    this.#closeBlock();
    this.#block = NO_BYTES;
  }

  get count(): number {
    return this.#count;
  }

  /** Adds the field of a number to others. There must be one. */
  addTo(target: ByteBuffer, number: number): void {
    const start = this.#starts[number] as number;
    const index = start >>> BLOCK_BITS;
    const block = this.#blocks[index] ?? NO_BYTES;
    const next = number + 1 < this.#count ? (this.#starts[number + 1] as number) : -1;
    const from = start & (BLOCK_BYTES - 1);
    target.add(block, from, next >>> BLOCK_BITS === index && next >= 0 ? next & (BLOCK_BYTES - 1) : block.length);
  }
}

const NO_BYTES = new Uint8Array(0);

/** Reads the part that has them. Runs of rich text are one text; how it is spoken is none of it. */
export async function readSharedStrings(workbook: Package, part: string | undefined): Promise<SharedStrings> {
  const strings = new SharedStrings();
  if (part === undefined) {
    strings.finish();
    return strings;
  }
  const opened = await workbook.part(part);
  const { scanner } = opened;
  const text = new XmlText();
  const field = new XmlText();
  let isInItem = false;
  let isInText = false;
  let skipped = 0;
  try {
    for (;;) {
      const token = scanner.next();
      if (token === TEXT) {
        if (isInText && skipped === 0) text.append(scanner.bytes, scanner.from, scanner.to, scanner.isLiteral);
      } else if (token === OPEN) {
        const { name, isEmpty } = scanner;
        if (skipped > 0) skipped += isEmpty ? 0 : 1;
        else if (!isInItem) {
          if (name !== ITEM) continue;
          text.clear();
          if (isEmpty) addItem(strings, text, field);
          else isInItem = true;
        } else if (name === TEXT_NAME && !isInText) isInText = !isEmpty;
        else if (name !== RUN && !isEmpty) skipped = 1;
      } else if (token === CLOSE) {
        if (skipped > 0) skipped--;
        else if (isInText) isInText = false;
        else if (isInItem && scanner.name === ITEM) {
          addItem(strings, text, field);
          isInItem = false;
        }
      } else if (token === END) break;
      else await opened.more();
    }
    if (isInItem) throw damaged("it ends in the middle of a text");
  } catch (error) {
    throw workbook.inPart(part, error);
  } finally {
    opened.close();
  }
  strings.finish();
  return strings;
}

function addItem(strings: SharedStrings, text: XmlText, field: XmlText): void {
  text.unescape();
  field.clear();
  text.addFieldTo(field);
  strings.add(field);
}
