/** Requests to a store that speaks S3: their addresses, their signatures, and what its errors mean. */
import { AwsV4Signer } from "aws4fetch";
import { RowmillError } from "../../errors.ts";
import { type Account, findAccount } from "./account.ts";
import { type ObjectName, encodedKey } from "./object-name.ts";

/** A request for a bucket, or an object in it. */
export interface StoreRequest {
  method: "GET" | "PUT" | "POST" | "DELETE" | "HEAD";
  bucket: string;
  /** Undefined: the bucket itself. */
  key?: string;
  query?: Readonly<Record<string, string>>;
  /** Headers that are not signed: what passes them on may change them. */
  headers?: Headers;
  body?: Uint8Array<ArrayBuffer> | string;
  signal?: AbortSignal | undefined;
}

/** Why a store does not do what it was asked. */
export interface StoreError {
  /** Its own word: `NoSuchKey`. */
  code: string;
  reason: string;
  hint: string;
}

/** The checksum of a body, by which a store knows what has come whole. */
const CHECKSUM = "content-md5";

export class Store {
  readonly #account: Account;
  /** Buckets may be in other regions than the account. */
  readonly #regions = new Map<string, string>();
  readonly #signing = new Map<string, ArrayBuffer>();
  /** Who was asked last. */
  host = "";

  constructor(account: Account) {
    this.#account = account;
  }

  /** The store of this process's account. */
  static async open(): Promise<Store> {
    return new Store(await findAccount());
  }

  /** Sends a request, to the region where the bucket is. */
  async send(request: StoreRequest): Promise<Response> {
    const response = await this.#sendTo(this.#regionOf(request.bucket), request);
    const region = response.headers.get("x-amz-bucket-region");
    const isElsewhere = response.status === 301 || response.status === 307 || response.status === 400;
    if (!isElsewhere || region === null || region === this.#regionOf(request.bucket)) return response;
    await response.body?.cancel().catch(() => undefined);
    this.#regions.set(request.bucket, region);
    return await this.#sendTo(region, request);
  }

  #regionOf(bucket: string): string {
    return this.#regions.get(bucket) ?? this.#account.region;
  }

  async #sendTo(region: string, { method, query, headers, body, signal, ...name }: StoreRequest): Promise<Response> {
    const url = new URL(this.#address(name, region));
    for (const [key, value] of Object.entries(query ?? {})) url.searchParams.set(key, value);
    this.host = url.host;
    const sent = await this.#signed(url, region, { method, body });
    for (const [key, value] of headers ?? []) sent.set(key, value);
    // Bytes are taken as they are sent, and who waits says for how long.
    const further = { decompress: false, timeout: false };
    return await fetch(url.href, {
      method,
      headers: sent,
      body: body ?? null,
      redirect: "manual",
      signal: signal ?? null,
      ...further,
    });
  }

  async #signed(
    url: URL,
    region: string,
    { method, body }: { method: string; body: StoreRequest["body"] | undefined },
  ): Promise<Headers> {
    const own: Record<string, string> =
      body === undefined ? {} : { [CHECKSUM]: new Bun.CryptoHasher("md5").update(body).digest("base64") };
    const { keys } = this.#account;
    if (keys === undefined) return new Headers(own);
    const { sessionToken, ...pair } = keys;
    const signer = new AwsV4Signer({
      ...pair,
      ...(sessionToken !== undefined && { sessionToken }),
      method,
      url: url.href,
      headers: own,
      service: "s3",
      region,
      cache: this.#signing,
    });
    return (await signer.sign()).headers;
  }

  #address({ bucket, key }: Partial<ObjectName>, region: string): string {
    const path = key === undefined ? "" : `/${encodedKey(key)}`;
    const { endpoint } = this.#account;
    if (endpoint !== undefined) return `${endpoint}/${bucket}${path}`;
    const domain = `s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
    // The certificate is for one level below the domain.
    return bucket?.includes(".") === true ? `https://${domain}/${bucket}${path}` : `https://${bucket}.${domain}${path}`;
  }

  /** Why an answer is none, as far as it says so. Its body is read. */
  async explain(response: Response, bucket: string): Promise<StoreError> {
    const { status, statusText } = response;
    const { code = "", message = "" } = errorIn(await response.text().catch(() => ""));
    const said = [code, message].filter((part) => part !== "").join(": ");
    const answer = `${status} ${statusText}`.trim();
    const known = this.#knownError(code === "" ? String(status) : code, bucket);
    return {
      code,
      reason: known?.[0] ?? `the store answers ${said === "" ? answer : `${answer} (${said})`}`,
      hint: known?.[1] ?? "check the name, and AWS_ENDPOINT_URL and AWS_REGION",
    };
  }

  #knownError(code: string, bucket: string): readonly [reason: string, hint: string] | undefined {
    const { keys } = this.#account;
    const denied =
      keys === undefined
        ? "say who asks: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
        : "ask its owner for the right, or use other keys";
    const wrong = [
      "the store does not take the keys",
      "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
    ] as const;
    const known: Record<string, readonly [reason: string, hint: string]> = {
      NoSuchKey: ["there is no such object", "check the key"],
      "404": ["there is no such object", "check the key"],
      NoSuchBucket: [`there is no bucket ${bucket}`, "check its name, and AWS_ENDPOINT_URL"],
      AccessDenied: ["access is denied", denied],
      "403": ["access is denied", denied],
      AllAccessDisabled: ["access is denied", denied],
      InvalidAccessKeyId: wrong,
      SignatureDoesNotMatch: wrong,
      InvalidToken: wrong,
      ExpiredToken: ["the session of the keys is over", "get new ones"],
      RequestTimeTooSkewed: ["the clock of this machine is wrong", "set it right"],
      NoSuchUpload: ["the store has dropped what was uploaded", "look whether a rule of the bucket does that"],
    };
    return known[code];
  }
}

/** What an answer says of an error. */
export function errorIn(text: string): { code?: string; message?: string } {
  const { Error: error } = parsed(text);
  const { Code: code, Message: message } = Object(error) as Record<string, unknown>;
  return { ...(typeof code === "string" && { code }), ...(typeof message === "string" && { message }) };
}

/** An answer as an object; an empty one where it is no XML. */
export function parsed(text: string): Record<string, unknown> {
  try {
    return Object(Bun.XML.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** An error of a store, for somebody who reads or writes an object. */
export function storeFailure(kind: "input" | "output", name: string, { reason, hint }: StoreError): RowmillError {
  const verb = kind === "input" ? "read" : "write";
  return new RowmillError(kind, `cannot ${verb} ${name}: ${reason}`, { hint });
}
