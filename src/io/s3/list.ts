/** The objects that a pattern stands for. */
import { RowmillError } from "../../errors.ts";
import { naturalOrder } from "../natural-order.ts";
import { Store, parsed, storeFailure } from "./store.ts";

export { Store };

/** What makes a key a pattern. */
const PATTERN = /[*?[{]/;

/**
 * The names of all objects that match a pattern, in the order in which people count. An object of that very name comes first.
 *
 * @throws {RowmillError} `input`, when there are none, or nobody may see them.
 */
export async function matchingObjects(store: Store, pattern: string): Promise<string[]> {
  const [, bucket = "", wanted = ""] = /^s3:\/\/([^/]+)\/(.*)$/is.exec(pattern) ?? [];
  if (bucket === "" || PATTERN.test(bucket))
    throw new RowmillError("input", `cannot read ${pattern}: a pattern is for keys within a bucket`, {
      hint: "such as 's3://bucket/path/*.csv'",
    });
  const glob = new Bun.Glob(wanted);
  const found: string[] = [];
  for await (const key of keysLike(store, { bucket, wanted, pattern })) {
    if (key === wanted) return [pattern];
    if (glob.match(key) && !key.endsWith("/")) found.push(`s3://${bucket}/${key}`);
  }
  if (found.length > 0) return found.toSorted(naturalOrder);
  throw new RowmillError("input", `cannot read ${pattern}: no object matches`, {
    hint: "*, ?, [abc] and {a,b} stand for parts of a key between slashes, ** for any of them",
  });
}

async function* keysLike(
  store: Store,
  { bucket, wanted, pattern }: { bucket: string; wanted: string; pattern: string },
): AsyncGenerator<string> {
  const prefix = wanted.slice(0, wanted.search(PATTERN));
  // Nothing below the folder of a pattern can match that has no further slash.
  const isFlat = !wanted.slice(prefix.length).includes("/") && !wanted.includes("**");
  const query = { "list-type": "2", prefix, ...(isFlat && { delimiter: "/" }) };
  let next: string | undefined;
  do {
    const page: Record<string, string> = next === undefined ? query : { ...query, "continuation-token": next };
    const response = await store.send({ method: "GET", bucket, query: page });
    if (response.status !== 200) throw storeFailure("input", pattern, await store.explain(response, bucket));
    const { ListBucketResult: result } = parsed(await response.text());
    const listed = Object(result) as Record<string, unknown>;
    const { Contents: contents = [], IsTruncated: isCut, NextContinuationToken: token } = listed;
    for (const one of [contents].flat()) {
      const { Key: key } = Object(one) as Record<string, unknown>;
      if (typeof key === "string") yield key;
    }
    next = isCut === "true" && typeof token === "string" ? token : undefined;
  } while (next !== undefined);
}
