/** The digest of a small file. */
import { readFileSync } from "node:fs";

/** SHA-256 of a file, in hexadecimal; empty where it cannot be read. */
export function fileHash(path: string): string {
  try {
    return new Bun.CryptoHasher("sha256").update(readFileSync(path)).digest("hex");
  } catch {
    return "";
  }
}
