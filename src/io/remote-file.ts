/**
 * One request for a file on a server, whole or from some byte on, and what its answer means. The rest of a file is asked
 * for under the condition that it is still the same file: bytes of two versions never come together.
 */
import { messageOf } from "../errors.ts";
import type { HttpHeaders } from "./http-headers.ts";

/** What a server says of a file. */
export interface RemoteFile {
  /** Bytes; undefined when it does not tell. */
  size: number | undefined;
  /** What kind of data it is, in lower case and without parameters: `text/csv`. */
  mediaType: string | undefined;
  /** Tells this version from others (RFC 9110, 13.1.5); undefined when nothing does for certain. */
  version: string | undefined;
  /** The server has said that it gives no parts. */
  refusesRanges: boolean;
}

/** What is to be read. */
export interface FileRequest {
  url: string;
  /** Sent to its host, and to no other one. */
  headers: HttpHeaders;
  /** From this byte on. */
  offset: number;
  /** The file that the bytes before were of; undefined when none came. */
  file: RemoteFile | undefined;
  signal: AbortSignal;
}

/** The bytes of a body. */
export type Body = Pick<ReadableStreamDefaultReader<Uint8Array>, "read">;

/** Why a request brought nothing. */
export interface Failure {
  /** In words that follow the name of the file. */
  reason: string;
  hint: string;
  /** Another try may succeed, after `waitMs`. */
  isPassing: boolean;
  waitMs?: number;
  cause?: unknown;
}

/** What came of a request; `end`: there is nothing from that byte on. */
export type Answer =
  { kind: "body"; file: RemoteFile; body: Body } | { kind: "end" } | { kind: "failed"; failure: Failure };

/** Status codes after which another try may succeed. */
const PASSING_STATUS: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Those with which a server sends on to another address. */
const REDIRECTING_STATUS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** So often it may do that, as in browsers. */
const MAX_HOPS = 20;
const ENDLESS = "sends from one address to the next, without an end";
const CHECK_NETWORK = "check the address and the network";
/** The longest `Retry-After` that is heeded. */
const MAX_WAIT_MS = 30_000;
/** Encodings of a body that are told by its first bytes, as those of files are. */
const READ_ENCODINGS: ReadonlySet<string> = new Set(["identity", "gzip", "x-gzip", "zstd"]);

/** What helps where a file cannot be read in parts. */
export const DOWNLOAD = "download it first, and name the file: curl -fLO URL";
/** Why the rest of a file cannot be had. */
export const NO_RANGES = "its server does not send the rest of a file alone";

/** Asks for a file, or for what is left of it. */
export async function requestFile(wanted: FileRequest): Promise<Answer> {
  const { offset } = wanted;
  let { url } = wanted;
  let response: Response | undefined;
  try {
    for (let hops = 0; response === undefined; hops++) {
      const found = await requestAt(url, wanted);
      const next = REDIRECTING_STATUS.has(found.status) ? found.headers.get("location") : null;
      if (next === null) response = found;
      else {
        await found.body?.cancel().catch(() => undefined);
        if (!URL.canParse(next, url)) return final("its server sends to an address that is none", "check the address");
        if (hops === MAX_HOPS) return final(`${new URL(url).host} ${ENDLESS}`, CHECK_NETWORK);
        url = new URL(next, url).href;
      }
    }
  } catch (error) {
    // Where no byte has come yet, a wrong address is more likely than a server that will be back.
    return { kind: "failed", failure: { ...unreachable(url, error), isPassing: offset > 0, cause: error } };
  }
  const answer = offset === 0 ? wholeFile(response, wanted) : restOfFile(response, wanted);
  // Its body is not wanted, and may have broken off already.
  if (answer.kind !== "body") await response.body?.cancel().catch(() => undefined);
  return answer;
}

/**
 * One request. Addresses that a server sends on to are asked here, not by the runtime: what is meant for one host, such as a
 * password, must not go to another.
 */
async function requestAt(
  url: string,
  { url: asked, headers: own, offset, file, signal }: FileRequest,
): Promise<Response> {
  const headers = new Headers({ "accept-encoding": "identity", "user-agent": "rowmill" });
  if (isSameOrigin(url, asked)) for (const [name, value] of own) headers.set(name, value);
  if (offset > 0) headers.set("range", `bytes=${offset}-`);
  if (offset > 0 && file?.version !== undefined) headers.set("if-range", file.version);
  // Compressed bodies are unpacked by the reader of files, and ranges count bytes as they are sent: so the runtime
  // must not unpack. Time-outs are the reader's, too.
  const further = { decompress: false, timeout: false };
  return await fetch(url, { signal, headers, redirect: "manual", ...further });
}

function isSameOrigin(url: string, other: string): boolean {
  return new URL(url).origin === new URL(other).origin;
}

function wholeFile({ status, statusText, headers, body }: Response, { headers: own }: FileRequest): Answer {
  if (status === 204 || (status === 200 && body === null)) return { kind: "end" };
  if (status !== 200 || body === null) return badStatus({ status, statusText, headers }, own);
  const encoding = headers.get("content-encoding")?.toLowerCase() ?? "identity";
  if (!READ_ENCODINGS.has(encoding)) {
    return final(`it is sent in the encoding ${encoding}`, "unpack it on the way: curl --compressed URL | rowmill …");
  }
  return { kind: "body", file: describe(headers), body: body.getReader() };
}

function restOfFile(
  { status, statusText, headers, body }: Response,
  { offset, file, headers: own }: FileRequest,
): Answer {
  const [, first, size] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
  const now = describe(headers);
  if (status === 416 && Number(size) === offset) return { kind: "end" };
  if (status === 206 && Number(first) === offset && body !== null) {
    const isOther =
      (now.version !== undefined && now.version !== file?.version) ||
      (file?.size !== undefined && size !== "*" && Number(size) !== file.size);
    return isOther ? CHANGED : { kind: "body", file: now, body: body.getReader() };
  }
  if (status === 200 || status === 206 || status === 416) {
    return now.version === file?.version ? final(NO_RANGES, DOWNLOAD) : CHANGED;
  }
  return badStatus({ status, statusText, headers }, own);
}

function describe(headers: Headers): RemoteFile {
  const length = headers.get("content-length");
  const tag = headers.get("etag");
  // A weak tag stands for versions that mean the same, perhaps in other bytes.
  const strongTag = tag?.startsWith("W/") === true ? null : tag;
  return {
    size: length === null ? undefined : Number(length),
    mediaType: headers.get("content-type")?.split(";")[0]?.trim().toLowerCase(),
    version: strongTag ?? headers.get("last-modified") ?? undefined,
    refusesRanges: headers.get("accept-ranges") === "none",
  };
}

function final(reason: string, hint: string): Answer {
  return { kind: "failed", failure: { reason, hint, isPassing: false } };
}

const CHANGED = final("the file on the server is another one now", "run again when nobody writes to it any more");

function badStatus(
  { status, statusText, headers }: Pick<Response, "status" | "statusText" | "headers">,
  own: HttpHeaders,
): Answer {
  const isPassing = PASSING_STATUS.has(status);
  const hint =
    status === 401 || status === 403
      ? own.length === 0
        ? "it is not for everybody: --http-header 'Authorization: Bearer $TOKEN' says who asks"
        : "the server does not take what --http-header says: check that it is still valid"
      : isPassing
        ? "the server has a problem: try again later"
        : "check the address";
  const seconds = Number(headers.get("retry-after") ?? 0);
  const waitMs = seconds > 0 ? Math.min(seconds * 1000, MAX_WAIT_MS) : 0;
  const reason = `the server answers ${`${status} ${statusText}`.trim()}`;
  return { kind: "failed", failure: { reason, hint, isPassing, waitMs } };
}

/** Why no answer came, from the runtime's error code. */
function unreachable(url: string, error: unknown): Pick<Failure, "reason" | "hint"> {
  const { host, hostname } = new URL(url);
  const reasons: Record<string, string> = {
    ENOTFOUND: `there is no host called ${hostname}`,
    ECONNREFUSED: `${host} refuses the connection`,
    ECONNRESET: `${host} closed the connection without an answer`,
    Malformed_HTTP_Response: `what ${host} answers is not HTTP`,
  };
  const code = String(Reflect.get(Object(error), "code"));
  return {
    reason: reasons[code] ?? `${host} cannot be reached (${messageOf(error)})`,
    hint: CHECK_NETWORK,
  };
}
