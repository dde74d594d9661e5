/** Who is asked for a file on a server, and how: by an address of HTTP here, by one of S3 elsewhere. */
import type { HttpHeaders } from "./http-headers.ts";

/** Asks for a file, as often as it is wanted. */
export interface Asking {
  /** Sends a request that has these headers beside its own. */
  send(headers: Headers, signal: AbortSignal): Promise<Response>;
  /** Who was asked last, for messages. */
  readonly host: string;
  /** Why the file is not to be had, and what to do, as far as the answer says more than its status; reads its body. */
  explain?(response: Response): Promise<{ reason: string; hint: string }>;
  /** What to do where a status says that not everybody may have it. */
  readonly loginHint: string;
  /** What helps where a connection breaks, and nobody knows whether the rest is of the same file. */
  readonly downloadHint: string;
  /** Where the file was found, for others that ask for the rest of it; undefined where nobody sends on. */
  place?: string | undefined;
}

/** Those with which a server sends on to another address. */
const REDIRECTING_STATUS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Those of an address that is not good any more. */
const GONE_STATUS: ReadonlySet<number> = new Set([400, 401, 403, 404, 410]);
/** From here on it is the server that has failed. */
const LEAST_SERVER_FAULT = 500;
/** So often it may do that, as in browsers. */
const MAX_HOPS = 20;

/** Thrown where a server sends on without an end, or to nowhere. */
export class RedirectError extends Error {
  override readonly name = "RedirectError";
}

/**
 * Asks by an address of HTTP. Addresses that a server sends on to are asked here, not by the runtime: what is meant for one
 * host, such as a password, must not go to another.
 */
export class HttpAsking implements Asking {
  readonly #url: URL;
  readonly #headers: HttpHeaders;
  /** Where the file was found: a mirror, or an address that is good for a while. The rest of it is asked for there. */
  #place: URL | undefined;
  host: string;
  readonly loginHint: string;
  readonly downloadHint = "download it first, and name the file: curl -fLO URL";

  /** @param headers Sent to its host, and to no other one. */
  constructor(url: string, headers: HttpHeaders) {
    this.#url = new URL(url);
    this.#headers = headers;
    this.host = this.#url.host;
    this.loginHint =
      headers.length === 0
        ? "it is not for everybody: --http-header 'Authorization: Bearer $TOKEN' says who asks"
        : "the server does not take what --http-header says: check that it is still valid";
  }

  get place(): string | undefined {
    return this.#place?.href;
  }

  set place(address: string | undefined) {
    this.#place = address === undefined ? undefined : new URL(address);
  }

  async send(given: Headers, signal: AbortSignal): Promise<Response> {
    const place = given.has("range") ? this.#place : undefined;
    if (place === undefined) return await this.#sendTo(this.#url, given, signal);
    let response: Response;
    try {
      response = await this.#sendTo(place, given, signal);
    } catch (error) {
      // The next attempt asks where it is to be had now.
      this.#place = undefined;
      throw error;
    }
    if (response.status >= LEAST_SERVER_FAULT) this.#place = undefined;
    if (place.href === this.#url.href || !GONE_STATUS.has(response.status)) return response;
    await response.body?.cancel().catch(() => undefined);
    return await this.#sendTo(this.#url, given, signal);
  }

  async #sendTo(first: URL, given: Headers, signal: AbortSignal): Promise<Response> {
    let url = first;
    for (let hops = 0; ; hops++) {
      const headers = new Headers(given);
      if (url.origin === this.#url.origin) for (const [name, value] of this.#headers) headers.set(name, value);
      this.host = url.host;
      // Compressed bodies are unpacked by the reader of files, and ranges count bytes as they are sent: so the runtime
      // must not unpack. Time-outs are the reader's, too.
      const further = { decompress: false, timeout: false };
      const response = await fetch(url.href, { signal, headers, redirect: "manual", ...further });
      const next = REDIRECTING_STATUS.has(response.status) ? response.headers.get("location") : null;
      if (next === null) {
        if (response.ok) this.#place = url;
        return response;
      }
      await response.body?.cancel().catch(() => undefined);
      if (!URL.canParse(next, url.href)) throw new RedirectError("its server sends to an address that is none");
      if (hops === MAX_HOPS) throw new RedirectError(`${url.host} sends from one address to the next, without an end`);
      url = new URL(next, url.href);
    }
  }
}
