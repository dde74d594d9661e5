/**
 * Reads a file on a server: over one connection at first, and, where the file is a long one and the server gives parts of it,
 * by parts that are on their way together. The first connection stays until the first part has come as it should; a server
 * that gives none is read over it to the end. The bytes are the same either way.
 */
import type { Asking } from "./asking.ts";
import { SinglePieceReader } from "./piece-reader.ts";
import { PART_PLAN, type PartPlan, RemoteParts } from "./remote-parts.ts";
import { type Patience, RemoteReader } from "./remote-reader.ts";

/** What else is said of how it is read. */
export interface RangedReading {
  patience?: Patience;
  plan?: PartPlan;
}

/** Over how many connections a file comes. */
export interface Connections {
  atOnce: number;
  /** Why there is one only. */
  because?: string;
}

const NO_PART = "its server has not sent a part as it should";

export class RangedReader extends SinglePieceReader {
  readonly #name: string;
  readonly #asking: Asking;
  readonly #how: RangedReading;
  readonly #plan: PartPlan;
  readonly #whole: RemoteReader;
  /** Offset of the next byte. */
  #bytes = 0;
  /** What the first connection has brought behind the start of the first part. */
  #rest: Uint8Array | undefined;
  #parts: RemoteParts | undefined;
  /** Why there are no parts. */
  #because: string | undefined;
  /** Whether parts are on their way, or have come. */
  #state: "whole" | "trying" | "parts" | "whole to the end" = "whole";

  /**
   * @param name For messages.
   * @param asking Asked when the first piece is.
   */
  constructor(name: string, asking: Asking, how: RangedReading = {}) {
    super();
    this.#name = name;
    this.#asking = asking;
    this.#how = how;
    this.#plan = how.plan ?? PART_PLAN;
    this.#whole = new RemoteReader(name, asking, { patience: how.patience });
  }

  /** What kind of data the server says it is; known with the first piece. */
  get mediaType(): string | undefined {
    return this.#whole.file?.mediaType;
  }

  /** Over how many connections it comes, or is to come; known with the first piece. */
  get connections(): Connections | undefined {
    const { file } = this.#whole;
    if (file === undefined) return undefined;
    const because = this.#state === "whole" ? this.#obstacle(this.#bytes) : this.#because;
    return because === undefined ? { atOnce: this.#plan.atOnce } : { atOnce: 1, because };
  }

  /** Ends all connections. */
  close(): void {
    this.#whole.close();
    this.#dropParts();
  }

  #dropParts(): void {
    this.#parts?.close();
    this.#parts = undefined;
  }

  protected override async read(): Promise<Uint8Array> {
    if (this.#state === "trying" && this.#bytes === this.#parts?.start) await this.#decide(this.#parts);
    // Closed meanwhile, there is no part.
    const piece =
      this.#state === "parts" ? this.own((await this.#parts?.take()) ?? new Uint8Array(0)) : await this.#ofWhole();
    this.#bytes += piece.length;
    return piece;
  }

  async #decide(parts: RemoteParts): Promise<void> {
    if (await parts.areGiven()) {
      this.#state = "parts";
      this.#whole.close();
      this.#rest = undefined;
    } else {
      this.#state = "whole to the end";
      this.#because = NO_PART;
      this.#dropParts();
    }
  }

  async #ofWhole(): Promise<Uint8Array> {
    const piece = this.#rest ?? (await this.#whole.peek());
    if (this.#rest === undefined) this.#whole.take();
    this.#rest = undefined;
    if (this.#state === "whole") this.#try(this.#bytes + piece.length);
    const left = this.#parts === undefined ? Number.POSITIVE_INFINITY : this.#parts.start - this.#bytes;
    if (piece.length > left) this.#rest = piece.subarray(left);
    return piece.subarray(0, left);
  }

  /** Asks for parts where that pays, and where they would be of this file for certain. */
  #try(bytes: number): void {
    const { afterBytes, leadBytes } = this.#plan;
    if (bytes < afterBytes) return;
    const { file } = this.#whole;
    this.#because = this.#obstacle(bytes);
    if (file === undefined || this.#because !== undefined) {
      this.#state = "whole to the end";
      return;
    }
    const start = bytes + leadBytes;
    const what = { name: this.#name, asking: this.#asking, file: { ...file, size: file.size ?? 0 }, start };
    this.#parts = new RemoteParts({ ...what, patience: this.#how.patience }, this.#plan);
    this.#state = "trying";
  }

  /** Why parts of it are not asked for when so many bytes have come. */
  #obstacle(bytes: number): string | undefined {
    const { afterBytes, leadBytes, partBytes } = this.#plan;
    const { size, ranges, isPinned, isPlain } = this.#whole.file ?? {};
    if (size === undefined) return "its server does not say how long it is";
    if (size - Math.max(bytes, afterBytes) - leadBytes < 2 * partBytes) return "it is short";
    if (ranges !== "given") return "its server does not say that it sends parts";
    if (isPlain !== true) return "it is sent packed";
    return isPinned === true ? undefined : "its server has no strong ETag by which to know its version";
  }
}
