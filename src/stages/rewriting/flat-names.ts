/**
 * Names of fields that lie within others: `place.lat`, `tags.0`. A dot, or a backslash, that belongs to a name has a backslash
 * before it, so that no two fields have one name.
 */

/** The name as a part of another. */
export function namePart(name: string): string {
  return /[.\\]/.test(name) ? name.replaceAll(/[.\\]/g, "\\$&") : name;
}

/** The parts of a name. */
export function partsOfName(name: string): string[] {
  if (!/[.\\]/.test(name)) return [name];
  const parts: string[] = [];
  let part = "";
  for (let at = 0; at < name.length; at++) {
    const unit = name.charAt(at);
    if (unit === "\\" && at + 1 < name.length) part += name.charAt(++at);
    else if (unit === ".") {
      parts.push(part);
      part = "";
    } else part += unit;
  }
  return [...parts, part];
}
