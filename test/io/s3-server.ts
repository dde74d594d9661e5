/** A store that speaks S3, and a wire before it that breaks where a test wants it to. */
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import { Store } from "../../src/io/s3/store.ts";

export const BUCKET = "bucket";
/** The store takes any, and no request without them. */
export const KEYS = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };

/** What happens to a connection. */
export interface Break {
  /** It breaks when so many bytes of the answer have gone. */
  down?: number;
  /** It breaks when so many bytes of the request have gone. */
  up?: number;
  /** So many bytes of the answer go at once, the others when something has happened. */
  held?: { behind: number; until: Promise<void> };
}

export class TestStore {
  readonly #server: S3rver;
  readonly #folder: string;
  readonly #wire: Server;
  readonly #sockets = new Set<Socket>();
  /** What becomes of the next connections; behind those they stay whole. */
  #breaks: Break[] = [];
  connections = 0;

  private constructor(server: S3rver, port: number, folder: string) {
    this.#server = server;
    this.#folder = folder;
    this.#wire = createServer((near) => {
      this.connections++;
      const broken = this.#breaks.shift() ?? {};
      const far = connect(port, "127.0.0.1");
      const end = (): void => {
        near.destroy();
        far.destroy();
      };
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", end);
        socket.on("close", end);
      }
      pass(near, far, broken.up, end);
      pass(far, near, broken.down, end, broken.held);
    });
  }

  static async start(): Promise<TestStore> {
    const folder = mkdtempSync(join(tmpdir(), "rowmill-s3-"));
    const options = {
      address: "127.0.0.1",
      port: 0,
      silent: true,
      directory: folder,
      configureBuckets: [{ name: BUCKET }],
    };
    const server = new S3rver(options);
    const { port } = await server.run();
    const store = new TestStore(server, port, folder);
    await new Promise<void>((resolve) => void store.#wire.listen(0, "127.0.0.1", resolve));
    return store;
  }

  /** Has the next connections break. Those that are kept for later requests end. */
  async break(...breaks: Break[]): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    this.#breaks = breaks;
    // Who has kept them hears of it.
    await Bun.sleep(10);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#wire.address() as AddressInfo).port}`;
  }

  /** As a run opens it. */
  get store(): Store {
    return new Store({ keys: { ...KEYS, sessionToken: undefined }, region: "us-east-1", endpoint: this.endpoint });
  }

  async put(key: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> {
    const response = await this.store.send({ method: "PUT", bucket: BUCKET, key, body });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  }

  /** What is there; undefined where nothing is. */
  async get(key: string): Promise<Buffer | undefined> {
    const response = await this.store.send({ method: "GET", bucket: BUCKET, key });
    const body = Buffer.from(await response.arrayBuffer());
    return response.ok ? body : undefined;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#wire.close();
    await this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Hands bytes on, until so many have gone. */
function pass(from: Socket, to: Socket, most: number | undefined, end: () => void, held?: Break["held"]): void {
  let left = most ?? Number.POSITIVE_INFINITY;
  const send = (bytes: Buffer): void => {
    const piece = bytes.subarray(0, left);
    left -= piece.length;
    to.write(piece, () => {
      // What was written before it breaks is there.
      if (left === 0) setTimeout(end, 5);
    });
  };
  let atOnce = held?.behind ?? Number.POSITIVE_INFINITY;
  const sendLater = async (bytes: Buffer): Promise<void> => {
    await held?.until;
    send(bytes);
    from.resume();
  };
  from.on("data", (bytes: Buffer) => {
    const behind = bytes.subarray(atOnce);
    send(bytes.subarray(0, atOnce));
    atOnce -= bytes.length - behind.length;
    if (behind.length === 0) return;
    atOnce = Number.POSITIVE_INFINITY;
    from.pause();
    void sendLater(behind);
  });
  from.on("end", () => to.end());
}
