/**
 * Steps one behind the other, as one stage. A worker notes of each row what all of them have to know; where parts are taken,
 * a row goes from one step to the next with the notes for those to come, and no row is read again.
 */
import { deserialize, serialize } from "bun:jsc";
import type { Row } from "../formats/format.ts";
import { RowChunk, copyable, eachRow, inChunks, keptRows } from "./arranged.ts";
import type { Arranger, ArrangingStage, NoteCollector, OwnRows, PickingStage, PlacedRows } from "./stage.ts";

type Step = PickingStage | ArrangingStage;

/** What a batch tells. */
interface Part {
  /** The part of the first step. */
  part: Uint8Array<ArrayBuffer>;
  /** Of each row that is handed over, the notes for the other steps. */
  notes: Notes[];
  /** For these, what their worker knows beside: parts of no row. */
  others: Uint8Array<ArrayBuffer>[];
}

/** Those for the steps behind the first, in their order. */
type Notes = readonly unknown[];

/** A row that has come through some steps. */
interface NotedRow {
  bytes: Uint8Array;
  notes: Notes;
}

/** Rows that go through a step together, where they come one by one. */
const CHUNK_ROWS = 1024;

/** @param steps At least one. */
export function chained(steps: readonly Step[]): Step {
  const [first, ...others] = steps;
  if (first === undefined) throw new Error("there is no step");
  if (others.length === 0) return first;
  const note = (row: Row): unknown[] => steps.map((step) => step.note(row));
  const part = (): NoteCollector => collectorOf(first, others);
  const described = { name: steps.map(({ name }) => name).join(" | "), what: "" };
  if (isPicking(steps)) {
    const picker = (): ReturnType<PickingStage["picker"]> => {
      const links = steps.map((step) => new PickingLink(step));
      return {
        pick: (packed) => picked(links, deserialize(packed) as Part),
        end: () => {
          for (const link of links) link.end();
          return [];
        },
      };
    };
    return { ...described, kind: "picking", note, part, picker };
  }
  return { ...described, kind: "arranging", note, part, arranger: () => new ChainArranger(steps) };
}

function isPicking(steps: readonly Step[]): steps is PickingStage[] {
  return steps.every(({ kind }) => kind === "picking");
}

/** Only what the first step says of a row is known in a batch: the others see what that lets through. */
function collectorOf(first: Step, others: readonly Step[]): NoteCollector {
  const collector = first.part();
  const all: Notes[] = [];
  return {
    add: (note) => {
      const [own, ...behind] = note as unknown[];
      if (!collector.add(own)) return false;
      all.push(behind);
      return true;
    },
    ...(collector.kept !== undefined && { kept: () => collector.kept?.() ?? new Uint32Array(0) }),
    pack: () => {
      const kept = collector.kept?.();
      const notes = kept === undefined ? all : Array.from(kept, (row) => all[row] ?? []);
      const told: Part = { part: collector.pack(), notes, others: others.map((step) => step.part().pack()) };
      // What it gives is memory that all threads share; a copy can be handed over.
      return new Uint8Array(serialize(told)).slice();
    },
  };
}

/** A step that picks rows, where parts are taken. */
class PickingLink {
  readonly #step: PickingStage;
  readonly #picker: ReturnType<PickingStage["picker"]>;

  constructor(step: PickingStage) {
    this.#step = step;
    this.#picker = step.picker();
  }

  /** Takes a part, as a worker has packed it. */
  take(part: Uint8Array): readonly boolean[] {
    return this.#picker.pick(part);
  }

  /** Of rows with these notes, whether they go on. */
  pick(notes: readonly unknown[]): boolean[] {
    const collector = this.#step.part();
    const isTold = notes.map((note) => collector.add(note));
    const told = this.#picker.pick(collector.pack());
    let at = 0;
    return isTold.map((is) => is && told[at++] === true);
  }

  end(): void {
    this.#picker.end();
  }
}

/** Of the rows of a batch, which come through the first steps: all of these pick rows. */
function picked(links: readonly PickingLink[], { part, notes, others }: Part): readonly boolean[] {
  const [first, ...behind] = links;
  let goOn = first?.take(part) ?? [];
  for (const [at, link] of behind.entries()) {
    link.take(others[at] ?? NOTHING);
    const rows = indexesOf(goOn);
    const isPicked = link.pick(rows.map((row) => notes[row]?.[at]));
    const next = goOn.map(() => false);
    for (const [place, row] of rows.entries()) next[row] = isPicked[place] === true;
    goOn = next;
  }
  return goOn;
}

const NOTHING = new Uint8Array(0);
const NO_ROWS: PlacedRows = { bytes: NOTHING, ends: new Uint32Array(0) };

function indexesOf(flags: readonly boolean[]): number[] {
  return flags.flatMap((is, at) => (is ? [at] : []));
}

/** Of the steps, the first that arranges rows takes them as they come; what is behind it runs at the end. */
class ChainArranger implements Arranger {
  readonly #before: PickingLink[] = [];
  readonly #at: number;
  readonly #links: readonly (PickingLink | ArrangingLink)[];

  constructor(steps: readonly Step[]) {
    this.#at = steps.findIndex(({ kind }) => kind === "arranging");
    this.#links = steps.map((step) =>
      step.kind === "picking" ? new PickingLink(step) : new ArrangingLink(step, step === steps.at(-1)),
    );
    for (const link of this.#links.slice(0, this.#at)) if (link instanceof PickingLink) this.#before.push(link);
  }

  end(): Iterable<OwnRows> {
    return inChunks(this.#rows());
  }

  close(): void {
    for (const link of this.#links) if (link instanceof ArrangingLink) link.close();
  }

  take(packed: Uint8Array, rows: PlacedRows): void {
    const told = deserialize(packed) as Part;
    const arranging = this.#links[this.#at];
    if (!(arranging instanceof ArrangingLink)) throw new Error("no step arranges rows");
    if (this.#at === 0) {
      arranging.takePart(told.part, rows, told.notes);
    } else {
      const goOn = Uint32Array.from(indexesOf(picked(this.#before, told)));
      const notes = Array.from(goOn, (row) => told.notes[row] ?? []);
      arranging.know(told.others[this.#at - 1] ?? NOTHING);
      arranging.take(
        notes.map((all) => all[this.#at - 1]),
        keptRows(rows, goOn),
        notes,
      );
    }
    for (const [at, link] of this.#links.entries()) {
      if (at <= this.#at) continue;
      const part = told.others[at - 1] ?? NOTHING;
      if (link instanceof ArrangingLink) link.know(part);
      else link.take(part);
    }
  }

  *#rows(): Generator<Uint8Array> {
    for (const link of this.#before) link.end();
    const arranging = this.#links[this.#at];
    let rows: Iterable<NotedRow> = arranging instanceof ArrangingLink ? arranging.rows() : [];
    for (const [at, link] of this.#links.entries()) {
      if (at <= this.#at) continue;
      rows = link instanceof ArrangingLink ? arranged(link, rows, at) : filtered(link, rows, at);
    }
    for (const { bytes } of rows) yield bytes;
  }
}

/** A step that arranges rows, where parts are taken. Its rows are told apart by nothing but their bytes: notes go with these. */
class ArrangingLink {
  readonly #step: ArrangingStage;
  readonly #arranger: Arranger;
  readonly #isLast: boolean;

  constructor(step: ArrangingStage, isLast: boolean) {
    this.#step = step;
    this.#arranger = step.arranger();
    this.#isLast = isLast;
  }

  /** Takes what a worker knows beside its rows. */
  know(part: Uint8Array): void {
    this.#arranger.take(part, NO_ROWS);
  }

  /** Takes rows of which a worker has packed the part. */
  takePart(part: Uint8Array, rows: PlacedRows, notes: readonly Notes[]): void {
    this.#arranger.take(part, this.#isLast ? rows : withNotes(rows, notes));
  }

  /** @param own What this step has to know of the rows. */
  take(own: readonly unknown[], rows: PlacedRows, notes: readonly Notes[]): void {
    const collector = this.#step.part();
    for (const note of own) collector.add(note);
    const kept = collector.kept?.();
    const all = this.#isLast ? rows : withNotes(rows, notes);
    this.#arranger.take(collector.pack(), kept === undefined ? all : keptRows(all, kept));
  }

  close(): void {
    this.#arranger.close?.();
  }

  *rows(): Generator<NotedRow> {
    for (const rows of this.#arranger.end())
      for (const bytes of eachRow(rows)) yield this.#isLast ? { bytes, notes: [] } : withoutNotes(bytes);
  }
}

/** Rows that come from a step before go into one that arranges them. */
function* arranged(link: ArrangingLink, rows: Iterable<NotedRow>, at: number): Generator<NotedRow> {
  for (const chunk of chunksOf(rows))
    link.take(
      chunk.map(({ notes }) => notes[at - 1]),
      placedRows(chunk.map(({ bytes }) => bytes)),
      chunk.map(({ notes }) => notes),
    );
  yield* link.rows();
}

/** The same for one that picks of them. */
function* filtered(link: PickingLink, rows: Iterable<NotedRow>, at: number): Generator<NotedRow> {
  for (const chunk of chunksOf(rows)) {
    const goOn = link.pick(chunk.map(({ notes }) => notes[at - 1]));
    for (const [place, row] of chunk.entries()) if (goOn[place] === true) yield row;
  }
  link.end();
}

function* chunksOf(rows: Iterable<NotedRow>): Generator<NotedRow[]> {
  let chunk: NotedRow[] = [];
  for (const row of rows) {
    chunk.push(row);
    if (chunk.length < CHUNK_ROWS) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function placedRows(pieces: readonly Uint8Array[]): PlacedRows {
  const chunk = new RowChunk();
  for (const piece of pieces) chunk.add(copyable(piece), 0, piece.length);
  return chunk.take();
}

const LENGTH_BYTES = 4;

/** Behind the bytes of each row its notes, and behind these their length. */
function withNotes({ bytes, ends }: PlacedRows, notes: readonly Notes[]): PlacedRows {
  const pieces = Array.from(ends, (end, row) => {
    const own = bytes.subarray(row === 0 ? 0 : ends[row - 1], end);
    const packed = new Uint8Array(serialize(notes[row] ?? []));
    const piece = new Uint8Array(own.length + packed.length + LENGTH_BYTES);
    piece.set(own);
    piece.set(packed, own.length);
    new DataView(piece.buffer).setUint32(own.length + packed.length, packed.length);
    return piece;
  });
  return placedRows(pieces);
}

function withoutNotes(piece: Uint8Array): NotedRow {
  const at = piece.length - LENGTH_BYTES;
  const length = new DataView(piece.buffer, piece.byteOffset).getUint32(at);
  const notes = deserialize(piece.slice(at - length, at)) as Notes;
  return { bytes: piece.subarray(0, at - length), notes };
}
