/**
 * Memory in blocks that threads share, for bytes that wait to be written. Who holds some takes blocks, the lowest that are
 * free, so that little more of it is ever touched than is held at a time; whoever has written them gives these back. They
 * outlive the thread that held them.
 */

export interface SharedBlocks {
  memory: SharedArrayBuffer;
  /** For each block whether it is taken. */
  taken: Int32Array;
  blockBytes: number;
}

/** Bytes that are held. */
export interface HeldBytes {
  /** In the order of the bytes. */
  blocks: number[];
  bytes: number;
}

const FREE = 0;
const TAKEN = 1;
/** The runtime has no memory that may become longer than 4 GiB. */
const MOST_BYTES = 2 ** 30;

/**
 * Room for so many bytes, and never for more than a gigabyte. The memory grows as blocks are taken: all of it at once would count
 * as used in each thread, and have its garbage collected at the start.
 */
export function sharedBlocks(mostBytes: number, blockBytes: number): SharedBlocks {
  const count = Math.ceil(Math.min(mostBytes, MOST_BYTES) / blockBytes);
  const taken = new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));
  return { memory: new SharedArrayBuffer(0, { maxByteLength: count * blockBytes }), taken, blockBytes };
}

/** Takes room for so many bytes; undefined where there is none. */
export function takeRoom(shared: SharedBlocks, bytes: number): HeldBytes | undefined {
  const { taken, blockBytes } = shared;
  const wanted = Math.ceil(bytes / blockBytes);
  const blocks: number[] = [];
  for (let block = 0; block < taken.length && blocks.length < wanted; block++)
    if (Atomics.compareExchange(taken, block, FREE, TAKEN) === FREE) blocks.push(block);
  if (blocks.length === wanted && growTo(shared.memory, ((blocks.at(-1) ?? -1) + 1) * blockBytes)) {
    return { blocks, bytes };
  }
  giveBack(shared, { blocks, bytes });
  return undefined;
}

/** Tells whether memory is as long as that: the system may have no more. */
function growTo(memory: SharedArrayBuffer, bytes: number): boolean {
  try {
    if (memory.byteLength < bytes) memory.grow(bytes);
  } catch {
    // Another thread may have made it longer meanwhile.
  }
  return memory.byteLength >= bytes;
}

/** Holds a copy of bytes; undefined where there is no room. */
export function hold(shared: SharedBlocks, bytes: Uint8Array): HeldBytes | undefined {
  const held = takeRoom(shared, bytes.length);
  if (held === undefined) return undefined;
  let done = 0;
  for (const piece of heldPieces(shared, held)) {
    piece.set(bytes.subarray(done, done + piece.length));
    done += piece.length;
  }
  return held;
}

/** The bytes that are held, in as few pieces as they lie in. */
export function* heldPieces({ memory, blockBytes }: SharedBlocks, held: HeldBytes): Generator<Uint8Array> {
  const { blocks, bytes } = held;
  for (let at = 0; at < blocks.length;) {
    const first = blocks[at] ?? 0;
    const begun = at++;
    while (blocks[at] === first + at - begun) at++;
    const length = Math.min(at * blockBytes, bytes) - begun * blockBytes;
    yield new Uint8Array(memory, first * blockBytes, length);
  }
}

/** They are held no longer. */
export function giveBack({ taken }: SharedBlocks, { blocks }: HeldBytes): void {
  for (const block of blocks) Atomics.store(taken, block, FREE);
}
