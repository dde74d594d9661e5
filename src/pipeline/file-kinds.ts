/**
 * Files that are no table of text, told by their first bytes: what each is, and the command that makes one of it. Nothing
 * is said of encodings or quotes where the file is something else altogether.
 */
import { RowmillError } from "../errors.ts";
import { STDIN, shownName } from "../io/files.ts";

/** So many bytes show what a file is. */
const LOOKED_BYTES = 4096;

interface Kind {
  /** Whether a file is of it that starts with these bytes, decoded as latin1. */
  is: (start: string) => boolean;
  what: string;
  /** What to do; FILE stands for the input. */
  hint: string;
}

function starts(...magic: string[]): Kind["is"] {
  return (start) => magic.some((text) => start.startsWith(text));
}

function unpacked(command: string): string {
  return `unpack it on the way: ${command} FILE | rowmill …`;
}

const SAVE_SHEET = "save the sheet as CSV: libreoffice --headless --convert-to csv FILE";
const DUCKDB = `make CSV of it: duckdb -csv -c "FROM 'FILE'" | rowmill …`;
const UNZIP = "unpack it on the way: unzip -p FILE | rowmill …";
const NO_TABLE = "give a table of text: CSV, TSV or JSON";

// The more special kind stands before the one that it is a kind of.
const BINARY: readonly Kind[] = [
  {
    is: (start) => start.startsWith("ustar", 257),
    what: "a tar archive",
    hint: "take a file out of it: tar xOf FILE NAME | rowmill …",
  },
  // These two are read, but not one in another.
  { is: starts("\x1f\x8b"), what: "compressed with gzip", hint: unpacked("gunzip -c") },
  { is: starts("\x28\xb5\x2f\xfd"), what: "compressed with zstd", hint: unpacked("zstd -dc") },
  { is: starts("\xfd7zXZ\0"), what: "compressed with xz", hint: unpacked("xz -dc") },
  {
    is: (start) => /^BZh[1-9](?:1AY&SY|\x17rE8P\x90)/.test(start),
    what: "compressed with bzip2",
    hint: unpacked("bzip2 -dc"),
  },
  { is: starts("\x04\x22\x4d\x18"), what: "compressed with lz4", hint: unpacked("lz4 -dc") },
  { is: starts("\x1f\x9d"), what: "compressed with compress", hint: unpacked("gunzip -c") },
  { is: starts("LZIP\x01"), what: "compressed with lzip", hint: unpacked("lzip -dc") },
  { is: starts("7z\xbc\xaf\x27\x1c"), what: "a 7-Zip archive", hint: unpacked("7z x -so") },
  { is: starts("Rar!\x1a\x07"), what: "a RAR archive", hint: unpacked("unrar p -inul") },
  { is: starts("PK\x05\x06"), what: "an empty zip archive", hint: "there is nothing in it" },
  { is: isZipOf("mimetypeapplication/vnd.oasis.opendocument"), what: "an OpenDocument file", hint: SAVE_SHEET },
  {
    is: isZipOf("[Content_Types].xml", "_rels/", "docProps/", "xl/"),
    what: "an Excel workbook (.xlsx), or another document of Office",
    hint: SAVE_SHEET,
  },
  { is: starts("PK\x03\x04", "PK\x07\x08"), what: "a zip archive", hint: UNZIP },
  {
    is: starts("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    what: "an old Excel workbook (.xls), or another document of Office",
    hint: SAVE_SHEET,
  },
  { is: starts("PAR1", "PARE"), what: "a Parquet file", hint: DUCKDB },
  {
    is: starts("ARROW1", "FEA1"),
    what: "an Arrow or Feather file",
    hint: "make CSV of it with a tool that reads Arrow, such as polars or pyarrow",
  },
  {
    is: starts("\xff\xff\xff\xff"),
    what: "a stream of Arrow",
    hint: "make CSV of it with a tool that reads Arrow, such as polars or pyarrow",
  },
  { is: starts("ORC"), what: "an ORC file", hint: "make CSV of it with a tool that reads ORC, such as pyarrow" },
  {
    is: starts("Obj\x01"),
    what: "an Avro file",
    hint: "make JSON lines of it: avro cat FILE | rowmill --from jsonl …",
  },
  {
    is: starts("SQLite format 3\0"),
    what: "an SQLite database",
    hint: "query it on the way: sqlite3 -csv -header FILE 'SELECT * FROM …' | rowmill …",
  },
  { is: starts("%PDF-"), what: "a PDF file", hint: "make text of it: pdftotext -layout FILE -" },
  { is: starts("\x89HDF\r\n"), what: "an HDF5 file", hint: "make CSV of a data set in it: h5dump, or pandas" },
  { is: starts("\x93NUMPY"), what: "an array of NumPy", hint: "write it as text: numpy.savetxt" },
  { is: starts("$FL2", "$FL3"), what: "an SPSS file", hint: "make CSV of it: pspp-convert FILE out.csv" },
  { is: starts("RDX2\n", "RDX3\n", "RDA2\n", "X\n\0\0\0"), what: "data of R", hint: "write it with R: write.csv" },
  { is: starts("\x89PNG\r\n", "GIF8", "\xff\xd8\xff", "II*\0", "MM\0*"), what: "an image", hint: NO_TABLE },
  { is: starts("\x7fELF", "MZ\x90\0", "\xcf\xfa\xed\xfe"), what: "a program", hint: NO_TABLE },
];

function isZipOf(...names: string[]): Kind["is"] {
  // The name of the first member stands behind 30 bytes, and what is in it behind that.
  return (start) => start.startsWith("PK\x03\x04") && names.some((name) => start.startsWith(name, 30));
}

/** Whether a name begins what is, by its first line, no table of this kind. */
const TEXT: readonly Kind[] = [
  {
    is: (start) => /^\s*<(?:!doctype\s+html|html|head|body)\b/i.test(start),
    what: "an HTML page",
    hint: "give the address of the data itself, or save its table as CSV",
  },
  {
    is: (start) => /^\s*<\?xml\s/i.test(start),
    what: "XML",
    hint: "make a table of it first: xmlstarlet sel, or xq for JSON",
  },
  {
    is: (start) => /^@(?:HD|SQ|RG|PG|CO)\t/.test(start),
    what: "SAM, a table without a header behind lines of @",
    hint: "read its rows: rowmill --from tsv -n --comment @ --quote '' --ragged …",
  },
  {
    is: (start) => /^@[^\n]*\n[A-Za-z.*-]+\r?\n\+[^\n]*\r?\n/.test(start),
    what: "FASTQ: reads of four lines each, and no table",
    hint: "make a table of it: seqkit fx2tab FILE | rowmill --from tsv -n …",
  },
  {
    is: (start) => /^>[^\n]*\n[A-Za-z*-]+\r?(?:\n|$)/.test(start),
    what: "FASTA: sequences, and no table",
    hint: "make a table of it: seqkit fx2tab FILE | rowmill --from tsv -n …",
  },
];

/**
 * Refuses inputs whose first bytes are those of another kind of file.
 *
 * @throws {RowmillError} `input`, naming the kind.
 */
export function refuseBinary(name: string, bytes: Buffer): void {
  refuse(name, bytes, BINARY);
}

/**
 * Refuses texts that are no table, though they might be read as one.
 *
 * @throws {RowmillError} `input`, naming the kind.
 */
export function refuseOtherText(name: string, bytes: Buffer): void {
  refuse(name, bytes, TEXT);
}

function refuse(name: string, bytes: Buffer, kinds: readonly Kind[]): void {
  const start = bytes.toString("latin1", 0, LOOKED_BYTES);
  const kind = kinds.find(({ is }) => is(start));
  if (kind === undefined) return;
  const file = name === STDIN ? "FILE" : shownName(name);
  throw new RowmillError("input", `cannot read ${shownName(name)}: it is ${kind.what}`, {
    hint: kind.hint.replaceAll("FILE", () => file),
  });
}
