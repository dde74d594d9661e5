/** How values of JSON were spelled, where that is more than their JavaScript values say (see spelling.ts). */

/** How a value was spelled, as far as JSON.stringify would spell it otherwise. */
export type Spelling = NumberSpelling | ListSpelling | ObjectSpelling;

export interface NumberSpelling {
  kind: "number";
  value: number;
  text: string;
}

export interface ListSpelling {
  kind: "list";
  parts: ReadonlyMap<number, Spelling>;
}

export interface ObjectSpelling {
  kind: "object";
  /** All keys in order, where an object may have them in another one. */
  keys: readonly string[] | undefined;
  parts: ReadonlyMap<string, Spelling>;
}
