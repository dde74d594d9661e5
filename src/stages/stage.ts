/**
 * A stage: one step on the rows of a run, as an object. An *ordered* stage needs rows in their order. What the rows of a
 * batch come to for it is a *part*, which a worker makes and packs as bytes; parts are taken in input order at one place.
 *
 * Either rows are folded: they become parts, and other rows come out when all parts are taken. Or rows stay what they are
 * and are written by their workers, and parts tell of them: they are picked, and which go out is said batch by batch, or
 * they are arranged, and go out in another order when all are there. Or they are rewritten: what comes out are other rows, made
 * of values, at the one place where rows are taken. What stands behind an ordered stage runs where that is taken.
 */
import type { RowContext } from "../code/context.ts";
import type { BlockFields, Row } from "../formats/format.ts";
import type { Memory } from "../formats/memory.ts";

/** What a plan says of a stage. */
export interface Described {
  readonly name: string;
  /** What it does: an expression, columns; empty where the name says it. */
  readonly what: string;
}

/** Rows that are folded. */
export interface FoldingStage extends Described {
  readonly kind: "folding";
  /** A step that throws leaves the part as it was: it need not be folded again. */
  readonly isAtomic: boolean;
  /** The part of no row. */
  init(): unknown;
  /** Folds a row in. Returns the part, which may be the same one. What it throws fails the row. */
  step(part: unknown, row: unknown, ctx: RowContext): unknown;
  /** Folds all outputs of a row in. */
  steps(part: unknown, rows: readonly unknown[], ctx: RowContext): unknown;
  /** Bytes in which a part goes to where it is taken. Throws where something would be lost. */
  pack(part: unknown): Uint8Array<ArrayBuffer>;
  unpack(bytes: Uint8Array): unknown;
  /** Makes what takes the parts. */
  taker(): PartTaker;
}

/** Takes parts, in input order. */
export interface PartTaker {
  /** Takes the part of the rows behind all others so far; may use it up. */
  take(part: unknown): void;
  /** All parts are taken: the rows that come out, one, many or none, or a promise of them. */
  end(): unknown;
}

/** Rows that are picked. */
export interface PickingStage extends Described {
  readonly kind: "picking";
  /** What its picker has to know of a row that a function gave. What it throws fails the row. */
  note(row: Row): unknown;
  /** Makes what collects the notes of the rows that come out of a batch. */
  part(): NoteCollector;
  /** Makes what picks rows. */
  picker(): RowPicker;
  /** Rows may be told by digests of their fields, where results hand these on. */
  readonly byFields?: FieldNotes | undefined;
}

/** Tells rows of a file by their fields, without reading them. */
export interface FieldNotes {
  /**
   * Makes what digests the rows of indexed blocks: four words for each, for {@linkcode NoteCollector.addDigest}.
   *
   * @param results Names of columns of results, and the columns of the file that they hand on.
   */
  open(
    memory: Memory,
    file: { columns: readonly string[]; quote: string },
    results: readonly { name: string; column: string }[],
  ): (fields: BlockFields) => Uint32Array;
}

/** Rows that are arranged. */
export interface ArrangingStage extends Described {
  readonly kind: "arranging";
  /** What its arranger has to know of a row that a function gave. What it throws fails the row. */
  note(row: Row): unknown;
  /** Makes what collects the notes of the rows that come out of a batch. */
  part(): NoteCollector;
  /** Makes what arranges rows. */
  arranger(): Arranger;
}

/** The rows of a batch as they are written. */
export interface PlacedRows {
  bytes: Uint8Array;
  /** Where each ends in them. */
  ends: Uint32Array;
}

/** Takes the rows of batches, in input order. */
export interface Arranger {
  take(part: Uint8Array, rows: PlacedRows): void;
  /** All rows were there: they come out, many at once. Throws what is wrong with them all. */
  end(): Iterable<OwnRows>;
  /** Gives back what it has beside memory, however the run ends. */
  close?(): void;
}

/** Rows in memory of their own. */
export interface OwnRows extends PlacedRows {
  bytes: Uint8Array<ArrayBuffer>;
}

/** Collects notes of rows, in their order. */
export interface NoteCollector {
  /** Takes the note of the next row; false when its row will not be picked, whatever came before its batch. */
  add(note: unknown): boolean;
  /**
   * The places, among the rows that it was told of, of those that are handed over, from the first: of rows that are arranged,
   * some may be known not to be wanted. Without it all are.
   */
  kept?(): Uint32Array;
  /** As `add`, by the words of a row among digests of {@linkcode PickingStage.byFields}. */
  addDigest?(digests: Uint32Array, row: number): boolean;
  /** Bytes that tell of the rows that are handed over: of those for which `add` was true. */
  pack(): Uint8Array<ArrayBuffer>;
}

/** Picks rows, batch by batch, in input order. */
interface RowPicker {
  /**
   * Of each row that the part of the next batch tells of, whether it goes out.
   *
   * @param rows Gives these rows: some of those that do not go out may wait, and come out at the end.
   */
  pick(part: Uint8Array, rows?: () => CutRows): readonly boolean[];
  /** All rows were there: those that waited come out. Throws what is wrong with them all. */
  end(): Iterable<WaitedRows>;
  /** Gives back what it has beside memory, however the run ends. */
  close?(): void;
}

/** The rows of a batch, and of which row of the input each comes: rows of one lie together. */
export interface CutRows extends PlacedRows {
  inputOf: (row: number) => number;
}

/** Rows that have waited. */
export interface WaitedRows extends OwnRows {
  /** Of each, 1 where its row of the input has had no output before. */
  isMapped: Uint8Array;
}

/** Rows that are rewritten: they come in order, and others come out, in an order that hangs on nothing else. */
export interface RewritingStage extends Described {
  readonly kind: "rewriting";
  /**
   * The columns of the rows that it makes of rows with these; undefined where the rows decide.
   *
   * @throws {RowmillError} Where it cannot make such.
   */
  columns(names: readonly string[]): readonly string[] | undefined;
  /** Each row that comes out is one that went in, with all its fields, and others behind them. */
  readonly keepsRows: boolean;
  /** Columns in which it wants certain values. */
  readonly checked: readonly string[];
  /** Looks at such a value. What it throws fails the row. */
  check(value: unknown, column: string): void;
  /** What comes of a row, where that hangs on no other row. What it throws fails the row. */
  readonly each?: (row: TableRow) => TableRow;
  /** Makes what rewrites rows. */
  rewriter(): Rewriter;
}

/** A row as its values, in the order of its columns, whatever these are called. Rows in a line may share their names. */
export interface TableRow {
  readonly names: readonly string[];
  readonly values: readonly unknown[];
}

/** Takes rows, in input order. */
export interface Rewriter {
  /** Takes the rows behind all others so far; gives those that come out already. */
  take(rows: readonly TableRow[]): readonly TableRow[];
  /** All rows were there: the others come out, some at a time. Throws what is wrong with them all. */
  end(): Iterable<readonly TableRow[]>;
  /** Gives back what it has beside memory, where no more of them are wanted. */
  close?(): void;
}

/** A stage behind the function, or behind rows that are folded. */
export type StepStage = PickingStage | ArrangingStage | RewritingStage;

/** Makes a stage of the value of its option. */
export type MakeStage = (asked: readonly string[], facts: StepFacts) => StepStage;

export interface StepFacts {
  /** So many rows are asked for, where its option says a number. */
  most: number | undefined;
  /** Such a share of them, where it says one. */
  percent: number | undefined;
  /** What decides about what is left to chance. */
  seed: number;
  /** Fields of the input are texts. */
  areTexts: boolean;
  /** Fields are texts, and an empty one is written as one that is missing: both are the same. */
  emptyIsNothing: boolean;
  /** A secret of the run, for digests. */
  secret: Uint8Array;
  /** How many bytes of rows are kept in memory before they go to a file. */
  memoryBytes: number;
  /** So many bytes may be kept of what does not go to a file. */
  mostBytes: number;
  /** The folder for such files; undefined for that of the system. */
  tempDir: string | undefined;
  /** It is certain that all columns are there: otherwise one that no row has is an error at the end. */
  areKnown: boolean;
  /** Columns whose values make groups, each of which is a table of its own to the step. */
  per: readonly string[];
  /** What columns are called that it makes. */
  names: readonly string[];
  /** The language in whose order texts are that are sorted by one. */
  locale: string;
  /** What becomes of several values for one place. */
  several: string | undefined;
  /** Makes what rewrites rows by a window that code says. */
  codeWindow?: () => Rewriter;
}
