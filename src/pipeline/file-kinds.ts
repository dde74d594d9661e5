/**
 * Files that are no table of text, told by their first bytes: what each is, and the command that makes one of it. Nothing
 * is said of encodings or quotes where the file is something else altogether.
 */
import { RowmillError } from "../errors.ts";
import type { InputFormat } from "../formats/registry.ts";
import { beginsAsUtf8 } from "../formats/utf8.ts";
import { type Compression, compressionByName, uncompressedName } from "../io/compression.ts";
import { pathOf, shownName } from "../io/files.ts";
import { shellWord } from "../formats/command-words.ts";
import { fileWord } from "./shell.ts";

/** So many bytes show what a file is. */
const LOOKED_BYTES = 4096;

/** A kind of file, by its first bytes, decoded as latin1: it starts with a word, or a pattern tells. */
type Kind = ({ magic: readonly string[]; hasControls?: true } | Told) & FileKind;

/** What a file is, in words. */
export interface FileKind {
  what: string;
  /** What to do; FILE stands for the input. */
  hint: string;
}

interface Told {
  /** The characters that it may begin with, white space aside: to try a pattern takes longer than all words. */
  first?: string;
  is: (start: string) => boolean;
}

/** So near to the first byte of a binary file there is one. */
const NEAR_BYTES = 64;

function unpacked(command: string): string {
  return `unpack it on the way: ${command} FILE | rowmill …`;
}

const FROM_SEQUENCES = "make a table of it: seqkit fx2tab FILE | rowmill --from tsv -n …";
const SAVE_SHEET = "save the sheet as CSV: libreoffice --headless --convert-to csv FILE";
const UNZIP =
  "an archive is read as a file whose name ends with .zip; unpack this one on the way: unzip -p FILE | rowmill …";
const R_CSV = "write it with R: write.csv";
const NO_TABLE = "give a table of text: CSV, TSV or JSON";

// The more special kind stands before the one that it is a kind of.
const BINARY: readonly Kind[] = [
  {
    is: (start) => start.startsWith("ustar", 257) && start.includes("\0"),
    what: "a tar archive",
    hint: "take a file out of it: tar xOf FILE NAME | rowmill …",
  },
  // These two are read, but not one in another.
  { magic: ["\x1f\x8b"], what: "compressed with gzip", hint: unpacked("gunzip -c") },
  { magic: ["\x28\xb5\x2f\xfd"], what: "compressed with zstd", hint: unpacked("zstd -dc") },
  { magic: ["\xfd7zXZ\0"], what: "compressed with xz", hint: unpacked("xz -dc") },
  {
    first: "B",
    is: (start) => /^BZh[1-9](?:1AY&SY|\x17rE8P\x90)/.test(start),
    what: "compressed with bzip2",
    hint: unpacked("bzip2 -dc"),
  },
  {
    first: "]",
    is: (start) => /^\]\0\0[\0-\xff]{2}(?:\xff{8}|[\0-\xff]{5}\0{3})/.test(start),
    what: "compressed with lzma",
    hint: unpacked("xz -dc --format=lzma"),
  },
  { magic: ["\xff\x06\0\0sNaPpY"], what: "compressed with snappy", hint: unpacked("snzip -dc") },
  { magic: ["\x89LZO\0"], what: "compressed with lzop", hint: unpacked("lzop -dc") },
  { magic: ["\x04\x22\x4d\x18", "\x02\x21\x4c\x18"], what: "compressed with lz4", hint: unpacked("lz4 -dc") },
  { magic: ["\x1f\x9d"], what: "compressed with compress", hint: unpacked("gunzip -c") },
  { magic: ["LZIP\x01"], what: "compressed with lzip", hint: unpacked("lzip -dc") },
  { magic: ["7z\xbc\xaf\x27\x1c"], what: "a 7-Zip archive", hint: unpacked("7z x -so") },
  { magic: ["Rar!\x1a\x07"], what: "a RAR archive", hint: unpacked("unrar p -inul") },
  { magic: ["PK\x05\x06"], what: "an empty zip archive", hint: "there is nothing in it" },
  {
    first: "P",
    is: isZipOf("mimetypeapplication/vnd.oasis.opendocument"),
    what: "an OpenDocument file",
    hint: SAVE_SHEET,
  },
  {
    first: "P",
    is: isZipOf("[Content_Types].xml", "_rels/", "docProps/", "xl/"),
    what: "an Excel workbook (.xlsx), or another document of Office",
    hint: "--from xlsx reads a sheet of a workbook: 'FILE#SHEET', or --sheet SHEET",
  },
  { magic: ["PK\x03\x04", "PK\x07\x08"], what: "a zip archive", hint: UNZIP },
  {
    magic: ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
    what: "an old Excel workbook (.xls), or another document of Office",
    hint: SAVE_SHEET,
  },
  { magic: ["PAR1", "PARE"], hasControls: true, what: "a Parquet file", hint: "--from parquet reads it, from a file" },
  {
    magic: ["ARROW1", "FEA1"],
    hasControls: true,
    what: "an Arrow or Feather file",
    hint: "make CSV of it with a tool that reads Arrow, such as polars or pyarrow",
  },
  {
    magic: ["\xff\xff\xff\xff"],
    what: "a stream of Arrow",
    hint: "make CSV of it with a tool that reads Arrow, such as polars or pyarrow",
  },
  {
    magic: ["ORC"],
    hasControls: true,
    what: "an ORC file",
    hint: "make CSV of it with a tool that reads ORC, such as pyarrow",
  },
  {
    magic: ["Obj\x01"],
    what: "an Avro file",
    hint: "make JSON lines of it: avro cat FILE | rowmill --from jsonl …",
  },
  {
    magic: ["SQLite format 3\0"],
    what: "an SQLite database",
    hint: "--from sqlite reads a table of it: 'FILE#TABLE', or what a query gives: 'FILE?sql=SELECT …'",
  },
  {
    is: (start) => start.startsWith("DUCK", 8) && hasControlsNear(start),
    what: "a DuckDB database",
    hint: "query it on the way: duckdb FILE -csv -c 'FROM …' | rowmill …",
  },
  {
    magic: ["\0\x01\0\0Standard Jet DB", "\0\x01\0\0Standard ACE DB"],
    what: "an Access database",
    hint: "take a table out of it: mdb-export FILE TABLE | rowmill …",
  },
  {
    first: "%",
    is: (start) => /^%PDF-\d/.test(start),
    what: "a PDF file",
    hint: "make text of it: pdftotext -layout FILE -",
  },
  {
    magic: ["BAM\x01"],
    what: "BAM: alignments in binary",
    hint: "make SAM of it: samtools view -h FILE | rowmill …",
  },
  {
    magic: ["CRAM"],
    hasControls: true,
    what: "CRAM: alignments in binary",
    hint: "make SAM of it: samtools view -h FILE | rowmill …",
  },
  {
    magic: ["BCF\x02"],
    hasControls: true,
    what: "BCF: variants in binary",
    hint: "make VCF of it: bcftools view FILE | rowmill …",
  },
  { magic: ["\x89HDF\r\n"], what: "an HDF5 file", hint: "make CSV of a data set in it: h5dump, or pandas" },
  { magic: ["\x93NUMPY"], what: "an array of NumPy", hint: "write it as text: numpy.savetxt" },
  {
    magic: ["CDF\x01", "CDF\x02", "CDF\x05"],
    hasControls: true,
    what: "a netCDF file",
    hint: "make text of it: ncdump",
  },
  { magic: ["MATLAB 5.0 MAT-file"], what: "a file of MATLAB", hint: "write it with MATLAB: writetable" },
  {
    first: "\x80",
    is: (start) => /^\x80[\x02-\x05](?:\x95|\}|\]|c)/.test(start),
    what: "a pickle of Python",
    hint: "write a table with Python: DataFrame.to_csv",
  },
  {
    magic: [`${"\0".repeat(12)}\xc2\xea\x81\x60`],
    what: "a data set of SAS",
    hint: "make CSV of it: readstat FILE out.csv",
  },
  {
    first: "<qrs",
    is: (start) => start.startsWith("<stata_dta>") || /^[\x71-\x73][\x01\x02]\x01\0/.test(start),
    what: "a data set of Stata",
    hint: "make CSV of it: readstat FILE out.csv",
  },
  {
    first: "\x03\x83\x8b\xf5",
    is: (start) => /^[\x03\x83\x8b\xf5][\0-\xff][\x01-\x0c][\x01-\x1f]/.test(start) && start.length > DBF_BYTES,
    what: "a dBase file",
    hint: SAVE_SHEET,
  },
  {
    magic: ["$FL2", "$FL3"],
    hasControls: true,
    what: "an SPSS file",
    hint: "make CSV of it: pspp-convert FILE out.csv",
  },
  { magic: ["RDX2\nX\n", "RDX3\nX\n", "X\n\0\0\0"], what: "data of R", hint: R_CSV },
  {
    magic: ["\xd4\xc3\xb2\xa1", "\xa1\xb2\xc3\xd4", "\n\r\r\n"],
    what: "a capture of packets",
    hint: "make a table of it: tshark -r FILE -T fields -E header=y -E separator=, -e frame.time -e ip.src | rowmill …",
  },
  {
    magic: ["Salted__"],
    hasControls: true,
    what: "encrypted with openssl",
    hint: "decrypt it on the way: openssl enc -d … | rowmill …",
  },
  {
    first: "\x89G\xffIM8\0BR",
    is: (start) =>
      /^(?:\x89PNG\r\n|GIF8[79]a[\0-\xff]*[\0-\x08]|\xff\xd8\xff|II\*\0|MM\0\*|8BPS\0|\0\0\x01\0|BM[\0-\xff]{4}\0{4})/.test(
        start,
      ) ||
      (start.startsWith("RIFF") && start.startsWith("WEBP", 8)),
    what: "an image",
    hint: NO_TABLE,
  },
  {
    first: "R\0IOfM\x1a",
    is: (start) =>
      /^(?:RIFF[\0-\xff]{4}(?:WAVE|AVI )|\0\0\0[\0-\xff]ftyp|ID3[\x02-\x04]\0|OggS\0|fLaC\0|MThd\0|\x1aE\xdf\xa3)/.test(
        start,
      ),
    what: "sound, a film or an image",
    hint: NO_TABLE,
  },
  {
    magic: ["\x7fELF", "MZ\x90\0", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe", "\0asm"],
    what: "a program",
    hint: NO_TABLE,
  },
  { magic: ["!<arch>\n"], what: "an ar archive, such as a .deb", hint: "take a file out of it: ar p FILE NAME" },
  {
    magic: ["bplist0"],
    what: "a property list",
    hint: "make JSON of it: plutil -convert json -o - FILE | rowmill …",
  },
  {
    first: "\0",
    is: (start) => /^\0{64}/.test(start),
    what: "nothing but zeros at its start: an empty archive, or a copy that was cut short",
    hint: "look where it comes from",
  },
];

function readAs(format: InputFormat): string {
  return `read its rows: --from ${format}`;
}

/** A row of GFF or GTF, up to its attributes, perhaps behind comments. */
const FEATURE = String.raw`^(?:#[^\n]*\n)*[^\s,;]+\t[^\t\n]+\t[^\t\n]+\t\d+\t\d+\t[\d.]+\t[-+.?]\t[012.]\t`;

/** The first part of a dBase file. */
const DBF_BYTES = 32;

function isZipOf(...names: string[]): Told["is"] {
  // The name of the first member stands behind 30 bytes, and what is in it behind that.
  return (start) => start.startsWith("PK\x03\x04") && names.some((name) => start.startsWith(name, 30));
}

/** A text as a table: see read-as-table.ts. */
interface TableReading {
  fits: boolean;
  options: string;
}

type TextKind = Kind & {
  /** A table may begin like this as well: where the lines have the same fields each, it is one. */
  mayBeTable?: true;
  /** So may be the start of a column: only what nobody calls CSV or TSV is taken for it. */
  mayBeField?: true;
  /** Its rows are read as this. */
  format?: InputFormat;
};

/** Tags of a page. */
const HTML = /^\s*(?:<!--[^]*?-->\s*)*<(?:!doctype\s+html|(?:html|head|body|table|title|meta)[\s>])/i;
/** Tags of a piece of one. */
const HTML_PIECE = /^\s*<(?:script|style|div|pre|h1|p)[\s>]/i;
/** What stands before the first tag. */
const XML_START = /^\s*(?:<\?xml\s|<!doctype\s|<!--)/i;
/** A tag, and something in it. */
const XML = /^\s*<([a-z_][\w:.-]*)(?:\s[^<>]*)?>\s*(?:<[a-z_!/?]|[^<\n]*<\/\1>|$)/i;
const PAGE = "give the address of the data itself, or save its table as CSV";
const MARKUP = "make a table of it first: xmlstarlet sel, or xq for JSON";
/** Comments, and then a statement: what follows its first words is what a column of a table is not called. */
const SQL = new RegExp(
  String.raw`^(?:--[^\n]*\n|/\*[^]*?\*/;?|\s)*(?:${[
    String.raw`create (?:\w+ )*(?:table|database|schema)\b[^;]*[(;]`,
    String.raw`insert into [^,;(]+(?:\(|\bvalues\b|\bselect\b)`,
    String.raw`drop table [^,;]+;`,
    String.raw`pragma \w+ ?=`,
    String.raw`begin transaction`,
    String.raw`set \w+ ?= ?[^,\n]*;`,
  ].join("|")})`,
  "i",
);

const TEXT: readonly TextKind[] = [
  { first: "<", is: (start) => HTML.test(start), what: "an HTML page", hint: PAGE, mayBeTable: true },
  {
    first: "<",
    is: (start) => HTML_PIECE.test(start),
    what: "an HTML page",
    hint: PAGE,
    mayBeTable: true,
    mayBeField: true,
  },
  { first: "<", is: (start) => XML_START.test(start), what: "XML", hint: MARKUP },
  { first: "<", is: (start) => XML.test(start), what: "XML", hint: MARKUP, mayBeTable: true, mayBeField: true },
  {
    magic: ["version https://git-lfs.github.com/spec/"],
    what: "a pointer of Git LFS to the file itself",
    hint: "fetch that: git lfs pull",
  },
  {
    first: "@",
    is: (start) => /^@(?:HD|SQ|RG|PG|CO)\t/.test(start),
    what: "SAM, a table without a header behind lines of @",
    hint: readAs("sam"),
    format: "sam",
  },
  {
    is: (start) =>
      start.includes("\t") &&
      /^[!-?A-~]+\t\d+\t[^\t\n]+\t\d+\t\d+\t(?:\*|(?:\d+[MIDNSHPX=])+)\t[^\t\n]+\t\d+\t-?\d+\t/.test(start),
    what: "SAM, a table without a header",
    hint: readAs("sam"),
    format: "sam",
  },
  {
    magic: ["##fileformat=VCF"],
    what: "VCF, a table behind lines of ##",
    hint: readAs("vcf"),
    format: "vcf",
  },
  {
    magic: ["##gff-version"],
    what: "GFF, a table without a header behind lines of #",
    hint: readAs("gff"),
    format: "gff",
  },
  {
    is: (start) => start.includes("\t") && new RegExp(String.raw`${FEATURE}\w+ "`).test(start),
    what: "GTF, a table without a header",
    hint: readAs("gtf"),
    format: "gtf",
  },
  {
    is: (start) => start.includes("\t") && new RegExp(FEATURE).test(start),
    what: "GFF, a table without a header",
    hint: readAs("gff"),
    format: "gff",
  },
  {
    first: "tb",
    is: (start) => /^(?:track|browser)[ \t]+\w+[= ]/.test(start),
    what: "a table for a genome browser, such as BED, behind lines of settings",
    hint: readAs("bed"),
    mayBeTable: true,
    format: "bed",
  },
  {
    first: "@",
    is: (start) => /^@[^\n]*\n[A-Za-z.*-]+\r?\n\+[^\n]*\r?\n/.test(start),
    what: "FASTQ: reads of four lines each, and no table",
    hint: FROM_SEQUENCES,
  },
  {
    first: ">;",
    is: (start) => /^(?:;[^\n]*\n)*(?:>\S[^\n]*\n)+(?:[A-Z*-]{4,}|[acgtun-]{4,})\r?(?:\n|$)/.test(start),
    what: "FASTA: sequences, and no table",
    hint: FROM_SEQUENCES,
    mayBeTable: true,
  },
  {
    first: ">;",
    is: (start) => /^(?:;[^\n]*\n)*(?:>[^\n]*\n)+[A-Za-z*-]+\r?(?:\n|$)/.test(start),
    what: "FASTA: sequences, and no table",
    hint: FROM_SEQUENCES,
    mayBeTable: true,
    mayBeField: true,
  },
  { magic: ["{\\rtf"], what: "a document in RTF", hint: "save its table as CSV" },
  { magic: ["%!PS"], what: "PostScript", hint: "make text of it: ps2ascii FILE" },
  {
    magic: ["-----BEGIN PGP MESSAGE-----"],
    what: "encrypted with PGP",
    hint: "decrypt it on the way: gpg -d FILE | rowmill …",
  },
  {
    first: "-/cCiIdDpPbBsS",
    is: (start) => SQL.test(start),
    what: "statements of SQL",
    hint: "run them in a database, and take the table out of it: sqlite3 -csv -header NEW.db 'SELECT * FROM …' | rowmill …",
    mayBeTable: true,
  },
];

/** An input by its name, and what its bytes are packed in. */
export interface NamedInput {
  name: string;
  compression: Compression | undefined;
}

/**
 * Refuses inputs whose first bytes are those of another kind of file.
 *
 * @throws {RowmillError} `input`, naming the kind.
 */
export function refuseBinary(input: NamedInput, bytes: Buffer): void {
  const kind = kindOf(bytes, BINARY);
  if (kind !== undefined) refuseKind(input, kind);
}

/**
 * Refuses texts that are no table, though they might be read as one.
 *
 * @param isCalledTable The name of the file, or an option, says that it is CSV or TSV.
 * @param isOpen Nothing says of which format it is.
 * @param table The table as which it can be read; loaded when it is asked for.
 * @returns The format that it has, where that can be read.
 * @throws {RowmillError} `input`, naming the kind.
 */
export async function refuseOtherText(
  input: NamedInput,
  bytes: Buffer,
  { isCalledTable, isOpen, table }: { isCalledTable: boolean; isOpen: boolean; table: () => Promise<TableReading> },
): Promise<InputFormat | undefined> {
  const kind = kindOf(bytes, isCalledTable ? TEXT.filter(({ mayBeField }) => mayBeField !== true) : TEXT);
  if (kind === undefined) return undefined;
  if (isOpen && kind.format !== undefined && kind.mayBeTable !== true) return kind.format;
  const { fits, options } = await table();
  if (fits && kind.mayBeTable === true) return undefined;
  if (isOpen && kind.format !== undefined) return kind.format;
  refuseKind(input, kind, kind.format === undefined ? `; or if it is a table all the same: ${options}` : "");
}

function kindOf<K extends Kind>(bytes: Buffer, kinds: readonly K[]): K | undefined {
  const start = bytes.toString("latin1", 0, LOOKED_BYTES);
  const [begin = ""] = start.trimStart() || start;
  return kinds.find((one) => isOf(one, start, begin));
}

/** @throws {RowmillError} `input`, saying what the file is. */
export function refuseKind({ name, compression }: NamedInput, { what, hint }: FileKind, otherwise: string = ""): never {
  const file = fileWord(name);
  const isPacked = compression !== undefined && hint.includes("FILE") && !hint.includes("tar xOf");
  const unpackedName = compression === undefined ? file : unpackedWord(name, compression);
  const unpack = isPacked ? `unpack it first: ${compression} -dc < ${file} > ${unpackedName}; then ` : "";
  const named = isPacked ? unpackedName : file;
  throw new RowmillError("input", `cannot read ${shownName(name)}: it is ${what}`, {
    // Within quotes stands no other word.
    hint: `${unpack}${hint.replaceAll(/'?\bFILE\b/g, (found) =>
      found === "FILE" ? named : /^[\w./-]+$/.test(named) ? `'${named}` : found,
    )}${otherwise}`,
  });
}

/** A name for what was in a compressed file: what its name says, or another one. */
function unpackedWord(name: string, compression: Compression): string {
  const file = fileWord(name);
  if (file === "FILE") return "UNPACKED";
  const path = pathOf(name);
  return shellWord(compressionByName(path) === compression ? uncompressedName(path) : `${path}.unpacked`);
}

function isOf(kind: Kind, start: string, begin: string): boolean {
  if ("is" in kind) return (kind.first?.includes(begin) ?? true) && kind.is(start);
  // A word that text may begin with as well: what follows it is none.
  return kind.magic.some((word) => start.startsWith(word)) && (kind.hasControls !== true || hasControlsNear(start));
}

function hasControlsNear(start: string): boolean {
  return controlsIn(start.slice(0, NEAR_BYTES)) > 0;
}

/** How many characters of a text stand in none, but for those by which fields and rows are told apart in some. */
function controlsIn(text: string): number {
  return text.match(CONTROLS)?.length ?? 0;
}

const CONTROLS = /[\0-\x08\x0e-\x1a]/g;

/** Shares of control characters, in bytes that are UTF-8 and in others: so many stand in no text. */
const MOST_CONTROLS = 0.1;
const MOST_CONTROLS_OF_OTHERS = 0.04;
const LEAST_CONTROLS = 4;

/**
 * Refuses what is no text, though nobody knows what it is. Of text with a few zeros in it, rows are read.
 *
 * @param delimiter What may stand in it as often as it likes.
 * @throws {RowmillError} `input`
 */
export function refuseUnknownBinary(name: string, bytes: Buffer, delimiter: string): void {
  const start = bytes.toString("latin1", 0, LOOKED_BYTES);
  if (controlsIn(start) < LEAST_CONTROLS) return;
  const text = start.replaceAll(delimiter, "");
  const controls = controlsIn(text);
  const most = (beginsAsUtf8(bytes.subarray(0, LOOKED_BYTES)) ? MOST_CONTROLS : MOST_CONTROLS_OF_OTHERS) * text.length;
  if (controls < LEAST_CONTROLS || controls <= most) return;
  throw new RowmillError("input", `cannot read ${shownName(name)}: it seems to be no text`, {
    hint: "the command `file` tells what it is; if it is text all the same, --encoding utf-8 reads it, and -d says what stands between fields",
  });
}
