/**
 * The sink for an object: its bytes go to the store in parts, several at a time, and become the object at the end, or never.
 * Until then, and where the run fails, the old object stands.
 */
import { RowmillError, messageOf } from "../../errors.ts";
import type { Sink } from "../sink.ts";
import { type ObjectName, objectName } from "./object-name.ts";
import { Store, type StoreRequest, errorIn, parsed, storeFailure } from "./store.ts";

/** A part, but for the last one, has 5 MiB at least. */
const PART_BYTES = 8 * 1024 * 1024;
/** An object has 10,000 parts at most: each time so many were sent, they become twice as large, which is enough for 484 GiB. */
const PARTS_OF_A_SIZE = 2000;
const MOST_PARTS = 10_000;
/** So many are under way. */
const PARTS_AT_ONCE = 4;

/** How long is tried to send one. */
export interface UploadPatience {
  /** Before the first new attempt; each further one waits twice as long. */
  firstWaitMs: number;
  attempts: number;
  /** A request that is not answered for so long has failed. */
  quietMs: number;
}

const PATIENCE: UploadPatience = { firstWaitMs: 250, attempts: 6, quietMs: 300_000 };

/** Status codes after which another try may succeed. */
const PASSING_STATUS: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
/** The same of errors that come with another status: of a connection that was too slow, and the like. */
const PASSING_CODE: ReadonlySet<string> = new Set([
  "RequestTimeout",
  "BadDigest",
  "IncompleteBody",
  "SlowDown",
  "InternalError",
]);

/** A part that was sent. */
interface Part {
  number: number;
  etag: string;
  /** MD5 of its bytes. */
  digest: Buffer;
}

export class ObjectSink implements Sink {
  /** Nothing of it stands before the commit. */
  readonly isWhole = true;
  readonly #name: string;
  readonly #object: ObjectName;
  readonly #store: Store;
  readonly #patience: UploadPatience;
  readonly #abort = new AbortController();
  /** Bytes of the next part. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #uploadId: string | undefined;
  #begun = 0;
  readonly #parts: Part[] = [];
  readonly #sending = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;
  #isOver = false;

  private constructor(name: string, store: Store, patience: UploadPatience) {
    this.#name = name;
    this.#object = objectName(name, "output");
    this.#store = store;
    this.#patience = patience;
  }

  /**
   * Opens an object for writing; nothing is sent yet.
   *
   * @throws {RowmillError} `output`, when the name is that of no object.
   */
  static async open(
    name: string,
    signal?: AbortSignal,
    given: { store?: Store; patience?: UploadPatience } = {},
  ): Promise<ObjectSink> {
    const sink = new ObjectSink(name, given.store ?? (await Store.open()), given.patience ?? PATIENCE);
    signal?.addEventListener("abort", () => sink.#abort.abort(signal.reason), { once: true });
    return sink;
  }

  async write(bytes: Uint8Array, written?: () => void): Promise<void> {
    this.#throwFailure();
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.slice(at, at + this.#partBytes - this.#waitingBytes);
      this.#waiting.push(piece);
      this.#waitingBytes += piece.length;
      at += piece.length;
      if (this.#waitingBytes === this.#partBytes) await this.#cut();
    }
    written?.();
  }

  get #partBytes(): number {
    return PART_BYTES * 2 ** Math.floor(this.#begun / PARTS_OF_A_SIZE);
  }

  #takeWaiting(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#waitingBytes);
    let at = 0;
    for (const piece of this.#waiting) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.#waiting = [];
    this.#waitingBytes = 0;
    return bytes;
  }

  /** Sends what waits as a part, beside others. */
  async #cut(): Promise<void> {
    const bytes = this.#takeWaiting();
    this.#uploadId ??= await this.#begin();
    if (++this.#begun > MOST_PARTS) {
      throw new RowmillError("output", `cannot write ${this.#name}: it has more parts than an object may have`, {
        hint: "write several: --split-by, or compress it: .gz, .zst",
      });
    }
    const number = this.#begun;
    const sending = this.#sendPart(number, bytes).catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#sending.add(sending);
    void sending.then(() => this.#sending.delete(sending));
    while (this.#sending.size >= PARTS_AT_ONCE) await Promise.race(this.#sending);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #begin(): Promise<string> {
    const { InitiateMultipartUploadResult: result } = parsed(
      await this.#text({ method: "POST", query: { uploads: "" } }),
    );
    const { UploadId: id } = Object(result) as Record<string, unknown>;
    if (typeof id === "string") return id;
    throw new RowmillError("output", `cannot write ${this.#name}: the store does not say where parts go`, {
      hint: "look whether AWS_ENDPOINT_URL is the address of a store that speaks S3",
    });
  }

  async #sendPart(number: number, body: Uint8Array<ArrayBuffer>): Promise<void> {
    const digest = new Bun.CryptoHasher("md5").update(body).digest();
    const query = { partNumber: String(number), uploadId: this.#uploadId ?? "" };
    const response = await this.#request({ method: "PUT", query, body });
    const etag = response.headers.get("etag") ?? `"${digest.toString("hex")}"`;
    this.#parts.push({ number, etag, digest });
  }

  /** Makes the object of what was sent. */
  async commit(): Promise<void> {
    this.#throwFailure();
    if (this.#uploadId === undefined) {
      await this.#request({ method: "PUT", body: this.#takeWaiting() });
      this.#isOver = true;
      return;
    }
    if (this.#waitingBytes > 0) await this.#cut();
    await Promise.all(this.#sending);
    this.#throwFailure();
    const parts = this.#parts.toSorted((one, other) => one.number - other.number);
    const lines = parts.map(
      ({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${xmlText(etag)}</ETag></Part>`,
    );
    const body = `<CompleteMultipartUpload>${lines.join("")}</CompleteMultipartUpload>`;
    await this.#complete(body, parts);
    this.#isOver = true;
  }

  /** The answer may get lost: then the store has done it, and knows nothing of the upload any more. */
  async #complete(body: string, parts: readonly Part[]): Promise<void> {
    const query = { uploadId: this.#uploadId ?? "" };
    await this.#request({ method: "POST", query, body }, async (response, attempt) => {
      const text = await response.text();
      // It begins to answer before it knows how it will end.
      const { code } = errorIn(text);
      if (response.status === 200 && code === undefined) return "done";
      if (code === "NoSuchUpload" && attempt > 0 && (await this.#isThere(parts))) return "done";
      return new Response(text, response);
    });
  }

  /** Whether the object is the one that was sent, by its tag: that of objects of parts is made of the sums of these. */
  async #isThere(parts: readonly Part[]): Promise<boolean> {
    const sum = new Bun.CryptoHasher("md5");
    for (const { digest } of parts) sum.update(digest);
    const response = await this.#store.send({ method: "HEAD", ...this.#object, signal: this.#abort.signal });
    return response.headers.get("etag")?.includes(`${sum.digest("hex")}-${parts.length}`) === true;
  }

  /** Drops what was sent. */
  async abandon(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#abort.abort(new Error("the run has failed"));
    await Promise.allSettled(this.#sending);
    if (this.#uploadId === undefined) return;
    const query = { uploadId: this.#uploadId };
    // A store that is not there keeps its parts; what they are is told by its list of uploads.
    const signal = AbortSignal.timeout(ABANDON_MS);
    await this.#store.send({ method: "DELETE", ...this.#object, query, signal }).catch(() => undefined);
  }

  async #text(request: Omit<StoreRequest, "bucket" | "key">): Promise<string> {
    return await (await this.#request(request)).text();
  }

  /**
   * Sends a request until it is answered.
   *
   * @param judge Says what an answer means, where its status does not.
   */
  async #request(
    request: Omit<StoreRequest, "bucket" | "key">,
    judge: (response: Response, attempt: number) => Promise<"done" | Response> = byStatus,
  ): Promise<Response> {
    const { firstWaitMs, attempts, quietMs } = this.#patience;
    for (let attempt = 0; ; attempt++) {
      let failure: RowmillError;
      let isPassing = true;
      try {
        const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(quietMs)]);
        const response = await this.#store.send({ ...request, ...this.#object, signal });
        const judged = await judge(response, attempt);
        if (judged === "done") return response;
        const error = await this.#store.explain(judged, this.#object.bucket);
        isPassing = PASSING_STATUS.has(response.status) || PASSING_CODE.has(error.code);
        failure = storeFailure("output", this.#name, error);
      } catch (error) {
        if (error instanceof RowmillError) throw error;
        this.#abort.signal.throwIfAborted();
        const reason = `${this.#store.host} cannot be reached (${messageOf(error)})`;
        failure = storeFailure("output", this.#name, { code: "", reason, hint: "check the address and the network" });
      }
      if (!isPassing || attempt + 1 >= attempts) throw failure;
      await Bun.sleep(firstWaitMs * 2 ** attempt);
      this.#abort.signal.throwIfAborted();
    }
  }
}

/** How long is waited for a store to drop what was sent. */
const ABANDON_MS = 10_000;

async function byStatus(response: Response): Promise<"done" | Response> {
  return await Promise.resolve(response.ok ? "done" : response);
}

function xmlText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
