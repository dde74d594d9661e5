/** Asks a store for an object. */
import type { Asking } from "../asking.ts";
import { type ObjectName, objectName } from "./object-name.ts";
import { Store } from "./store.ts";

export { Store };

export class ObjectAsking implements Asking {
  readonly #object: ObjectName;
  readonly #store: Store;
  readonly loginHint = "check the keys";
  readonly downloadHint = "download it first, and name the file: aws s3 cp NAME .";

  /** @throws {RowmillError} `input`, when the name is that of no object. */
  constructor(name: string, store: Store) {
    this.#object = objectName(name, "input");
    this.#store = store;
  }

  get host(): string {
    return this.#store.host;
  }

  async send(headers: Headers, signal: AbortSignal): Promise<Response> {
    return await this.#store.send({ method: "GET", ...this.#object, headers, signal });
  }

  async explain(response: Response): Promise<{ reason: string; hint: string }> {
    return await this.#store.explain(response, this.#object.bucket);
  }
}
