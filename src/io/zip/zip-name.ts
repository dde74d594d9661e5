/** What inputs in zip archives are called: `a.zip#b.csv`. */
import { existsSync } from "node:fs";
import { extname } from "node:path";
import { placed } from "../start-folder.ts";

/** A member of an archive, or a pattern of such. */
export interface MemberName {
  archive: string;
  member: string;
}

const MEMBER = /^(.*?\.zip)#(.+)$/is;

/** The archive and the member that a name stands for; undefined where it stands for something else. */
export function memberName(name: string): MemberName | undefined {
  const [, archive = "", member = ""] = MEMBER.exec(name) ?? [];
  // A file of that very name comes first.
  return archive === "" || archive.includes("://") || existsSync(placed(name)) ? undefined : { archive, member };
}

/** Whether a file is called as archives are. */
export function isArchiveName(name: string): boolean {
  return extname(name).toLowerCase() === ".zip" && !name.includes("://");
}

/** How a member is called as an input. */
export function inputName({ archive, member }: MemberName): string {
  return `${archive}#${member}`;
}

/** So many names are listed in a message. */
const LISTED = 10;

/** The names of members, for a message. */
export function listed(names: readonly string[]): string {
  const first = names.slice(0, LISTED).join(", ");
  return names.length > LISTED ? `${first} and ${names.length - LISTED} more` : first;
}
