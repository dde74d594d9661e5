/** The profile of a column, as `rowmill schema` has it, of its different values. */
import { LOOK } from "../../formats/indexed/column-texts.ts";
import { dropRanges } from "../profile/merge-profiles.ts";
import {
  MAX_DISTINCT,
  MAX_KEPT_CHARS,
  type Profile,
  type TextProfile,
  emptyProfile,
  widen,
} from "../profile/profile.ts";
import { IMPLIED, SHAPES, type ShapeTests, type TextShape } from "../profile/text-shapes.ts";
import type { DifferentValues } from "./different-values.ts";
import type { ValueSums } from "./value-sums.ts";

/** The shapes that a number has which JavaScript would write so: a whole one, and any. All others are decimal. */
const WHOLE: ReadonlySet<TextShape> = new Set(["integer", "number", "decimal"]);
const ANY: ReadonlySet<TextShape> = new Set(["number", "decimal"]);
const ODD: ReadonlySet<TextShape> = new Set(["decimal"]);

/**
 * Of so many different texts all are held against shapes. Of more it is the first of each pattern, those that may be numbers
 * or are times where others are none, and of the others one in so many, by their hashes.
 */
const MAX_TESTED = 4096;
const ONE_IN = 64;

/** The profile of values that are all texts. */
export function columnProfile(values: DifferentValues, { rows, tests }: { rows: number; tests: ShapeTests }): Profile {
  const { nulls } = values;
  return {
    ...emptyProfile(),
    count: rows,
    nulls,
    texts: rows > nulls ? textProfile(values, rows - nulls, tests) : undefined,
  };
}

function textProfile(values: DifferentValues, count: number, tests: ShapeTests): TextProfile {
  const { size, empties } = values;
  const profile: TextProfile = {
    count,
    empty: empties,
    multiline: 0,
    length: undefined,
    distinct: undefined,
    shapes: new Set(SHAPES),
    numbers: undefined,
    order: undefined,
    oddNumber: undefined,
  };
  if (size === 0) {
    profile.distinct = new Set();
    return profile;
  }
  const sums = values.sums();
  const { shortest, longest, multiline } = sums;
  profile.multiline = multiline;
  profile.length = { min: shortest, max: longest };
  if (size <= MAX_DISTINCT && longest <= MAX_KEPT_CHARS)
    profile.distinct = new Set(Array.from({ length: size }, (_, place) => values.text(place)));
  narrowByNumbers(profile.shapes, sums);
  if (sums.others > 0) narrow(profile, values, tests);
  if (profile.shapes.has("decimal")) noteNumbers(profile, values, sums);
  dropRanges(profile);
  noteOrder(profile, values);
  return profile;
}

/** Leaves the shapes that all have in common. */
function narrow({ shapes }: TextProfile, values: DifferentValues, tests: ShapeTests): void {
  const { size, marks, hashes, times, patternOf } = values;
  const seen = new Uint8Array(values.patternCount);
  for (let place = 0; place < size && shapes.size > 0; place++) {
    const said = marks[place] ?? 0;
    if ((said & LOOK.number) !== 0) continue;
    const isTime = Number.isNaN(times[place] ?? 0) ? 1 : 2;
    const pattern = patternOf[place] ?? 0;
    const isTested =
      size <= MAX_TESTED ||
      seen[pattern] !== isTime ||
      (said & LOOK.maybeNumber) !== 0 ||
      ((hashes[place * 2] ?? 0) & (ONE_IN - 1)) === 0;
    if (!isTested) continue;
    seen[pattern] = isTime;
    const text = values.text(place);
    let implied: readonly TextShape[] = [];
    for (const shape of shapes) {
      if (implied.includes(shape)) continue;
      if (tests[shape](text)) implied = IMPLIED[shape] ?? implied;
      else shapes.delete(shape);
    }
  }
}

/** Leaves those that its numbers have. */
function narrowByNumbers(shapes: Set<TextShape>, { whole, parts, odd }: ValueSums): void {
  for (const shape of shapes)
    if ((whole > 0 && !WHOLE.has(shape)) || (parts > 0 && !ANY.has(shape)) || (odd > 0 && !ODD.has(shape)))
      shapes.delete(shape);
}

/** What numbers are, where all texts are some. */
function noteNumbers(profile: TextProfile, values: DifferentValues, { odd, others, numbers: sums }: ValueSums): void {
  const [first, last] = [sums?.least[0], sums?.greatest[0]];
  if (odd === 0 && others === 0 && first !== undefined && last !== undefined) {
    profile.numbers = { min: first.number, max: last.number };
    return;
  }
  const { size, marks, numbers } = values;
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let place = 0; place < size; place++) {
    const said = marks[place] ?? 0;
    const isNumber = (said & LOOK.number) !== 0;
    // Such as 1e-7, which a number may be written as.
    const number = isNumber ? (numbers[place] ?? 0) : Number(values.text(place));
    if (number < least) least = number;
    if (number > greatest) greatest = number;
    if (!isNumber || (said & LOOK.canonical) !== 0) continue;
    const text = values.text(place);
    if (profile.oddNumber === undefined || text < profile.oddNumber) profile.oddNumber = text;
  }
  if (least <= greatest) profile.numbers = { min: least, max: greatest };
}

/** The first and the last, where their order says something. */
function noteOrder(profile: TextProfile, values: DifferentValues): void {
  if (profile.shapes.has("decimal")) return;
  for (let place = 0; place < values.size; place++) {
    profile.order = widen(profile.order, values.text(place));
    // Of texts whose order says nothing, none is kept.
    if (place === 0) dropRanges(profile);
    if (profile.order === undefined) return;
  }
}
