/** A server of one file that says exactly what a test wants, byte by byte, and breaks connections off where it is told. */
import { type AddressInfo, type Server, type Socket, createServer } from "node:net";

/** A request as it came. */
export interface Asked {
  path: string;
  headers: Record<string, string>;
}

/** What is done with a request; `reply` writes a head and as much of the body as is given. */
export type Answering = (asked: Asked, connection: Connection) => void | Promise<void>;

export class Connection {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Writes a head; `status` with its words. */
  head(status: string, headers: Record<string, string | number> = {}): this {
    const lines = Object.entries({ connection: "close", ...headers }).map(([name, value]) => `${name}: ${value}`);
    this.#socket.write(`HTTP/1.1 ${status}\r\n${lines.join("\r\n")}\r\n\r\n`);
    return this;
  }

  body(bytes: string | Uint8Array): this {
    this.#socket.write(bytes);
    return this;
  }

  /** Writes, and waits until the network has taken it; false when the other side is gone. */
  written(bytes: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) resolve(false);
      else this.#socket.write(bytes, (error) => resolve(error === null || error === undefined));
    });
  }

  /** Says that all was written; where that is too little, the body is cut off. */
  end(): void {
    this.#socket.end();
  }

  /** Waits until the other side is gone. */
  get closed(): Promise<void> {
    return new Promise((resolve) => void this.#socket.once("close", () => resolve()));
  }
}

export class FileServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** All that came, in order. */
  readonly asked: Asked[] = [];

  private constructor(answer: Answering) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.#sockets.delete(socket));
      let text = "";
      socket.on("data", (data) => {
        text += data.toString("latin1");
        if (!text.includes("\r\n\r\n")) return;
        const asked = parse(text);
        text = "";
        this.asked.push(asked);
        void answer(asked, new Connection(socket));
      });
    });
  }

  static async start(answer: Answering): Promise<FileServer> {
    const server = new FileServer(answer);
    await new Promise<void>((resolve) => void server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** The address of a path on it. */
  at(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }
}

function parse(text: string): Asked {
  const [first = "", ...lines] = text.split("\r\n");
  const headers = lines.flatMap((line): [string, string][] => {
    const at = line.indexOf(":");
    return at < 0 ? [] : [[line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]];
  });
  return { path: first.split(" ")[1] ?? "", headers: Object.fromEntries(headers) };
}

/** Where the wanted range of a request begins; 0 without one. */
export function rangeStart({ headers }: Asked): number {
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
}

/** How much of a file its reader has. The runtime drops bytes that nobody has read yet when their connection breaks. */
export class Received {
  #bytes = 0;
  #waiting: { bytes: number; resolve: () => void }[] = [];

  add(bytes: number): void {
    this.#bytes += bytes;
    for (const { resolve } of this.#waiting.filter((wait) => wait.bytes <= this.#bytes)) resolve();
  }

  /** Done when so many bytes are there. */
  reach(bytes: number): Promise<void> {
    if (bytes <= this.#bytes) return Promise.resolve();
    return new Promise((resolve) => void this.#waiting.push({ bytes, resolve }));
  }
}

/**
 * Serves a file whose connections break off after so many bytes each, when their reader has them; ranges are given while
 * the tag is the same.
 */
export function breaking(
  content: Uint8Array,
  bytes: readonly number[],
  reach: (bytes: number) => Promise<void>,
): Answering {
  const tag = '"v1"';
  let count = 0;
  return async (asked, connection) => {
    const start = rangeStart(asked);
    const rest = content.subarray(start);
    const most = bytes[count++] ?? rest.length;
    if (start > 0 && asked.headers["if-range"] === tag) {
      const range = `bytes ${start}-${content.length - 1}/${content.length}`;
      connection.head("206 Partial Content", { etag: tag, "content-length": rest.length, "content-range": range });
    } else {
      connection.head("200 OK", { etag: tag, "content-length": content.length, "accept-ranges": "bytes" });
    }
    connection.body(rest.subarray(0, most));
    if (most < rest.length) await reach(start + most);
    connection.end();
  };
}
