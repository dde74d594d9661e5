/** Keeps the profile of all rows as small as that of a batch may be: each brings texts and keys of its own. */
import { asMap } from "./merge-profiles.ts";
import { MAX_KEPT_KEYS, MAX_KEPT_TEXTS, type ObjectProfile, type Profile, type TextProfile } from "./profile.ts";
import type { RowsProfile } from "./row-profiler.ts";

/** After so many objects that were taken for maps, the rows themselves are. */
const MAX_ROUNDS = 8;

/** Takes large objects for maps, and gives up texts of the places that have most, where the profile has come to hold too much. */
export function keepBounded(profile: RowsProfile): void {
  const { kept, rows } = profile;
  if (kept.texts <= MAX_KEPT_TEXTS && kept.keys <= MAX_KEPT_KEYS) return;
  // What several parts have brought was counted for each.
  let held = heldBy(rows);
  for (let round = 1; held.keys > MAX_KEPT_KEYS; round++) {
    const [largest = rows] = held.objects.toSorted((a, b) => b.keys.size - a.keys.size);
    asMap(round > MAX_ROUNDS ? rows : largest);
    held = heldBy(rows);
    if (round > MAX_ROUNDS) break;
  }
  for (const place of held.places.toSorted((a, b) => sizeOf(b) - sizeOf(a))) {
    if (held.texts <= MAX_KEPT_TEXTS) break;
    held.texts -= sizeOf(place);
    place.distinct = undefined;
  }
  profile.kept = { texts: held.texts, keys: held.keys };
}

function sizeOf({ distinct }: TextProfile): number {
  return distinct?.size ?? 0;
}

interface Held {
  texts: number;
  keys: number;
  /** Places with texts, and objects with keys. */
  places: TextProfile[];
  objects: ObjectProfile[];
}

function heldBy(rows: ObjectProfile): Held {
  const held: Held = { texts: 0, keys: 0, places: [], objects: [] };
  const ofObject = (object: ObjectProfile): void => {
    held.keys += object.keys.size;
    if (object.keys.size > 0) held.objects.push(object);
    for (const { profile } of object.keys.values()) ofPlace(profile);
    if (object.values !== undefined) ofPlace(object.values);
  };
  const ofPlace = ({ texts, arrays, objects }: Profile): void => {
    if (texts?.distinct !== undefined) {
      held.texts += texts.distinct.size;
      held.places.push(texts);
    }
    if (arrays !== undefined) ofPlace(arrays.items);
    if (objects !== undefined) ofObject(objects);
  };
  ofObject(rows);
  return held;
}
