/** What the kernel's functions are, and what they find: assembly/ from TypeScript's side. */

/** What a scan found. Addresses are of the kernel's memory. */
export interface Scan {
  /** Behind the last whole row. */
  end: number;
  /** Whole rows up to `end`; blank lines are none. */
  rows: number;
  /** Line feeds up to `end`. */
  lines: number;
  /** CSV: 1 where the next row breaks the quoting rules. JSON: what ended the scan, see assembly/json-scan.ts. */
  bad: number;
}

/** What a scan of CSV found. */
export interface CsvScan extends Scan {
  /** Lines up to `end` with nothing on them, which are no rows. */
  blanks: number;
}

/** What an index of a block found, beside its entries. */
export interface BlockIndex {
  /** Entries: one a field, and one for each blank line. */
  count: number;
  /** Behind the last whole row. */
  end: number;
  rows: number;
  /** Line feeds up to `end`. */
  lines: number;
  /** No byte up to `end` is above 0x7f. */
  isAscii: boolean;
  /** Up to `end`, each CR that is not quoted stands before a line feed. */
  hasPlainReturns: boolean;
  /** Lines up to `end` with nothing on them, which are no rows. */
  blanks: number;
  /** Somewhere the quoting rules are broken, maybe behind `end`: the rest says nothing. */
  isBad: boolean;
}

/** What an index of a block of JSONL found, beside its entries: see assembly/json-index.ts. */
export interface JsonIndex {
  /** Behind the last line that was looked at. */
  end: number;
  rows: number;
  /** Line feeds up to `end`. */
  lines: number;
  /** No byte up to `end` is above 0x7f. */
  isAscii: boolean;
  /** Rows whose objects are what would be written for them, whoever looks at the wanted values. */
  copyable: number;
  /** Rows of whose wanted values there is no doubt. */
  certain: number;
  /** Texts that the table of texts holds, and how many of them each key has brought in this block. */
  texts: number;
  newTexts: readonly number[];
  /** Where the text lies that values are cut from. */
  text: { start: number; end: number };
}

/** A key of JSON whose values are wanted. */
export interface WantedKey {
  /** As UTF-8. */
  name: Uint8Array;
  /** Its short texts are given by their numbers in the table of texts. */
  isInterned: boolean;
}

/** How often the special bytes of CSV and JSON occur. */
export interface ByteCounts {
  delimiters: number;
  lineFeeds: number;
  quotes: number;
  returns: number;
  /** All bytes below a space, line feeds and returns among them. */
  controls: number;
}

export interface KernelExports {
  memory: WebAssembly.Memory;
  scanCsv(start: number, end: number, maxRows: number, delimiter: number, quote: number, keepsBlank: boolean): void;
  scanLines(start: number, end: number, maxRows: number): void;
  scanJson(start: number, end: number, maxRows: number): void;
  scanValues(start: number, end: number, maxRows: number): void;
  lineUpJson(start: number, end: number, size: number): void;
  countBytes(start: number, end: number, delimiter: number): void;
  indexCsv(
    start: number,
    end: number,
    out: number,
    delimiter: number,
    quote: number,
    keepsBlank: boolean,
    inUnits: boolean,
  ): number;
  jsonScratchBytes(): number;
  indexJsonl(
    start: number,
    end: number,
    maxRows: number,
    out: number,
    scratch: number,
    keys: number,
    keyCount: number,
    text: number,
    knownTexts: number,
  ): void;
}

/** Loops over an index, as numbers and addresses: see assembly/kernel.ts for where they stand. */
export interface FieldLoops {
  isRectangular(entries: number, rows: number, columns: number): number;
  clearTexts(): void;
  internFields(...words: number[]): number;
  gatherText(...words: number[]): number;
  gatherNumbers(...words: number[]): number;
  gatherDecimals(...words: number[]): number;
  weave(...words: number[]): number;
  hashFields(...words: number[]): void;
  weaveJoined(...words: number[]): number;
  weaveObjects(...words: number[]): number;
  copyObjects(...words: number[]): number;
  gatherObjectDecimals(...words: number[]): number;
  gatherObjectIds(...words: number[]): number;
  groupsOfIds(...words: number[]): number;
  countGroups(...words: number[]): void;
  foldDecimals(...words: number[]): number;
  markOddObjects(...words: number[]): number;
  weaveLinesToObjects(...words: number[]): number;
  weaveLinesToFields(...words: number[]): number;
  digestFields(...words: number[]): void;
  digestTexts(...words: number[]): void;
  playRun(...words: number[]): number;
  mergeRows(...words: number[]): void;
  hashColumn(...words: number[]): number;
  undoubleFields(...words: number[]): void;
  tellApart(...words: number[]): void;
  enterAll(...words: number[]): void;
  lookAtValues(...words: number[]): number;
  summarize(...words: number[]): void;
  placesAbove(...words: number[]): number;
  noteHashes(...words: number[]): void;
  spread(...words: number[]): void;
  countPiles(...words: number[]): void;
  fillPiles(...words: number[]): void;
  findEqual(...words: number[]): number;
}
