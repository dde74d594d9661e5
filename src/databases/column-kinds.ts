/** What the columns of a new table hold, by the first rows. */
import type { FieldKind, TypedFields } from "./typed-fields.ts";

/** So many rows say it. */
const SAMPLE_ROWS = 1000;

/**
 * What a column holds: whole numbers of 64 bits; other numbers, too; whole ones among them with digits that these have no place
 * for; values of one kind; values of several kinds; nothing so far.
 */
export type ColumnKind = "whole" | "number" | "long" | "boolean" | "date" | "json" | "text" | "mixed" | "unknown";

export class ColumnKinds {
  #rows = 0;
  readonly #seen: Set<SeenKind>[];

  constructor(columns: number) {
    this.#seen = Array.from({ length: columns }, () => new Set());
  }

  /** Takes a row; false when no more are wanted. */
  add({ kinds, texts }: TypedFields): boolean {
    for (const [column, seen] of this.#seen.entries()) {
      const kind = kinds[column];
      if (kind === undefined || kind === "null") continue;
      seen.add(kind === "number" ? numberKind(texts[column] ?? "") : kind);
    }
    return ++this.#rows < SAMPLE_ROWS;
  }

  get kinds(): ColumnKind[] {
    return this.#seen.map(together);
  }
}

/** What a value is; a whole number that no double holds is `large`. */
type SeenKind = Exclude<FieldKind, "null"> | "whole" | "large" | "long";

function together(seen: ReadonlySet<SeenKind>): ColumnKind {
  const [first = "unknown"] = seen;
  const numbers = seen.intersection(NUMBERS);
  if (numbers.size === 0) return seen.size < 2 ? (first as ColumnKind) : "mixed";
  if (numbers.size < seen.size) return "mixed";
  if (seen.has("long")) return "long";
  if (!seen.has("number")) return "whole";
  return seen.has("large") ? "long" : "number";
}

const NUMBERS: ReadonlySet<SeenKind> = new Set(["whole", "large", "number", "long"]);

function numberKind(numeral: string): SeenKind {
  if (isWhole64(numeral)) return Number.isSafeInteger(Number(numeral)) ? "whole" : "large";
  return /^-?\d+$/.test(numeral) ? "long" : "number";
}

/** Whether a numeral is that of a whole number with 64 bits. */
export function isWhole64(numeral: string): boolean {
  return (
    /^-?\d{1,19}$/.test(numeral) && (numeral.length < 19 || BigInt.asIntN(64, BigInt(numeral)) === BigInt(numeral))
  );
}
