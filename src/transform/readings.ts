/**
 * How the rows of a block are read for a generated loop: what a block must have for it, what the loop gets of that, and the
 * code that makes of it a row of those fields only that are looked at.
 */
import { FieldReader, type FieldValues } from "../formats/indexed/field-reader.ts";
import { NO_TEXT } from "../formats/indexed/interner.ts";
import { objectCode, objectStride } from "../formats/indexed/object-code.ts";
import type { DecodedBlock, Row } from "../formats/format.ts";
import type { Memory } from "../formats/memory.ts";
import { ObjectReader } from "../formats/indexed/object-reader.ts";
import { type Looking, type ReadingWay, givenRow, givenScope, wantedFields } from "./looked-at.ts";
import type { Way } from "./plan/ways.ts";

/** Code of the rows of a block, in a loop that is compiled with it. */
export interface RowCode {
  /** Parts of the block that the code names. */
  parts: readonly string[];
  /** Statements before the loop. */
  before: string;
  /** Statements that make `given` the row `row` of `rows`, and declare it where `before` has not. */
  given: string;
  /** What else the code names. */
  scope: Record<string, unknown>;
}

/** What of a block has been read: as many rows as it has, in the parts that the code names. */
export interface ReadRows {
  rows: number;
  parts: object;
}

/** One way to read rows. */
export interface Reading {
  name: Way;
  code: RowCode;
  /** Whether blocks have what is read; a block that has not says nothing about others. */
  has(block: DecodedBlock): boolean;
  /** Undefined where something in the block is not what it is taken for. What is given is valid until the next call. */
  read(block: DecodedBlock): ReadRows | undefined;
}

/** A reading that is made when it is first wanted: to compile code takes its time. */
export interface ReadingMaker {
  name: Way;
  make(): Reading;
}

/** Fields of CSV that the kernel finds. */
export class FieldReading implements Reading {
  readonly name: Way;
  readonly code: RowCode;
  readonly #reader: FieldReader;

  constructor(
    memory: Memory,
    name: Way,
    { looking, file, how }: { looking: Looking; file: readonly string[]; how: ReadingWay },
  ) {
    const { wanted, looksAt } = wantedFields(looking, file, how);
    this.name = name;
    this.#reader = new FieldReader(memory, wanted);
    this.code = {
      parts: ["text", "bounds", "numbers", "ids", "strings"],
      ...givenRow(looksAt, wanted),
      scope: givenScope(looksAt),
    };
  }

  has({ fields }: DecodedBlock): boolean {
    return fields !== undefined;
  }

  read({ fields }: DecodedBlock): ReadRows | undefined {
    if (fields === undefined) return undefined;
    const values: FieldValues | undefined = this.#reader.read(fields);
    if (values === undefined || values.ids.includes(NO_TEXT)) return undefined;
    return { rows: fields.rows, parts: { ...values, strings: this.#reader.strings } };
  }
}

/** Values of JSON lines that the kernel finds. */
export class ObjectReading implements Reading {
  readonly name: Way;
  readonly code: RowCode;
  readonly #reader: ObjectReader;

  /**
   * @param keys The keys of the index, in its order.
   * @param how `check` is called for each row before anything else sees it.
   */
  constructor(memory: Memory, name: Way, keys: readonly string[], { internsTexts }: { internsTexts: boolean }) {
    const { statements, object, scope } = objectCode(keys, { internsTexts });
    this.name = name;
    this.#reader = new ObjectReader(memory, keys.length);
    this.code = {
      parts: ["fields", "numbers", "text", "strings"],
      before: "",
      given: `const at = row * ${objectStride(keys.length)}; ${statements} const given = ${object};`,
      scope,
    };
  }

  has({ objects }: DecodedBlock): boolean {
    return objects !== undefined;
  }

  read({ objects }: DecodedBlock): ReadRows | undefined {
    if (objects === undefined) return undefined;
    const { rows, text, strings } = objects;
    return { rows, parts: { ...this.#reader.index, text, strings } };
  }
}

/** Looks at a row, or changes it, before code sees it; what it throws fails the row. */
export type PrepareRow = (row: Row) => void;
