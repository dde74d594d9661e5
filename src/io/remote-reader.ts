/**
 * Reads a file on a server, piece by piece, no further ahead than the network's own buffers. When the connection
 * breaks, it asks for the bytes behind the last one that came, if the server can do so and the file is the same: a few
 * times, with growing pauses.
 */
import { RowmillError } from "../errors.ts";
import type { Asking } from "./asking.ts";
import { shownName } from "./files.ts";
import { SinglePieceReader } from "./piece-reader.ts";
import { type Body, type Failure, NO_RANGES, type RemoteFile, requestFile } from "./remote-file.ts";

/** How long a reader keeps on trying. */
export interface Patience {
  /** Before the first new attempt; each further one waits twice as long. */
  firstWaitMs: number;
  /** How many attempts in a row may bring next to nothing. */
  attempts: number;
  /** A connection that brings nothing for this long, while it is waited for, counts as broken. */
  quietMs: number;
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
  #request = new AbortController();
  #file: RemoteFile | undefined;
  #body: Body | undefined;
  #bytes = 0;
  /** Bytes that had come when attempts were last counted anew. */
  #usefulBytes = 0;
  #attempts = 0;
  #waitMs = 0;
  #isOver = false;

  /**
   * @param name For messages.
   * @param asking Asked when the first piece is.
   */
  constructor(name: string, asking: Asking, patience: Patience = PATIENCE) {
    super();
    this.#name = name;
    this.#asking = asking;
    this.#patience = patience;
  }

  /** What kind of data the server says it is; known with the first piece. */
  get mediaType(): string | undefined {
    return this.#file?.mediaType;
  }

  /** Ends the connection. */
  close(): void {
    this.#isOver = true;
    this.#request.abort();
  }

  protected override async read(): Promise<Uint8Array> {
    while (!this.#isOver) {
      const piece = this.#body === undefined ? await this.#connect() : await this.#next(this.#body);
      this.#bytes += piece.length;
      if (piece.length > 0) return piece;
    }
    return NOTHING;
  }

  /** The next piece of a body; nothing when it has ended or broken off. */
  async #next(body: Body): Promise<Uint8Array> {
    let cause: unknown;
    try {
      const { done, value } = await this.#patiently(body.read());
      if (!done) return value;
      this.#isOver = this.#file?.size === undefined || this.#bytes >= this.#file.size;
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
    const { version, refusesRanges } = this.#file ?? {};
    const isStart = this.#bytes === 0;
    const { downloadHint } = this.#asking;
    if (!isStart && refusesRanges === true) {
      this.#failed({ reason: NO_RANGES, hint: downloadHint, isPassing: false, cause });
    } else if (!isStart && version === undefined) {
      const reason = "its server does not tell whether the rest would be of the same file";
      this.#failed({ reason, hint: downloadHint, isPassing: false, cause });
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
      file: this.#file,
      signal: this.#request.signal,
    };
    const answer = await this.#patiently(requestFile(wanted));
    if (answer.kind === "body") {
      this.#file ??= answer.file;
      this.#body = answer.body;
    } else if (answer.kind === "end") {
      this.#isOver = true;
    } else if (!this.#isOver) {
      this.#failed(answer.failure);
    }
    return NOTHING;
  }

  /** Counts an attempt; throws when another one makes no sense. */
  #failed({ reason, hint, isPassing, waitMs = 0, cause }: Failure): void {
    const { attempts, firstWaitMs } = this.#patience;
    if (isPassing && this.#attempts < attempts) {
      this.#waitMs = Math.max(waitMs, firstWaitMs * 2 ** this.#attempts);
      this.#attempts++;
      return;
    }
    const size = this.#file?.size;
    const came = `the connection broke after ${this.#bytes}${size === undefined ? "" : ` of ${size}`} bytes`;
    const where = this.#bytes === 0 ? "" : ` to its end: ${came}, and`;
    throw new RowmillError("input", `cannot read ${shownName(this.#name)}${where || ":"} ${reason}`, { hint, cause });
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
