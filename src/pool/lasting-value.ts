/**
 * Values of items that stay as they are until their batch goes to the parent. A function may give the same object for
 * every item, or change one when the next item comes: each value is copied at once, as if it were sent alone.
 */

export function lastingValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isFlat(value)) return { ...value };
  try {
    return structuredClone(value);
  } catch {
    // What cannot be copied is found, and named, when the batch is sent.
    return value;
  }
}

/** The value of a promise: of one that is there already, a microtask later. */
export async function lastingLater(value: PromiseLike<unknown>): Promise<unknown> {
  return lastingValue(await value);
}

/** Whether a value is a plain object without objects in it. */
function isFlat(value: object): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const name in value) {
    const part = (value as Record<string, unknown>)[name];
    if ((typeof part === "object" && part !== null) || typeof part === "function" || typeof part === "symbol")
      return false;
  }
  return true;
}
