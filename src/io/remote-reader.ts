/**
 * Reads a file on a server, or a part of it, piece by piece, no further ahead than the network's own buffers. When the connection
 * breaks, it asks for the bytes behind the last one that came, if the server can do so and the file is the same: a few
 * times, with growing pauses.
 */
import { RowmillError } from "../errors.ts";
import type { Asking } from "./asking.ts";
import { shownName } from "./files.ts";
import { SinglePieceReader } from "./piece-reader.ts";
import { type Body, type Failure, NO_RANGES, NO_VERSION, type RemoteFile, requestFile } from "./remote-file.ts";

/** How long a reader keeps on trying. */
export interface Patience {
  /** Before the first new attempt; each further one waits twice as long. */
  firstWaitMs: number;
  /** How many attempts in a row may bring next to nothing. */
  attempts: number;
  /** A connection that brings nothing for this long, while it is waited for, counts as broken. */
  quietMs: number;
}

/** A part of a file, between others that are read beside it. */
export interface FilePart {
  /** The file as it was when its start was read. */
  file: RemoteFile;
  start: number;
  end: number;
  /** The server says that it has too much to do. */
  onBusy: () => void;
}

/** What else is said of how a file is read. */
export interface RemoteReading {
  patience?: Patience | undefined;
  /** Undefined: all of the file. */
  part?: FilePart;
}

/** Pauses of 0.25 to 4 s: eight seconds for a server that starts again. */
const PATIENCE: Patience = { firstWaitMs: 250, attempts: 5, quietMs: 120_000 };
/** After a connection that brought this much, attempts are counted anew. */
const USEFUL_BYTES = 1024 * 1024;

const NOTHING = new Uint8Array(0);

export class RemoteReader extends SinglePieceReader {
  readonly #name: string;
  readonly #asking: Asking;
  readonly #patience: Patience;
  readonly #part: FilePart | undefined;
  #request = new AbortController();
  #file: RemoteFile | undefined;
  #body: Body | undefined;
  /** Offset of the next byte. */
  #bytes = 0;
  /** Bytes that had come when attempts were last counted anew. */
  #usefulBytes = 0;
  #attempts = 0;
  #waitMs = 0;
  #isOver = false;
  /** The body that comes goes on behind the part, or may. */
  #isLong = false;

  /**
   * @param name For messages.
   * @param asking Asked when the first piece is.
   */
  constructor(name: string, asking: Asking, { patience = PATIENCE, part }: RemoteReading = {}) {
    super();
    this.#name = name;
    this.#asking = asking;
    this.#patience = patience;
    this.#part = part;
    this.#file = part?.file;
    this.#bytes = this.#usefulBytes = part?.start ?? 0;
  }

  /** What the server says of the file; known with the first piece. */
  get file(): RemoteFile | undefined {
    return this.#file;
  }

  /** Ends the connection. */
  close(): void {
    this.#isOver = true;
    this.#request.abort();
  }

  protected override async read(): Promise<Uint8Array> {
    while (!this.#isOver) {
      const piece = this.#body === undefined ? await this.#connect() : this.#cut(await this.#next(this.#body));
      this.#bytes += piece.length;
      if (piece.length > 0) return this.own(piece);
    }
    return NOTHING;
  }

  /** A piece without what is behind the part that is wanted. */
  #cut(piece: Uint8Array): Uint8Array {
    const left = this.#part === undefined ? Number.POSITIVE_INFINITY : this.#part.end - this.#bytes;
    if (piece.length < left) return piece;
    this.#isOver = true;
    // What is asked for next goes over the same connection, unless more than was wanted is on its way.
    if (piece.length > left || this.#isLong) this.#request.abort();
    return piece.subarray(0, left);
  }

  /** The next piece of a body; nothing when it has ended or broken off. */
  async #next(body: Body): Promise<Uint8Array> {
    let cause: unknown;
    try {
      const { done, value } = await this.#patiently(body.read());
      if (!done) return value;
      const end = this.#part?.end ?? this.#file?.size;
      this.#isOver = end === undefined || this.#bytes >= end;
    } catch (error) {
      cause = error;
    }
    this.#body = undefined;
    if (!this.#isOver) this.#brokeOff(cause);
    return NOTHING;
  }

  #brokeOff(cause: unknown): void {
    if (this.#bytes - this.#usefulBytes >= USEFUL_BYTES) {
      this.#usefulBytes = this.#bytes;
      this.#attempts = 0;
    }
    const { version, ranges } = this.#file ?? {};
    const isStart = this.#part === undefined && this.#bytes === 0;
    const { downloadHint } = this.#asking;
    if (!isStart && ranges === "refused") {
      this.#failed({ reason: NO_RANGES, hint: downloadHint, isPassing: false, cause });
    } else if (!isStart && version === undefined) {
      this.#failed({ reason: NO_VERSION, hint: downloadHint, isPassing: false, cause });
    } else {
      const reason = `${this.#attempts} attempts to go on brought next to nothing`;
      this.#failed({ reason, hint: downloadHint, isPassing: true, cause });
    }
  }

  /** Opens the body from the next byte on, where there is one. */
  async #connect(): Promise<Uint8Array> {
    if (this.#attempts > 0) await Bun.sleep(this.#waitMs);
    if (this.#isOver) return NOTHING;
    this.#request = new AbortController();
    const wanted = {
      asking: this.#asking,
      offset: this.#bytes,
      until: this.#part?.end,
      file: this.#file,
      signal: this.#request.signal,
    };
    const answer = await this.#patiently(requestFile(wanted));
    if (answer.kind === "body") {
      this.#file ??= answer.file;
      this.#body = answer.body;
      this.#isLong = answer.file.size !== (this.#part?.end ?? 0) - this.#bytes;
    } else if (answer.kind === "end") {
      this.#isOver = true;
    } else if (!this.#isOver) {
      this.#failed(answer.failure);
    }
    return NOTHING;
  }

  /** Counts an attempt; throws when another one makes no sense. */
  #failed({ reason, hint, isPassing, isBusy, waitMs = 0, cause }: Failure): void {
    if (isBusy === true) this.#part?.onBusy();
    const { attempts, firstWaitMs } = this.#patience;
    if (isPassing && this.#attempts < attempts) {
      this.#waitMs = Math.max(waitMs, firstWaitMs * 2 ** this.#attempts);
      this.#attempts++;
      return;
    }
    const size = this.#file?.size;
    const isStart = this.#bytes === 0;
    const bytes = `${this.#bytes}${size === undefined ? "" : ` of ${size}`} bytes`;
    const came = ` to its end: the connection broke after ${bytes}, and`;
    const where = this.#part === undefined ? came : ` behind the first ${bytes}:`;
    throw new RowmillError("input", `cannot read ${shownName(this.#name)}${isStart ? ":" : where} ${reason}`, {
      hint,
      cause,
    });
  }

  /** Waits for the network, as long as that makes sense. */
  async #patiently<T>(pending: Promise<T>): Promise<T> {
    const { quietMs } = this.#patience;
    const request = this.#request;
    const timer = setTimeout(() => request.abort(new Error(`nothing came for ${quietMs / 1000} s`)), quietMs);
    try {
      return await pending;
    } finally {
      clearTimeout(timer);
    }
  }
}
