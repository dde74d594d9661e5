/**
 * A file that takes the place of another one keeps its owner, its group, its rights and its extended attributes, as far
 * as this user may set them. What cannot be kept takes rights away, and never gives any to somebody who had none.
 */
import { type Stats, closeSync, constants, fchmodSync, fchownSync, fstatSync, openSync } from "node:fs";
import type { ExtendedAttributes } from "./extended-attributes.ts";
import { isNotPossible } from "./sync.ts";

/** A file that is to be replaced, as it was found. */
export interface ReplacedFile {
  path: string;
  stat: Stats;
}

const ALL_RIGHTS = 0o7777;
const SET_USER = 0o4000;
const SET_GROUP = 0o2000;
const OTHERS = 0o7;
const GROUP_SHIFT = 3;
const OWNER_SHIFT = 6;

/**
 * Gives an open file the owner, the rights and the attributes of the one that it is to replace. Until then it should be
 * its owner's alone.
 *
 * @returns What could not be kept, in words: "owner 1000".
 */
export async function adoptRights(fd: number, { path, stat: old }: ReplacedFile): Promise<string[]> {
  const isOwner = changeOwner(fd, old);
  const isGroup = fstatSync(fd).gid === old.gid;
  const mode = keptMode(old.mode & ALL_RIGHTS, { isOwner, isGroup });
  const attributes = await keptAttributes(path, fd);
  // A default access list of the folder may admit users whom the old file kept out.
  attributes?.dropList();
  const isMode = changeMode(fd, mode);
  const lostAttributes = attributes?.adopt({ withList: isGroup }) ?? [];
  // With a list, the group's place among the rights says what the list allows at most.
  if (lostAttributes.includes(LIST_NAME)) changeMode(fd, withoutGroup(mode));
  const others = old.nlink - 1;
  return [
    ...(isOwner ? [] : [`owner ${old.uid}`]),
    ...(isGroup ? [] : [`group ${old.gid}`]),
    ...(isMode ? [] : [`rights ${(old.mode & ALL_RIGHTS).toString(8)}`]),
    ...lostAttributes,
    ...(others > 0
      ? [`hard links (${others} other ${others > 1 ? "names still have" : "name still has"} the old rows)`]
      : []),
  ];
}

/** Whether the owner is the old one then. The group is set alone where both cannot be. */
function changeOwner(fd: number, { uid, gid }: Stats): boolean {
  const now = fstatSync(fd);
  if (now.uid === uid && now.gid === gid) return true;
  if (now.uid !== uid && isAllowed(() => fchownSync(fd, uid, gid))) return true;
  if (now.gid !== gid) isAllowed(() => fchownSync(fd, now.uid, gid));
  return fstatSync(fd).uid === uid;
}

/**
 * Where owner or group are others, the old owner and the members of the old group count as "others": these must get no
 * right that owner or group lacked.
 */
function keptMode(mode: number, { isOwner, isGroup }: { isOwner: boolean; isGroup: boolean }): number {
  const rightsOf = (shift: number): number => (mode >> shift) & OTHERS;
  let most = OTHERS;
  if (!isOwner) most &= rightsOf(OWNER_SHIFT);
  if (!isGroup) most &= rightsOf(GROUP_SHIFT) & rightsOf(0);
  const special = (isOwner ? 0 : SET_USER) | (isGroup ? 0 : SET_GROUP);
  return mode & ~special & ~(((OTHERS << GROUP_SHIFT) | OTHERS) & ~((most << GROUP_SHIFT) | most));
}

/** Members of the new group counted as "others" before: they get the rights of those, at most. */
function withoutGroup(mode: number): number {
  const group = OTHERS << GROUP_SHIFT;
  return (mode & ~group) | (mode & group & ((mode & OTHERS) << GROUP_SHIFT));
}

function changeMode(fd: number, mode: number): boolean {
  if ((fstatSync(fd).mode & ALL_RIGHTS) === mode) return true;
  return isAllowed(() => fchmodSync(fd, mode)) && (fstatSync(fd).mode & ALL_RIGHTS) === mode;
}

function isAllowed(change: () => void): boolean {
  try {
    change();
    return true;
  } catch (error) {
    if (isNotPossible(error)) return false;
    throw error;
  }
}

/** Attributes that the system sets itself, or removes when a file is written. */
const OF_THE_SYSTEM: ReadonlySet<string> = new Set([
  "security.selinux",
  "security.capability",
  "security.ima",
  "security.evm",
]);

const LIST_NAME = "access control list";

/** The extended attributes of the file that is replaced. */
interface KeptAttributes {
  /** Takes away the list that the new file has from its folder. */
  dropList(): void;
  /** Gives the new file those of the old one; what was not possible, in words. */
  adopt(options: { withList: boolean }): string[];
}

async function keptAttributes(path: string, fd: number): Promise<KeptAttributes | undefined> {
  if (process.platform !== "linux") return undefined;
  const { ACCESS_LIST, extendedAttributes } = await import("./extended-attributes.ts");
  const attributes = extendedAttributes();
  const values = attributes && readAttributes(attributes, path);
  if (attributes === undefined || values === undefined) return undefined;
  return {
    dropList: () => {
      if (attributes.names(fd).includes(ACCESS_LIST)) attributes.remove(fd, ACCESS_LIST);
    },
    adopt: ({ withList }) =>
      values
        .filter(([name, value]) => (name === ACCESS_LIST && !withList) || !attributes.write(fd, name, value))
        .map(([name]) => (name === ACCESS_LIST ? LIST_NAME : `attribute ${name}`)),
  };
}

function readAttributes(attributes: ExtendedAttributes, path: string): [name: string, value: Buffer][] | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    // Without the right to read, nothing can be copied.
    return undefined;
  }
  try {
    return attributes
      .names(fd)
      .filter((name) => !OF_THE_SYSTEM.has(name))
      .map((name) => [name, attributes.read(fd, name) ?? Buffer.alloc(0)]);
  } finally {
    closeSync(fd);
  }
}
