/**
 * A file on a server that is read by position: what is wanted of it next is fetched by ranges, several at once, and then at
 * hand. All that is fetched is of one version of the file.
 */
import { RowmillError } from "../errors.ts";
import type { Asking } from "./asking.ts";
import { shownName } from "./files.ts";
import type { RemoteFile } from "./remote-file.ts";
import { type Patience, RemoteReader } from "./remote-reader.ts";
import type { FileRange } from "./stream-reader.ts";

/** Ranges that are so near to each other are fetched as one: to ask takes as long as so many bytes. */
const GAP_BYTES = 256 * 1024;
/** What one request brings at most. */
const REQUEST_BYTES = 4 * 1024 * 1024;
/** So many requests are under way. */
const AT_ONCE = 6;
/** More than that is not held in memory. */
const MOST_BYTES = 512 * 1024 * 1024;

/** A file as its server has said what it is: for those that read it as well. */
export interface KnownFile extends RemoteFile {
  size: number;
  /** Where it was found, if its server sends on. */
  place: string | undefined;
}

/** Bytes that are at hand, and where in the file they are. */
interface Fetched extends FileRange {
  bytes: Uint8Array;
}

export class FarFile {
  /** For messages. */
  readonly name: string;
  readonly known: KnownFile;
  readonly #asking: Asking;
  readonly #patience: Patience | undefined;
  #fetched: Fetched[] = [];
  readonly #readers = new Set<RemoteReader>();
  #isClosed = false;

  private constructor(name: string, asking: Asking, known: KnownFile, patience: Patience | undefined) {
    this.name = shownName(name);
    this.#asking = asking;
    this.known = known;
    this.#patience = patience;
  }

  /**
   * Opens a file; what its server says of it is asked where nobody knows it yet.
   *
   * @throws {RowmillError} `input`, where it cannot be had, or not by ranges of which it is certain what file they are of.
   */
  static async open(
    name: string,
    asking: Asking,
    { known, patience }: { known?: KnownFile | undefined; patience?: Patience } = {},
  ): Promise<FarFile> {
    if (known?.place !== undefined) asking.place = known.place;
    return new FarFile(name, asking, known ?? (await lookAt(name, asking, patience)), patience);
  }

  get size(): number {
    return this.known.size;
  }

  /**
   * Fetches what is to be read next; what was fetched before is dropped.
   *
   * @throws {RowmillError} `input`, when some of it cannot be had.
   */
  async fetch(wanted: readonly FileRange[]): Promise<void> {
    this.#fetched = [];
    const ranges = joined(wanted);
    const bytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    if (bytes > MOST_BYTES) {
      throw new RowmillError("input", `cannot read ${this.name}: ${bytes} bytes of it would be held at once`, {
        hint: this.#asking.downloadHint,
      });
    }
    const fetched = ranges.map(({ start, end }): Fetched => ({ start, end, bytes: new Uint8Array(end - start) }));
    const requests = fetched.flatMap(requestsOf);
    const next = requests.values();
    const work = async (): Promise<void> => {
      for (const request of next) if (!this.#isClosed) await this.#bring(request);
    };
    try {
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, requests.length) }, work));
    } catch (error) {
      this.close();
      throw error;
    }
    this.#fetched = fetched;
  }

  async #bring({ start, end, into }: Request): Promise<void> {
    const part = { file: this.known, start, end, onBusy: () => {} };
    const reader = new RemoteReader(this.name, this.#asking, { patience: this.#patience, part });
    this.#readers.add(reader);
    let at = start;
    try {
      for (;;) {
        const piece = await reader.peek();
        if (piece.length === 0) break;
        into.set(piece, at - start);
        at += piece.length;
        reader.take();
      }
    } finally {
      this.#readers.delete(reader);
    }
    if (at < end) throw new Error(`${this.name} was closed while it was fetched`);
  }

  /** Copies bytes that were fetched to a place in memory. */
  read(position: number, into: Uint8Array, { at, length }: { at: number; length: number }): void {
    const end = position + length;
    const held = this.#fetched.find((range) => range.start <= position && end <= range.end);
    if (held === undefined) throw new Error(`bytes ${position} to ${end} were not fetched`);
    into.set(held.bytes.subarray(position - held.start, end - held.start), at);
  }

  /** Ends all connections. */
  close(): void {
    this.#isClosed = true;
    for (const reader of this.#readers) reader.close();
    this.#fetched = [];
  }
}

/** Bytes that one request brings, and where they go. */
interface Request extends FileRange {
  into: Uint8Array;
}

function requestsOf({ start, end, bytes }: Fetched): Request[] {
  const count = Math.ceil((end - start) / REQUEST_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const from = start + index * REQUEST_BYTES;
    const to = Math.min(from + REQUEST_BYTES, end);
    return { start: from, end: to, into: bytes.subarray(from - start, to - start) };
  });
}

/** The ranges in order; those that overlap, or are near to each other, as one. */
function joined(ranges: readonly FileRange[]): FileRange[] {
  const found: FileRange[] = [];
  for (const { start, end } of ranges.toSorted((one, other) => one.start - other.start)) {
    const last = found.at(-1);
    if (end <= start) continue;
    if (last !== undefined && start - last.end <= GAP_BYTES) last.end = Math.max(last.end, end);
    else found.push({ start, end });
  }
  return found;
}

/** What a server says of a file. Its body is not read: not every server answers when it is asked for the head alone. */
async function lookAt(name: string, asking: Asking, patience: Patience | undefined): Promise<KnownFile> {
  const reader = new RemoteReader(name, asking, { patience });
  await reader.peek();
  reader.close();
  const { file } = reader;
  const { size } = file ?? {};
  const why =
    file === undefined || size === undefined
      ? "its server does not say how long it is"
      : file.ranges === "refused"
        ? "its server does not send parts of it"
        : !file.isPlain
          ? "it is sent packed"
          : file.isPinned
            ? undefined
            : "its server has no strong ETag by which to know its version";
  if (why === undefined && file !== undefined && size !== undefined) return { ...file, size, place: asking.place };
  throw new RowmillError("input", `cannot read ${shownName(name)}: it is read from its end, and ${why}`, {
    hint: asking.downloadHint,
  });
}
