/** Formats of the life sciences that are TSV without quotes, with lines of their own before the rows, and columns of their own. */
import { RowmillError } from "../../errors.ts";
import { shownColumns } from "../columns.ts";
import type { Encoder, Framing, FramingSetup, ReadAndWritten, Row, TableHabits } from "../format.ts";
import { type Notation, hasOtherObject, isOtherObject } from "../values/field-object.ts";
import { NestedText } from "../values/nested-text.ts";
import { declaredKeys, gffNotation, gtfNotation, infoNotation, sampleNotation } from "./notations.ts";
import { withSequences } from "./sequences.ts";

const VCF = "CHROM POS ID REF ALT QUAL FILTER INFO".split(" ");
const BED = "chrom chromStart chromEnd name score strand thickStart thickEnd itemRgb blockCount blockSizes blockStarts";
const GFF = "seqid source type start end score strand phase attributes";
const GTF = "seqname source feature start end score strand frame attributes";
const SAM = "QNAME FLAG RNAME POS MAPQ CIGAR RNEXT PNEXT TLEN SEQ QUAL";
/** What files of other names have behind the first columns of BED. */
const BED_KINDS: readonly [name: RegExp, columns: string][] = [
  [/\.(?:bedgraph|bdg)\b/i, "chrom chromStart chromEnd value"],
  [/\.narrowpeak\b/i, `${BED.split(" ", 6).join(" ")} signalValue pValue qValue peak`],
  [/\.broadpeak\b/i, `${BED.split(" ", 6).join(" ")} signalValue pValue qValue`],
];

/** What makes one of them different from the others. */
interface Kind {
  called: string;
  extensions: string[];
  aliases?: string[];
  habits: TableHabits;
  /** What an output begins with that has no lines of its own. */
  firstLine: string;
  /** Its header names columns: these first, behind a mark. */
  header?: readonly string[];
  /** The least columns, and the most. */
  width: [least: number, most: number];
  /** The notation of a field that holds objects, by its column. */
  notation?: (column: string, row: Row) => Notation | undefined;
}

const MARK = "#";
const MISSING = ".";
/** Lines of a genome browser between features. */
const BROWSER_LINES = [MARK, "track ", "browser "];

type Name = "vcf" | "bed" | "gff" | "gtf" | "sam";

const KINDS: Record<Name, Kind> = {
  vcf: {
    called: "VCF",
    extensions: [".vcf"],
    habits: {
      comments: { head: ["##"], between: [] },
      names: (width) => named([...VCF, "FORMAT"], width, VCF.length),
      header: vcfNames,
      typeOf: typesBy("POS QUAL"),
      settingsOf: (head) => ({ declared: declaredKeys(head.toString("utf8")) }),
    },
    firstLine: "##fileformat=VCFv4.3",
    header: VCF,
    width: [VCF.length, Number.MAX_SAFE_INTEGER],
    notation: (column, { FORMAT }) =>
      column === "INFO" ? infoNotation({}) : sampleNotation(typeof FORMAT === "string" ? FORMAT : "", {}),
  },
  bed: {
    called: "BED",
    extensions: [".bed", ".bedgraph", ".bdg", ".narrowpeak", ".broadpeak"],
    habits: {
      comments: { head: [], between: [MARK, "track", "browser"] },
      names: (width, file) => named((BED_KINDS.find(([name]) => name.test(file))?.[1] ?? BED).split(" "), width, 3),
      typeOf: typesBy(
        "chromStart chromEnd score thickStart thickEnd blockCount value signalValue pValue qValue peak",
        `${BED} value signalValue pValue qValue peak`,
      ),
    },
    firstLine: "",
    width: [3, Number.MAX_SAFE_INTEGER],
  },
  gff: {
    called: "GFF",
    extensions: [".gff", ".gff3"],
    aliases: ["gff3"],
    habits: {
      comments: { head: [], between: BROWSER_LINES },
      names: (width) => named(GFF.split(" "), width, 8, 9),
      typeOf: typesBy("start end score phase", GFF),
    },
    firstLine: "##gff-version 3",
    width: [8, 9],
    notation: () => gffNotation,
  },
  gtf: {
    called: "GTF",
    extensions: [".gtf"],
    habits: {
      comments: { head: [], between: BROWSER_LINES },
      names: (width) => named(GTF.split(" "), width, 8, 9),
      typeOf: typesBy("start end score frame", GTF),
    },
    firstLine: "",
    width: [8, 9],
    notation: () => gtfNotation,
  },
  sam: {
    called: "SAM",
    extensions: [".sam"],
    habits: {
      comments: { head: ["@"], between: [] },
      names: () => SAM.split(" "),
      extraFields: "keep",
      typeOf: typesBy("FLAG POS MAPQ PNEXT TLEN", SAM),
    },
    firstLine: "",
    width: [11, Number.MAX_SAFE_INTEGER],
  },
};

/** @param all The names of its columns; what is none of them has no type. */
function typesBy(numbers: string, all?: string): TableHabits["typeOf"] {
  const [are, known] = [new Set(numbers.split(" ")), all === undefined ? undefined : new Set(all.split(" "))];
  return (column) => (are.has(column) ? "number" : known?.has(column) === false ? undefined : "text");
}

function named(names: readonly string[], width: number, least: number, most = Number.MAX_SAFE_INTEGER): string[] {
  if (width >= least && width <= most) return Array.from({ length: width }, (_, at) => names[at] ?? `c${at + 1}`);
  const there = width === 1 ? "is 1" : `are ${width}`;
  const wanted = width < least ? `${least} fields at the least` : `${most} fields at most`;
  throw new RowmillError("input", `a row has ${wanted}, and there ${there}`, {
    hint: String.raw`fields stand between tabs; between blanks: -d '/\s+/'`,
  });
}

/** The names of a header, which begins with a mark; some have blanks between them where rows have tabs. */
function vcfNames(fields: readonly string[]): string[] {
  const [first = "", ...others] = fields.length === 1 ? (fields[0] ?? "").trim().split(/\s+/) : fields;
  if (first.startsWith(MARK)) return [first.slice(MARK.length), ...others];
  throw new RowmillError("input", "there is no header: no line begins with #CHROM", {
    hint: "-n reads a file without one",
  });
}

/** A tab between fields, and nothing around them. */
const DIALECT = { delimiter: "\t", quote: "" };

/** The formats, made of that of tables with tabs. */
export function scienceOf({ reader, writer }: ReadAndWritten): Record<Name, ReadAndWritten> {
  const made = ({ extensions, aliases, habits, called, ...kind }: Kind, name: string): ReadAndWritten => ({
    told: { extensions, called, ...(aliases !== undefined && { aliases }) },
    reader: {
      ...reader,
      isExported: false,
      dialect: DIALECT,
      habits,
      // Rows with other columns are a table.
      outputFormat: ({ isPassedOn }) => (isPassedOn ? name : "csv"),
      ...(kind.notation !== undefined && { settings: ["objects"] }),
      splitter: (form) => (name === "gff" ? withSequences(reader.splitter(form)) : reader.splitter(form)),
      ...(kind.notation !== undefined && {
        objectFields: async (...of) => (await import("./decoder.ts")).objectFields(name, ...of),
      }),
      async decoder() {
        const [texts, { objectsDecoder }] = await Promise.all([reader.decoder(), import("./decoder.ts")]);
        const objects = objectsDecoder(texts);
        return (memory, input, file) => (input.settings["objects"] === true ? objects : texts)(memory, input, file);
      },
    },
    writer: {
      ...writer,
      dialect: DIALECT,
      hasHeader: kind.header !== undefined,
      nullText: MISSING,
      ...(kind.notation !== undefined && { objectText: (...of) => objectText(kind, ...of) }),
      encoder: (output, columns) => written(writer.encoder(output, columns), kind),
      framing: (setup) => framed((own) => writer.framing(own), setup, { ...kind, called }),
    },
  });
  return {
    vcf: made(KINDS.vcf, "vcf"),
    bed: made(KINDS.bed, "bed"),
    gff: made(KINDS.gff, "gff"),
    gtf: made(KINDS.gtf, "gtf"),
    sam: made(KINDS.sam, "sam"),
  };
}

/** Writes objects in the notation of their column. */
function written(encoder: Encoder, kind: Pick<Kind, "notation">): Encoder {
  if (kind.notation === undefined) return encoder;
  const texts = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const row = value as Row;
    if (!hasOtherObject(row)) return value;
    const objects = Object.entries(row).filter(([, field]) => isOtherObject(field));
    const given = objects.map(([name, field]) => [name, objectText(kind, name, field as object, row) ?? field]);
    return { ...row, ...Object.fromEntries(given) };
  };
  return { ...encoder, encode: (value) => encoder.encode(texts(value)), block: undefined };
}

/** The text of an object; undefined for one that has a text of its own. */
function objectText({ notation }: Pick<Kind, "notation">, column: string, field: object, row: Row): string | undefined {
  const values: unknown = field instanceof NestedText ? field.toJSON() : field;
  const isPlain = typeof values === "object" && values !== null && Object.getPrototypeOf(values) === Object.prototype;
  return isPlain ? notation?.(column, row)?.write(values) : undefined;
}

function framed(
  framing: (setup: FramingSetup) => Framing,
  setup: FramingSetup,
  { firstLine, header, width, called }: Pick<Kind, "firstLine" | "header" | "width" | "called">,
): Framing {
  const before = (): Buffer => {
    const head = setup.before();
    return firstLine !== "" && !setup.keepsHead ? Buffer.from(`${firstLine}${setup.dialect.newline}`) : head;
  };
  const inner = framing({ ...setup, before });
  const known = (columns: readonly string[] | undefined): readonly string[] | undefined => {
    if (columns === undefined) return undefined;
    const [least, most] = width;
    const wrong = header?.find((column, at) => columns[at] !== column);
    if (wrong !== undefined || columns.length < least || columns.length > most)
      throw new RowmillError("output", `the columns are none of ${called}: ${shownColumns(columns)}`, {
        hint:
          header === undefined
            ? `it has ${least} columns at the least, in their order`
            : `it begins with ${header.join(", ")}`,
      });
    return header === undefined ? columns : columns.map((column, at) => (at === 0 ? MARK + column : column));
  };
  return {
    get hasBegun() {
      return inner.hasBegun;
    },
    get isHolding() {
      return inner.isHolding === true;
    },
    batch: (output, columns) => inner.batch(output, known(columns)),
    end: (columns) => inner.end(known(columns)),
  };
}
