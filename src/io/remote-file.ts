/**
 * One request for a file on a server, whole or from some byte on, and what its answer means. The rest of a file is asked
 * for under the condition that it is still the same file: bytes of two versions never come together.
 */
import { RowmillError, messageOf } from "../errors.ts";
import { type Asking, RedirectError } from "./asking.ts";

/** What a server says of a file. */
export interface RemoteFile {
  /** Bytes; undefined when it does not tell. */
  size: number | undefined;
  /** What kind of data it is, in lower case and without parameters: `text/csv`. */
  mediaType: string | undefined;
  /** Tells this version from others (RFC 9110, 13.1.5); undefined when nothing does for certain. */
  version: string | undefined;
  /** What the server has said of parts of it: that it gives them, that it does not; undefined: nothing. */
  ranges: "given" | "refused" | undefined;
  /** The version is never that of other bytes. */
  isPinned: boolean;
  /** The bytes are sent as they are, in no encoding. */
  isPlain: boolean;
}

/** What is to be read. */
export interface FileRequest {
  asking: Asking;
  /** From this byte on. */
  offset: number;
  /** Up to this one; undefined: to the end. */
  until?: number | undefined;
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
  /** The server has too much to do. */
  isBusy?: boolean;
  waitMs?: number;
  cause?: unknown;
}

/** What came of a request; `end`: there is nothing from that byte on. */
export type Answer =
  { kind: "body"; file: RemoteFile; body: Body } | { kind: "end" } | { kind: "failed"; failure: Failure };

/** Status codes after which another try may succeed. */
const PASSING_STATUS: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Those of a server that would rather be asked less. */
const BUSY_STATUS: ReadonlySet<number> = new Set([429, 503]);
/** A file that was written so long before its server was asked has no younger version of the same second. */
const SETTLED_MS = 60_000;
const CHECK_NETWORK = "check the address and the network";
/** The longest `Retry-After` that is heeded. */
const MAX_WAIT_MS = 30_000;
/** Encodings of a body that are told by its first bytes, as those of files are. */
const READ_ENCODINGS: ReadonlySet<string> = new Set(["identity", "gzip", "x-gzip", "zstd"]);

/** Why the rest of a file cannot be had. */
export const NO_RANGES = "its server does not send the rest of a file alone";
/** The same where it would send it, maybe of another one. */
export const NO_VERSION = "its server does not tell whether the rest would be of the same file";

/** Asks for a file, or for what is left of it. */
export async function requestFile(wanted: FileRequest): Promise<Answer> {
  const { asking, offset, until, file, signal } = wanted;
  const headers = new Headers({ "accept-encoding": "identity", "user-agent": "rowmill" });
  const isPart = offset > 0 || until !== undefined;
  if (isPart) headers.set("range", `bytes=${offset}-${until === undefined ? "" : until - 1}`);
  if (isPart && file?.version !== undefined) headers.set("if-range", file.version);
  let response: Response;
  try {
    response = await asking.send(headers, signal);
  } catch (error) {
    if (error instanceof RowmillError) throw error;
    // Where no byte has come yet, a wrong address is more likely than a server that will be back.
    return { kind: "failed", failure: { ...unreachable(asking.host, error), isPassing: isPart, cause: error } };
  }
  const answer = isPart ? await restOfFile(response, wanted) : await wholeFile(response, wanted);
  // Its body is not wanted, and may have broken off already.
  if (answer.kind !== "body" && !response.bodyUsed) await response.body?.cancel().catch(() => undefined);
  return answer;
}

async function wholeFile(response: Response, { asking }: FileRequest): Promise<Answer> {
  const { status, headers, body } = response;
  if (status === 204 || (status === 200 && body === null)) return { kind: "end" };
  if (status !== 200 || body === null) return await badStatus(response, asking);
  const encoding = headers.get("content-encoding")?.toLowerCase() ?? "identity";
  if (!READ_ENCODINGS.has(encoding)) {
    return final(`it is sent in the encoding ${encoding}`, "unpack it on the way: curl --compressed URL | rowmill …");
  }
  return { kind: "body", file: describe(headers), body: body.getReader() };
}

async function restOfFile(response: Response, wanted: FileRequest): Promise<Answer> {
  const { asking, offset, file } = wanted;
  const { status, headers, body } = response;
  const { first, size } = rangeIn(headers);
  const now = describe(headers);
  if (status === 416 && size === offset && wanted.until === undefined) return { kind: "end" };
  if (status === 206 && first === offset && body !== null) {
    const isOther =
      (now.version !== undefined && now.version !== file?.version) ||
      (file?.size !== undefined && size !== undefined && size !== file.size);
    if (isOther) return CHANGED;
    const fault = wanted.until === undefined ? undefined : faultOfPart(now, headers, wanted);
    return fault ?? { kind: "body", file: now, body: body.getReader() };
  }
  if (status === 200 || status === 206 || status === 416) {
    return now.version === file?.version ? final(NO_RANGES, asking.downloadHint) : CHANGED;
  }
  return await badStatus(response, asking);
}

/** What `Content-Range` says; nothing where it says that in no words that are known. */
function rangeIn(headers: Headers): { first?: number; behind?: number; size?: number } {
  const [, first, last, size] = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
  return {
    ...(first !== undefined && { first: Number(first), behind: Number(last) + 1 }),
    ...(size !== undefined && size !== "*" && { size: Number(size) }),
  };
}

/** What is wrong with the answer to a request for a part that is put between others: all of it must be certain. */
function faultOfPart(now: RemoteFile, headers: Headers, { asking, offset, file }: FileRequest): Answer | undefined {
  const { behind = 0, size } = rangeIn(headers);
  if (now.version === undefined || !now.isPlain) return final(NO_VERSION, asking.downloadHint);
  const isLie = size !== file?.size || behind > (size ?? 0) || (now.size ?? behind - offset) !== behind - offset;
  return isLie ? final("its server sends another part than was asked for", asking.downloadHint) : undefined;
}

function describe(headers: Headers): RemoteFile {
  const length = headers.get("content-length");
  const tag = headers.get("etag");
  // A weak tag stands for versions that mean the same, perhaps in other bytes.
  const strongTag = tag?.startsWith("W/") === true ? null : tag;
  const written = headers.get("last-modified");
  const settledMs = Date.parse(headers.get("date") ?? "") - Date.parse(written ?? "");
  const isCertain = strongTag !== null || (tag === null && settledMs >= SETTLED_MS);
  const said = headers.get("accept-ranges")?.toLowerCase();
  return {
    size: length === null ? undefined : Number(length),
    mediaType: headers.get("content-type")?.split(";")[0]?.trim().toLowerCase(),
    version: strongTag ?? written ?? undefined,
    ranges: said === "bytes" ? "given" : said === "none" ? "refused" : undefined,
    isPinned: isCertain,
    isPlain: (headers.get("content-encoding") ?? "identity").toLowerCase() === "identity",
  };
}

function final(reason: string, hint: string): Answer {
  return { kind: "failed", failure: { reason, hint, isPassing: false } };
}

const CHANGED = final("the file on the server is another one now", "run again when nobody writes to it any more");

async function badStatus(response: Response, asking: Asking): Promise<Answer> {
  const { status, statusText, headers } = response;
  const isPassing = PASSING_STATUS.has(status);
  const seconds = Number(headers.get("retry-after") ?? 0);
  const waitMs = seconds > 0 ? Math.min(seconds * 1000, MAX_WAIT_MS) : 0;
  const said = isPassing ? undefined : await asking.explain?.(response);
  if (said !== undefined) return final(said.reason, said.hint);
  const hint =
    status === 401 || status === 403
      ? asking.loginHint
      : isPassing
        ? "the server has a problem: try again later"
        : "check the address";
  const reason = `the server answers ${`${status} ${statusText}`.trim()}`;
  return { kind: "failed", failure: { reason, hint, isPassing, waitMs, isBusy: BUSY_STATUS.has(status) } };
}

/** Why no answer came, from the runtime's error code. */
function unreachable(host: string, error: unknown): Pick<Failure, "reason" | "hint"> {
  if (error instanceof RedirectError) return { reason: error.message, hint: CHECK_NETWORK };
  const hostname = host.replace(/:\d+$/, "");
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
