// The folders of a run of the benchmark: inputs and outputs stand apart from the transforms.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type InputName, makeInput } from "./generate.ts";
import type { Peers } from "./peers.ts";
import type { Places } from "./workload.ts";

/** The root of the repository. */
const REPOSITORY: string = resolve(import.meta.dir, "../..");
/** Our binary. */
export const OURS: string = join(REPOSITORY, "dist", "rowmill");

export class Workshop {
  readonly #inputs: string;
  readonly #outputs: string;
  /** Away from the repository, so that a transform's zod is the one in the binary and not that of node_modules. */
  readonly #transforms: string;
  readonly #scale: number;
  readonly #peers: Peers;

  constructor(scale: number, peers: Peers) {
    const data = resolve(process.env["ROWMILL_BENCH_DATA"] ?? join(REPOSITORY, "bench-data"));
    this.#inputs = scale === 1 ? data : join(data, `scale-${scale}`);
    this.#outputs = join(data, "out");
    this.#transforms = mkdtempSync(join(tmpdir(), "rowmill-bench-"));
    this.#scale = scale;
    this.#peers = peers;
    rmSync(this.#outputs, { recursive: true, force: true });
    mkdirSync(this.#outputs, { recursive: true });
    cpSync(join(import.meta.dir, "transforms"), this.#transforms, { recursive: true });
    // Packages are found from the transform's folder upward.
    if (peers.folder !== undefined) {
      symlinkSync(resolve(peers.folder, "node_modules"), join(this.#transforms, "visits", "node_modules"));
    }
  }

  /** Makes the inputs that are not there. */
  make(names: Iterable<InputName>): void {
    for (const name of new Set(names)) makeInput(this.#inputs, name, this.#scale);
  }

  places(output: string): Places {
    return {
      ours: [OURS],
      peer: (name) => this.#peers.found.get(name)?.command ?? [name],
      input: (name) => makeInput(this.#inputs, name, this.#scale),
      transform: (file) => join(this.#transforms, file),
      script: (file) => join(import.meta.dir, "peers", file),
      count: (items) => Math.max(1, Math.round(items * this.#scale)),
      out: join(this.#outputs, output),
    };
  }

  close(): void {
    rmSync(this.#outputs, { recursive: true, force: true });
    rmSync(this.#transforms, { recursive: true, force: true });
  }
}
