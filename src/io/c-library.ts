/** The system's C library, for the calls that the runtime does not have. */

/** Its name: that of glibc, and that of musl. */
const NAMES = ["libc.so.6", `libc.musl-${process.arch === "x64" ? "x86_64" : "aarch64"}.so.1`];

type Ffi = typeof import("bun:ffi");

/**
 * Functions of the library, on Linux.
 *
 * @param open Called with `dlopen` and the name of the library.
 * @returns Undefined where the library cannot be called.
 */
export function ofLibrary<T>(open: (dlopen: Ffi["dlopen"], name: string) => T): T | undefined {
  // Imported at the top of a file, it would be loaded at the start of every run.
  const { dlopen } = process.getBuiltinModule("bun:ffi") as Ffi;
  for (const name of NAMES) {
    try {
      return open(dlopen, name);
    } catch {
      // The other one, or a system where no code may be made while a program runs.
    }
  }
  return undefined;
}
