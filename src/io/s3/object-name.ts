/** Names of objects in stores that speak S3: `s3://bucket/key`. */
import { RowmillError } from "../../errors.ts";

/** Where an object is. */
export interface ObjectName {
  bucket: string;
  /** As it is called, not as addresses write it. */
  key: string;
}

export function isObjectName(name: string): boolean {
  return /^s3:\/\//i.test(name);
}

/**
 * Reads the name of an object.
 *
 * @param code What is at fault where it is none.
 * @throws {RowmillError} When a part of it is missing, or no address can have its key.
 */
export function objectName(name: string, code: "input" | "output"): ObjectName {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]*)\/(.*)$/is.exec(name) ?? [];
  const verb = code === "input" ? "read" : "write";
  if (bucket === "" || key === "" || key.endsWith("/"))
    throw new RowmillError(code, `cannot ${verb} ${name}: it names no object`, {
      hint: "name a bucket and a key: s3://bucket/path/file.csv",
    });
  if (key.split("/").some((part) => part === "." || part === ".."))
    throw new RowmillError(code, `cannot ${verb} ${name}: no address can have . or .. in it`, {
      hint: "check the key",
    });
  return { bucket, key };
}

/** A key as addresses have it. */
export function encodedKey(key: string): string {
  return key.split("/").map(encoded).join("/");
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
