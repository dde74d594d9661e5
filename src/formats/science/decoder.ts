/** Rows of which some fields are objects: INFO and samples of VCF, attributes of GFF and GTF. */
import type { DecodedBlock, FileColumns, MakeDecoder, Row, Settings } from "../format.ts";
import { FieldObject, type Notation } from "../values/field-object.ts";
import { type DeclaredKeys, gffNotationOf, gtfNotation, infoNotation, sampleNotation } from "./notations.ts";

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
      wantsFields: false,
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
  for (const row of block.rows.slice(0, block.count)) if (row !== undefined) makeObjects(row);
  return block;
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
