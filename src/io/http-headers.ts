/**
 * Headers that requests for files on servers have beside those of Rowmill: what `--http-header` says. Where a value names a
 * variable of the environment, that is filled in here, and nowhere else: what is said of a run has the name only.
 */
import { UsageError } from "../errors.ts";

/** Names and values, as they are sent. */
export type HttpHeaders = readonly (readonly [name: string, value: string])[];

export const NO_HEADERS: HttpHeaders = [];

/** Rowmill says these itself: they decide which bytes come. */
const OWN: ReadonlySet<string> = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "host",
  "if-range",
  "range",
  "transfer-encoding",
]);

/** RFC 9110, 5.6.2: what a name may consist of. */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
/** Line ends would begin another header. */
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
/** A variable of the environment; two dollar signs stand for one. */
const VARIABLE = /\$(?:(\$)|(\w+)|\{(\w+)\})/g;

const EXAMPLE = "--http-header 'Authorization: Bearer $TOKEN'";

/**
 * Reads headers such as `Authorization: Bearer $TOKEN`. No message repeats a value: it may be a secret.
 *
 * @throws {UsageError} When one has no name, or a variable is not there.
 */
export function httpHeaders(said: string | readonly string[] | undefined): HttpHeaders {
  return [said ?? []].flat().map((text) => {
    const [, name = "", value = ""] = /^([^:\s]*):(.*)$/s.exec(text) ?? [];
    if (!NAME.test(name)) throw new UsageError("--http-header wants NAME: VALUE", `for example: ${EXAMPLE}`);
    if (OWN.has(name.toLowerCase()))
      throw new UsageError(`--http-header names ${name}, which is not for users to say`, "leave it out");
    const filled = withVariables(value, name).trim();
    if (NO_VALUE.test(filled))
      throw new UsageError(
        `the value of --http-header ${name} has characters that no header can have`,
        "look for line ends in it",
      );
    return [name, filled] as const;
  });
}

function withVariables(value: string, header: string): string {
  return value.replace(
    VARIABLE,
    (_, dollar: string | undefined, bare: string | undefined, braced: string | undefined) => {
      if (dollar !== undefined) return dollar;
      const name = bare ?? braced ?? "";
      const found = process.env[name];
      if (found !== undefined && found !== "") return found;
      throw new UsageError(
        `--http-header ${header} names $${name}, and the environment has no such variable`,
        `set it: export ${name}=…; a dollar sign itself is written $$`,
      );
    },
  );
}

/** A value that names where its secret is: it may be shown. */
export function namesVariable(value: string): boolean {
  return value.replaceAll("$$", "").includes("$");
}
