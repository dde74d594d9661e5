/**
 * Lists of names on a command line, quoted as in CSV: `a,b`, or `"a,b",c` where a name holds a comma. Blanks around names
 * that are not quoted do not count.
 */
import { UsageError } from "../errors.ts";

/** A name in quotes, or all up to the next comma, and what stands behind a quoted name. */
const ITEM = /\s*(?:"(?<quoted>(?:[^"]|"")*)"(?<behind>[^,]*)|(?<plain>[^,]*))(?:,|$)/y;

/** The same of a list of pairs, whose second half may stand in quotes by itself. */
const PAIR_ITEM =
  /\s*(?:"(?<quoted>(?:[^"]|"")*)"(?<behind>\s*=\s*"(?:[^"]|"")*"\s*|[^,]*)|(?<plain>[^,"=]*=\s*"(?:[^"]|"")*"\s*|[^,]*))(?:,|$)/y;

/** One item of a list. */
interface Item {
  name: string;
  /** Quotes stood around all of it, or around its start: then this is what stands behind them. */
  behind: string | undefined;
}

function items(text: string, item: RegExp): Item[] {
  const found: Item[] = [];
  // A line end behind all of it is that of a file whose first line was given.
  const list = text.replace(/\r?\n$/, "");
  item.lastIndex = 0;
  for (;;) {
    const match = item.exec(list);
    const { quoted, behind = "", plain = "" } = match?.groups ?? {};
    found.push(
      quoted === undefined
        ? { name: plain.trim(), behind: undefined }
        : { name: quoted.replaceAll('""', '"'), behind: behind.trim() },
    );
    if (match?.[0].endsWith(",") !== true) return found;
  }
}

/**
 * The names of a list that was given to a flag.
 *
 * @throws {UsageError} If something stands behind a quoted name.
 */
export function nameList(flag: string, text: string): string[] {
  return items(text, ITEM).map(({ name, behind = "" }) => {
    if (behind !== "")
      throw new UsageError(
        `${flag} has ${JSON.stringify(behind)} behind the name ${JSON.stringify(name)}`,
        behind.startsWith(":") ? aroundAll(name + behind) : HINT,
      );
    const [, downwards] = (name.startsWith('-"') && SIGN_OUTSIDE.exec(text.slice(text.indexOf(name)))) || [];
    if (downwards === undefined) return name;
    throw new UsageError(
      `${flag} has a sign before a name in quotes`,
      aroundAll(`-${downwards.replaceAll('""', '"')}`),
    );
  });
}

/** `-"a,b"` */
const SIGN_OUTSIDE = /^-"((?:[^"]|"")*)"\s*(?:[,:]|$)/;

function aroundAll(key: string): string {
  return `the quotes stand around all of it: '"${key.replaceAll('"', '""')}"'`;
}

const HINT = `a name with commas stands in double quotes, and quotes in it are doubled: '"a,b",c'`;

/**
 * The pairs of a list such as `a=int,"b,c"=date,text`; quotes may stand around a pair as well, around its second half, and
 * around a value alone.
 */
export function pairList(text: string): [name: string | undefined, value: string][] {
  return items(text, PAIR_ITEM).map(({ name, behind }) => {
    if (behind?.startsWith("=") === true) return [name, unquoted(behind.slice(1).trim())];
    const [, first = "", second] = (behind === undefined && QUOTED_VALUE.exec(name)) || [];
    if (second !== undefined) return [first.trim(), unquoted(second)];
    const at = name.lastIndexOf("=");
    return [at < 0 ? undefined : name.slice(0, at), name.slice(at + 1) + (behind ?? "")];
  });
}

/** `a="b c"` */
const QUOTED_VALUE = /^([^="]*)=\s*("(?:[^"]|"")*")$/;

function unquoted(value: string): string {
  const [, inner] = /^"((?:[^"]|"")*)"$/.exec(value) ?? [];
  return inner?.replaceAll('""', '"') ?? value;
}
