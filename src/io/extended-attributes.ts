/**
 * Extended attributes of files, access control lists among them, on Linux: the runtime has no calls for them, so those
 * of the system's library are made directly.
 */
import { ofLibrary } from "./c-library.ts";

/** Names of a file's attributes take so much at most (the kernel's own limit), and so does one value. */
const MAX_BYTES = 64 * 1024;

const CALLS = {
  flistxattr: { args: ["i32", "ptr", "usize"], returns: "i64" },
  fgetxattr: { args: ["i32", "ptr", "ptr", "usize"], returns: "i64" },
  fsetxattr: { args: ["i32", "ptr", "ptr", "usize", "i32"], returns: "i32" },
  fremovexattr: { args: ["i32", "ptr"], returns: "i32" },
} as const;

/** The access control list of a file. */
export const ACCESS_LIST = "system.posix_acl_access";

/** Attributes of open files. */
export interface ExtendedAttributes {
  names(fd: number): string[];
  /** The value of one; undefined when it cannot be read. */
  read(fd: number, name: string): Buffer | undefined;
  /** Returns whether the system allowed it. */
  write(fd: number, name: string, value: Buffer): boolean;
  remove(fd: number, name: string): boolean;
}

/** Undefined where the system's library cannot be called. */
export function extendedAttributes(): ExtendedAttributes | undefined {
  const calls = ofLibrary((dlopen, name) => dlopen(name, CALLS).symbols);
  if (calls === undefined) return undefined;
  const buffer = Buffer.alloc(MAX_BYTES);
  const filled = (bytes: number | bigint): Buffer | undefined =>
    bytes < 0 ? undefined : Buffer.from(buffer.subarray(0, Number(bytes)));
  return {
    names: (fd) =>
      (filled(calls.flistxattr(fd, buffer, BigInt(MAX_BYTES))) ?? Buffer.alloc(0))
        .toString("latin1")
        .split("\0")
        .filter((name) => name !== ""),
    read: (fd, name) => filled(calls.fgetxattr(fd, text(name), buffer, BigInt(MAX_BYTES))),
    write: (fd, name, value) => calls.fsetxattr(fd, text(name), pointable(value), BigInt(value.length), 0) === 0,
    remove: (fd, name) => calls.fremovexattr(fd, text(name)) === 0,
  };
}

function text(name: string): Buffer {
  return Buffer.from(`${name}\0`, "latin1");
}

/** An empty buffer has no address. */
function pointable(bytes: Buffer): Buffer {
  return bytes.length === 0 ? Buffer.alloc(1) : bytes;
}
