/** Rows of which some fields are objects: INFO and samples of VCF, attributes of GFF and GTF. */
import type { DecodedBlock, FileColumns, KeysOf, MakeDecoder, ObjectFields, Row, Settings } from "../format.ts";
import { LazyBlock } from "../lazy-block.ts";
import { FieldObject, type Notation } from "../values/field-object.ts";
import { type DeclaredKeys, gffNotationOf, gtfNotation, infoNotation, readKeys, sampleNotation } from "./notations.ts";

/** Replaces texts of a row by objects. */
type MakeObjects = (row: Row) => void;

const FORMAT = "FORMAT";

/** @param decodeTexts Makes rows of texts. */
export function objectsDecoder(decodeTexts: MakeDecoder): MakeDecoder {
  return (memory, input, file) => {
    const makeObjects = objectsOf(input.format, input.settings, file);
    const inner = decodeTexts(memory, input, {
      ...file,
      reads: withFormat(file),
      copiesRows: false,
    });
    return {
      ...(inner.loadsByPieces !== undefined && { loadsByPieces: inner.loadsByPieces }),
      *blocks(start, end, load) {
        for (const block of inner.blocks(start, end, load)) yield withObjects(block, makeObjects);
      },
    };
  };
}

/** What samples hold, FORMAT says. */
function withFormat({ reads, columns }: FileColumns): FileColumns["reads"] {
  const samples = columns.slice(columns.indexOf(FORMAT) + 1);
  const needsFormat = reads !== undefined && columns.includes(FORMAT) && samples.some((name) => reads.has(name));
  return needsFormat ? new Set([...reads, FORMAT]) : reads;
}

function withObjects(block: DecodedBlock, makeObjects: MakeObjects): DecodedBlock {
  const { fields } = block;
  if (fields !== undefined) {
    // Where its fields are handed on, nobody may want the rows.
    const decode = (): DecodedBlock => madeObjects(block, makeObjects);
    return new LazyBlock(decode, { rows: block.count, lines: block.lines }, { fields });
  }
  return madeObjects(block, makeObjects);
}

function madeObjects(block: DecodedBlock, makeObjects: MakeObjects): DecodedBlock {
  for (const row of block.rows.slice(0, block.count)) if (row !== undefined) makeObjects(row);
  return block;
}

function made(notationOf: (text: string) => Notation): (text: string) => FieldObject {
  return (text) => new FieldObject(text, notationOf(text), true);
}

/** Which fields are objects. What a sample is, FORMAT of its row says. */
export function objectFields(
  format: string,
  { declared }: Settings,
  columns: readonly string[],
  keysOf: KeysOf,
): ObjectFields {
  if (format !== "vcf") return new Map([["attributes", made(format === "gtf" ? () => gtfNotation : gffNotationOf)]]);
  const { INFO } = (declared as DeclaredKeys | undefined) ?? { INFO: {} };
  const infos = infoNotation(INFO);
  const keys = [...(keysOf("INFO") ?? [])];
  // What all objects have is no key; and what has another form is none of VCF.
  const areKeys =
    keysOf("INFO") !== undefined && keys.every((key) => /^\w+$/.test(key) && !(key in FieldObject.prototype));
  const at = columns.indexOf(FORMAT);
  const samples = at < 0 ? [] : columns.slice(at + 1);
  return new Map([
    ["INFO", areKeys ? (text) => readKeys(text, keys, INFO) : made(() => infos)],
    ...samples.map((name) => [name, undefined] as const),
  ]);
}

function objectsOf(
  format: string,
  { declared }: Settings,
  { columns, looksAt, handsOnTexts = false }: FileColumns,
): MakeObjects {
  const isSeen = (name: string): boolean => looksAt?.(name) ?? true;
  const isMade = (name: string): boolean => !handsOnTexts || isSeen(name);
  const asObject = (name: string, notationOf: (text: string) => Notation): MakeObjects => {
    if (!isMade(name)) return () => {};
    const isLooked = isSeen(name);
    return (row) => {
      const text = row[name];
      if (typeof text === "string") row[name] = new FieldObject(text, notationOf(text), isLooked);
    };
  };
  if (format !== "vcf") return asObject("attributes", format === "gtf" ? () => gtfNotation : gffNotationOf);
  const { INFO, FORMAT: keys } = (declared as DeclaredKeys | undefined) ?? { INFO: {}, FORMAT: {} };
  const infos = infoNotation(INFO);
  const info = asObject("INFO", () => infos);
  const at = columns.indexOf(FORMAT);
  const samples = at < 0 ? [] : columns.slice(at + 1).filter(isMade);
  const seen = samples.map(isSeen);
  const notations = new Map<string, Notation>();
  return (row) => {
    info(row);
    const said = row[FORMAT];
    if (typeof said !== "string" || samples.length === 0) return;
    let notation = notations.get(said);
    notation ??= sampleNotation(said, keys);
    notations.set(said, notation);
    for (const [index, name] of samples.entries()) {
      const text = row[name];
      if (typeof text === "string") row[name] = new FieldObject(text, notation, seen[index] === true);
    }
  };
}
