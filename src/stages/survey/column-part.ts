/** Makes of the different values of a column, in the rows of a part, what is handed on of them. */
import { LOOK } from "../../formats/indexed/column-texts.ts";
import { packNumbers } from "../grouping/approx/number-sketches.ts";
import { Bins, CALENDAR, DECIMAL, type Scale } from "./bins.ts";
import { MAX_COUNTED, keptOfPart, packCounts } from "./counted-texts.ts";
import type { DifferentValues } from "./different-values.ts";
import { type ValueSums, numberSums } from "./value-sums.ts";
import {
  type ColumnPart,
  type ExtremeNumber,
  MAX_TEXT_CHARS,
  type Mark,
  type NumberSums,
  type NumbersPart,
  type Seen,
} from "./survey.ts";
import { BROKEN } from "./value-looks.ts";

export interface FoundColumn {
  part: ColumnPart;
  /** Row by row, where all values are numbers; NaN where there is none. */
  numbers: Float64Array | undefined;
  /** Hashes, two words to a row, where nearly all values are different; 0 where there is none. */
  key: Uint32Array | undefined;
}

/** Of texts that are no numbers, the first so many are kept. */
const MAX_UNLIKE = 3;
/** A column may tell rows apart when so few of its values came before; of few rows, when it is so few values. */
const MAX_SHARE_AGAIN = 0.01;
const MAX_AGAIN = 5;

/** @param rowOf Which row of the run one of the part is. */
export function columnPart(
  name: string,
  values: DifferentValues,
  { rows, rowOf }: { rows: number; rowOf: (at: number) => number },
): FoundColumn {
  const { size, counts, firsts } = values;
  const sums = values.sums();
  const { count } = sums;
  const part: ColumnPart = { ...emptyPart(name), count };
  if (sums.numbers !== undefined && sums.others === 0)
    part.numbers = {
      ...placed(sums.numbers, rowOf),
      bins: binned({ numbers: values.numbers, counts, length: size }, DECIMAL).pack(),
      sketch: packNumbers(values.numbers.subarray(0, size), counts),
    };
  else if (size > 0) lookAtTexts(part, values, { sums, rowOf });
  part.values = packCounts(values.kept(), {
    text: (place) => keptText(values.text(place)),
    count: (place) => counts[place] ?? 0,
    row: (place) => rowOf(firsts[place] ?? 0),
  });
  const isKey = count > 0 && count - size <= Math.max(MAX_AGAIN, count * MAX_SHARE_AGAIN);
  if (size > MAX_COUNTED) part.registers = values.registers();
  return {
    part,
    numbers: sums.others === 0 && size > 0 ? values.numbersByRow(rows) : undefined,
    key: isKey ? values.hashesByRow(rows) : undefined,
  };
}

/** That of a column without a value. */
export function emptyPart(name: string): ColumnPart {
  const none = { texts: [], counts: new Float64Array(0), rows: new Float64Array(0), missed: 0, isWhole: true };
  return {
    name,
    count: 0,
    numbers: undefined,
    times: undefined,
    texts: undefined,
    unlike: [],
    values: none,
    patterns: none,
    marks: {},
    registers: undefined,
  };
}

/** What stands for a text: itself, or where it is long its beginning, and a hash of it. */
function keptText(text: string): string {
  if (text.length > MAX_TEXT_CHARS) return `${text.slice(0, MAX_TEXT_CHARS)}… ${Bun.hash.xxHash64(text).toString(36)}`;
  return text;
}

/** Numbers, and how often each comes. */
interface Values {
  numbers: Float64Array;
  counts: ArrayLike<number>;
  length: number;
}

/** Some of the different values of a part, as lists that are filled up to a length. */
class Figures {
  readonly numbers: Float64Array;
  readonly counts: Float64Array;
  readonly rows: Float64Array;
  length = 0;

  constructor(room: number) {
    this.numbers = new Float64Array(room);
    this.counts = new Float64Array(room);
    this.rows = new Float64Array(room);
  }

  add(number: number, count: number, row: number): void {
    const at = this.length++;
    this.numbers[at] = number;
    this.counts[at] = count;
    this.rows[at] = row;
  }

  filled(): Pick<Figures, "numbers" | "counts" | "rows"> {
    const { numbers, counts, rows, length } = this;
    return { numbers: numbers.subarray(0, length), counts, rows };
  }
}

const MARK_BITS: readonly (readonly [Mark, number])[] = [
  ["spaces", LOOK.edge],
  ["broken", BROKEN],
  ["controls", LOOK.control],
];
const ANY_MARK = MARK_BITS.reduce((all, [, bit]) => all | bit, 0);

/** Up to this length texts are counted one length after another. */
const SHORT = 4096;

/** Looks at the different values. */
function lookAtTexts(
  part: ColumnPart,
  values: DifferentValues,
  { sums, rowOf }: { sums: ValueSums; rowOf: (at: number) => number },
): void {
  const { size, counts, firsts, marks, numbers, times, lengths, patternOf, patternCount } = values;
  let numeric: Figures | undefined;
  let dated: Figures | undefined;
  let long: Figures | undefined;
  const byLength = new Float64Array(SHORT);
  const patternCounts = new Float64Array(patternCount);
  const patternFirsts = new Float64Array(patternCount).fill(Number.POSITIVE_INFINITY);
  let [textCount, characters] = [0, 0];
  for (let place = 0; place < size; place++) {
    const count = counts[place] ?? 0;
    const first = firsts[place] ?? 0;
    const said = marks[place] ?? 0;
    if ((said & LOOK.number) !== 0) {
      (numeric ??= new Figures(size - place)).add(numbers[place] ?? 0, count, 0);
      continue;
    }
    const time = times[place] ?? Number.NaN;
    const length = lengths[place] ?? 0;
    if (Number.isNaN(time)) {
      textCount += count;
      characters += length * count;
      if (length < SHORT) byLength[length] = (byLength[length] ?? 0) + count;
      else (long ??= new Figures(size - place)).add(length, count, 0);
    } else (dated ??= new Figures(size - place)).add(time, count, rowOf(first));
    const pattern = patternOf[place] ?? 0;
    patternCounts[pattern] = (patternCounts[pattern] ?? 0) + count;
    if (first < (patternFirsts[pattern] ?? 0)) patternFirsts[pattern] = first;
    if (part.unlike.length < MAX_UNLIKE) part.unlike.push({ value: keptText(values.text(place)), row: rowOf(first) });
    if ((said & ANY_MARK) === 0) continue;
    for (const [mark, bit] of MARK_BITS) {
      if ((said & bit) === 0) continue;
      const known = part.marks[mark];
      if (known === undefined) part.marks[mark] = { value: keptText(values.text(place)), row: rowOf(first), count };
      else known.count += count;
    }
  }
  part.patterns = packCounts(keptOfPart(patternCounts, patternCounts.length), {
    text: (at) => values.pattern(at),
    count: (at) => patternCounts[at] ?? 0,
    row: (at) => rowOf(patternFirsts[at] ?? 0),
  });
  if (numeric !== undefined && sums.numbers !== undefined)
    part.numbers = figuresPart(numeric, DECIMAL, placed(sums.numbers, rowOf));
  if (dated !== undefined) part.times = figuresPart(dated, CALENDAR, numberSums(dated.filled()));
  if (textCount === 0) return;
  const all = new Figures((long?.length ?? 0) + SHORT);
  for (let length = 0; length < SHORT; length++) {
    const count = byLength[length] ?? 0;
    if (count > 0) all.add(length, count, 0);
  }
  for (let at = 0; long !== undefined && at < long.length; at++)
    all.add(long.numbers[at] ?? 0, long.counts[at] ?? 0, 0);
  part.texts = { count: textCount, characters, lengths: binned(all, DECIMAL).pack() };
}

function binned({ numbers, counts, length }: Values, scale: Scale): Bins {
  const bins = new Bins(scale);
  bins.addAll(numbers.subarray(0, length), counts);
  return bins;
}

/** Times, or numbers among other texts. */
function figuresPart(figures: Figures, scale: Scale, sums: NumberSums): NumbersPart {
  const { counts, length } = figures;
  const numbers = figures.numbers.subarray(0, length);
  return {
    ...sums,
    bins: binned(figures, scale).pack(),
    // No quantile of times is asked for.
    sketch: packNumbers(scale === DECIMAL ? numbers : NO_NUMBERS, counts),
  };
}

/** Numbers with their rows of the run. */
function placed({ least, greatest, ...sums }: NumberSums, rowOf: (at: number) => number): NumberSums {
  const at = ({ number, row }: ExtremeNumber): ExtremeNumber => ({ number, row: rowOf(row) });
  return { ...sums, least: least.map(at), greatest: greatest.map(at) };
}

const NO_NUMBERS = new Float64Array(0);

/** Adds what was seen behind. */
export function firstOf(before: readonly Seen[], behind: readonly Seen[]): Seen[] {
  return [...before, ...behind].slice(0, MAX_UNLIKE);
}
