/** Rows of JSON as a schema gives them, with their keys in the order of the input: a schema gives those in its own. */

/** What a schema has made of a value, with the keys of plain objects where the value has them; new ones at the end. */
export function inOrderOf(given: unknown, made: unknown): unknown {
  if (typeof made !== "object" || made === null || typeof given !== "object" || given === null || made === given)
    return made;
  if (Array.isArray(made)) {
    if (!Array.isArray(given)) return made;
    for (let at = 0; at < made.length; at++) {
      const part: unknown = made[at];
      const ordered = inOrderOf(given[at], part);
      if (ordered !== part) made[at] = ordered;
    }
    return made;
  }
  return Object.getPrototypeOf(made) === Object.prototype && !Array.isArray(given) ? objectInOrder(given, made) : made;
}

function objectInOrder(given: object, made: object): object {
  const parts = new Map(Object.entries(made).map(([key, part]) => [key, inOrderOf(memberOf(given, key), part)]));
  const known = Object.keys(given).filter((key) => parts.has(key));
  const order = [...new Set([...known, ...parts.keys()])];
  const isSame = Object.keys(made).every((key, at) => key === order[at] && Reflect.get(made, key) === parts.get(key));
  return isSame ? made : Object.fromEntries(order.map((key) => [key, parts.get(key)]));
}

/** What every object inherits is none of its members. */
function memberOf(given: object, key: string): unknown {
  return Object.hasOwn(given, key) ? Reflect.get(given, key) : undefined;
}
