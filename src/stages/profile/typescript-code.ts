/** The type, in TypeScript, of what was seen in rows. */
import { keyLiteral } from "../../generated-code.ts";
import type { ObjectProfile, Profile } from "./profile.ts";

/** Of rows of objects: a key that not all of them have may be missing. */
export function objectType({ count, keys, values }: ObjectProfile): string {
  if (values !== undefined) return `{ [key: string]: ${valueType(values)} }`;
  const fields = [...keys].map(
    ([name, { profile }]) => `${keyLiteral(name)}${profile.count < count ? "?" : ""}: ${valueType(profile)}`,
  );
  return `{ ${fields.join("; ")} }`;
}

function valueType(profile: Profile): string {
  const options = [
    ...(profile.texts === undefined ? [] : ["string"]),
    ...(profile.numbers === undefined ? [] : ["number"]),
    ...(profile.bigints === undefined ? [] : ["bigint"]),
    ...(profile.booleans > 0 ? ["boolean"] : []),
    ...(profile.dates === undefined ? [] : ["Date"]),
    ...(profile.arrays === undefined ? [] : [`(${valueType(profile.arrays.items)})[]`]),
    ...(profile.objects === undefined ? [] : [objectType(profile.objects)]),
    ...(profile.nulls > 0 ? ["null"] : []),
  ];
  return profile.unknowns > 0 || options.length === 0 ? "unknown" : options.join(" | ");
}
