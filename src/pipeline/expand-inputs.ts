/**
 * Names that stand for several inputs, of places that no shell knows. A zip archive alone stands for all of its members, where
 * these are of one kind; `a.zip#*.csv` for those that match, and `s3://bucket/*.csv` for objects.
 */
import { closeSync } from "node:fs";
import { basename, extname } from "node:path";
import { RowmillError } from "../errors.ts";
import { shellWord } from "../formats/command-words.ts";
import { uncompressedName } from "../io/compression.ts";
import { openFile } from "../io/files.ts";
import { naturalOrder } from "../io/natural-order.ts";
import { isObjectName } from "../io/s3/object-name.ts";
import { inputName, isArchiveName, listed, memberName } from "../io/zip/zip-name.ts";
import { formatByName } from "./told-format.ts";

/** What makes the name of a member, or of an object, a pattern. */
const PATTERN = /[*?[{]/;
/** What systems put beside the files of people. */
const OF_SYSTEMS = /^__MACOSX\/|(?:^|\/)(?:\.[^/]*|Thumbs\.db|desktop\.ini)$/i;

/**
 * The inputs with the members of archives, and the objects that match, in their places. Names of single ones stay as they are,
 * also where there are none of that name: that is said when they are opened.
 *
 * @throws {RowmillError} `input`, when it is not clear which members are meant.
 */
export async function expandInputs(names: readonly string[]): Promise<string[]> {
  return (await Promise.all(names.map(inputsNamed))).flat();
}

/** The one input that a name stands for. */
export async function expandInput(name: string): Promise<string> {
  const [first = name, ...others] = await inputsNamed(name);
  if (others.length === 0) return first;
  throw new RowmillError("input", `cannot read ${name}: one file is wanted, and it has ${others.length + 1}`, {
    hint: `name one: ${shellWord(first)}`,
  });
}

async function inputsNamed(name: string): Promise<string[]> {
  if (name === "") {
    throw new RowmillError("input", "an input has an empty name", {
      hint: "a variable of the shell may be empty: look at what it stands for; standard input is -",
    });
  }
  if (isObjectName(name)) return await objectsNamed(name);
  const named = memberName(name);
  if (named === undefined && !isArchiveName(name)) return [name];
  if (named !== undefined && !PATTERN.test(named.member)) return [name];
  const archive = named?.archive ?? name;
  const names = await namesIn(archive);
  // It is called so, and is something else.
  if (names === undefined) return [name];
  const chosen = named === undefined ? ofOneKind(archive, names) : await matching(named, names);
  return chosen.toSorted(naturalOrder).map((member) => inputName({ archive, member }));
}

async function objectsNamed(name: string): Promise<string[]> {
  if (!PATTERN.test(name)) return [name];
  const { Store, matchingObjects } = await import("../io/s3/list.ts");
  return await matchingObjects(await Store.open(), name);
}

/** The names of all members; undefined where a file is no archive. */
async function namesIn(archive: string): Promise<string[] | undefined> {
  const { isArchive, readDirectory } = await import("../io/zip/zip-directory.ts");
  const fd = await openFile(archive);
  try {
    if (!isArchive(fd)) return undefined;
    return [...new Set((await readDirectory(fd, archive)).map(({ name }) => name))];
  } finally {
    closeSync(fd);
  }
}

/** Those that match a pattern; where that names no folder, in any folder. */
async function matching(named: { archive: string; member: string }, names: readonly string[]): Promise<string[]> {
  if (names.includes(named.member)) return [named.member];
  const glob = new Bun.Glob(named.member);
  const anywhere = !named.member.includes("/");
  const found = names.filter((name) => glob.match(name) || (anywhere && glob.match(basename(name))));
  if (found.length > 0)
    return found.filter((name) => found.every((one) => OF_SYSTEMS.test(one)) || !OF_SYSTEMS.test(name));
  const { noMember } = await import("../io/zip/member-input.ts");
  throw noMember(named, names);
}

function ofOneKind(archive: string, names: readonly string[]): string[] {
  const own = names.filter((name) => !OF_SYSTEMS.test(name));
  const kinds = new Map(own.map((name) => [kindOf(name), name]));
  if (own.length === 0) {
    throw new RowmillError("input", `cannot read ${archive}: there is no file in it`, { hint: "look at it: unzip -l" });
  }
  if (own.length === 1 || kinds.size === 1) return own;
  const tables = own.filter((name) => formatByName(name) !== undefined);
  const [table = own[0] ?? ""] = tables;
  const examples = [inputName({ archive, member: table })];
  if (tables.length > 1) examples.push(inputName({ archive, member: `*${extname(table)}` }));
  throw new RowmillError("input", `cannot read ${archive}: it has files of several kinds: ${listed(own)}`, {
    hint: `say which: ${examples.map(shellWord).join(" or ")}`,
  });
}

/** What a member is by its name: a format, or an extension. */
function kindOf(name: string): string {
  return formatByName(name) ?? extname(uncompressedName(name)).toLowerCase();
}
