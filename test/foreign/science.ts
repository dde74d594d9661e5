/**
 * VCF, BED, GFF, GTF and SAM that nobody here has made, from packages of Debian, value by value against second readers: those
 * of GMOD on npm, and samtools.
 *
 *     bun test/foreign/science.ts [FILE …]
 *
 * Fetches the packages into a folder for the moment; compares all files of these formats in them, plain, gzipped and in blocks
 * (BGZF), and further files that are named. Rows that are passed on must be the bytes that they were. A file that ours refuses
 * is named with what is said; many of these packages' files are meant to be refused. Ends with exit code 1 where a value
 * differs. Needs apt-get, dpkg-deb and, for SAM, samtools.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { $ } from "bun";
import { RowmillError } from "../../src/errors.ts";
import { Packages } from "./packages.ts";
import { type FoundRow, passedOn, rowsOf } from "./read.ts";

/** Test data of tools and libraries in C, C++, Perl, Python and R. */
const DEBIAN = [
  "bedtools-test",
  "htslib-test",
  "samtools-test",
  "python-pysam-tests",
  "python3-cyvcf2",
  "python3-gffutils",
  "python3-pyranges",
  "vcftools",
  "cnvkit",
  "r-bioc-variantannotation",
  "r-bioc-rtracklayer",
  "r-bioc-rsamtools",
  "r-bioc-genomicfeatures",
];
const NPM = { "@gmod/vcf": "7.2.0", "@gmod/gff": "2.0.0", "@gmod/bed": "2.3.0", "gtf-nostream": "1.3.4" };

type Values = Record<string, unknown>;

/** What is used of the second readers. */
interface SecondReaders {
  vcf: new (options: { header: string; strict: boolean }) => {
    parseLine(line: string): Values & { SAMPLES(): Record<string, Values> };
  };
  gff: { parseFeature(line: string): { attributes: Record<string, string[]> | null } };
  gtf: { parseAttributes(text: string): Record<string, string[]> };
  bed: new () => { parseLine(line: string): Values };
}

/** What a second reader finds in a row, by names of columns, and of keys in objects. */
type ReadLines = (lines: string[], path: string) => Promise<Values[]> | Values[];

/** A value that the second reader does not tell. */
const UNTOLD = Symbol("untold");

/** What the reader of BED makes of strands. */
const STRANDS: Record<string, string> = { "1": "+", "-1": "-", "0": "." };

const packages = new Packages();
const counts = { files: 0, rows: 0, refused: 0, differences: 0 };
try {
  await Promise.all([packages.debian(DEBIAN), packages.npm(NPM)]);
  const readers = await secondReaders();
  const all = packages.files(/\.(?:vcf|bed|gff[23]?|gtf|sam)(?:\.b?gz)?$/i);
  for (const path of [...all, ...process.argv.slice(2)]) await compare(path, readers);
} finally {
  packages.remove();
}
console.log(
  `${counts.files} files, ${counts.rows} rows, ${counts.differences} values that differ; ${counts.refused} files refused`,
);
process.exitCode = counts.differences > 0 ? 1 : 0;

async function secondReaders(): Promise<Record<string, ReadLines>> {
  const { default: Vcf } = (await packages.module("@gmod/vcf/esm/index.js")) as { default: SecondReaders["vcf"] };
  const gff = (await packages.module("@gmod/gff/esm/util.js")) as SecondReaders["gff"];
  const gtf = (await packages.module("gtf-nostream/esm/util.js")) as SecondReaders["gtf"];
  const { default: Bed } = (await packages.module("@gmod/bed/esm/index.js")) as { default: SecondReaders["bed"] };
  const gtfValues: ReadLines = (lines) => rowLines(lines).map((line) => gtf.parseAttributes(line.split("\t")[8] ?? ""));
  return {
    vcf: (lines) => vcfValues(lines, Vcf),
    gff: (lines) => {
      const rows = featureLines(lines);
      // Some that are called GFF have the attributes of GTF.
      return rows.some((line) => /^\s*[^=;\s]+\s+"/.test(line.split("\t")[8] ?? ""))
        ? gtfValues(rows, "")
        : rows.map((line) => ({ attributes: gffAttributes(line, gff) }));
    },
    gtf: gtfValues,
    bed: (lines) => {
      const reader = new Bed();
      return bedLines(lines).map((line) => reader.parseLine(line));
    },
    sam: async (lines, path) => {
      if (lines.some((line) => /^@SQ.*\tAN:/.test(line))) throw new Error("it gives references their other names");
      const read = await $`samtools view ${path}`.quiet().nothrow();
      if (read.exitCode !== 0) throw new Error(read.stderr.toString().trim());
      return read.stdout
        .toString()
        .split("\n")
        .slice(0, -1)
        .map((line) => ({ fields: line.split("\t") }));
    },
  };
}

/** The reader leaves out attributes that have no value, and ends one at an equals sign. */
function gffAttributes(line: string, gff: SecondReaders["gff"]): Values {
  const found: Values = { ...gff.parseFeature(line).attributes };
  for (const part of (line.split("\t")[8] ?? "").split(";")) {
    const [key = "", ...values] = part.trim().split("=");
    if (key !== "" && key !== "." && values.length === 0) found[key] = true;
    if (values.length > 1) found[key] = UNTOLD;
  }
  return found;
}

function rowLines(lines: string[]): string[] {
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

function bedLines(lines: string[]): string[] {
  return rowLines(lines).filter((line) => !/^(?:track|browser)/.test(line));
}

/** Behind the features there may be sequences. */
function featureLines(lines: string[]): string[] {
  const end = lines.findIndex((line) => /^(?:##FASTA|>)/.test(line));
  return bedLines(end < 0 ? lines : lines.slice(0, end));
}

function vcfValues(lines: string[], Vcf: SecondReaders["vcf"]): Values[] {
  const header = lines.filter((line) => line.startsWith("#")).join("\n");
  const parser = new Vcf({ header, strict: false });
  return rowLines(lines).map((line) => {
    const found = parser.parseLine(line);
    const { CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO } = found;
    // A key with nothing behind its equals sign is no flag.
    const empty = line.matchAll(/(?<=[\t;])(?<key>[^\t;=]+)=(?=[\t;])/g);
    const values = { ...(INFO as Values), ...Object.fromEntries(empty.map(({ groups }) => [groups?.["key"], ""])) };
    return Object.assign({ CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO: values }, found.SAMPLES());
  });
}

async function compare(path: string, readers: Record<string, ReadLines>): Promise<void> {
  const name = packages.shown(path);
  const bytes = readFileSync(path);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
  const format =
    /\.(?<format>vcf|bed|gff|gtf|sam)[23]?(?:\.b?gz)?$/i.exec(path)?.groups?.["format"]?.toLowerCase() ?? "";
  if (text.trim() === "") return;
  const lines = text.split(/\r?\n/);
  const objects = format !== "bed" && format !== "sam";
  const ours = await rowsOf(path, { ...(objects && { objects }) });
  counts.files++;
  let theirs: Values[] | string;
  try {
    theirs = (await readers[format]?.(lines, path)) ?? [];
  } catch (error) {
    theirs = Error.isError(error) ? error.message : String(error);
  }
  if (ours instanceof RowmillError) {
    counts.refused++;
    const second = typeof theirs === "string" ? "refuses it as well" : `reads ${theirs.length} rows`;
    console.log(`${name}: refused, ${ours.message.replace(path, "")}; the second reader ${second}`);
    return;
  }
  if (typeof theirs === "string") {
    console.log(`${name}: ${ours.length} rows, which the second reader refuses: ${theirs.split("\n")[0]}`);
    return;
  }
  counts.rows += ours.length;
  const wrong: string[] = [];
  if (ours.length !== theirs.length) wrong.push(`${ours.length} rows, wanted ${theirs.length}`);
  for (const [at, row] of theirs.entries())
    wrong.push(...differences(format, ours[at] ?? {}, row).map((what) => `row ${at + 1}, ${what}`));
  wrong.push(...(await differentBytes(path, format, text)));
  counts.differences += wrong.length;
  for (const what of wrong.slice(0, 3)) console.log(`${name}: ${what}`);
}

/** Rows that are passed on are the bytes that they were, and so is what stands around them. */
async function differentBytes(path: string, format: string, text: string): Promise<string[]> {
  const written = await passedOn(path, { to: format as "vcf" });
  if (written instanceof RowmillError) return [`it is not passed on: ${written.message}`];
  const [ours, wanted] = [linesOf(written.toString()), linesOf(text)];
  const at = wanted.findIndex((line, index) => line !== ours[index]);
  if (at < 0 && ours.length === wanted.length) return [];
  return [`line ${at + 1} is passed on as ${JSON.stringify(ours[at])}, and is ${JSON.stringify(wanted[at])}`];
}

/** Blank lines are no rows, and the last line may have no end. */
function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}

function differences(format: string, ours: FoundRow, theirs: Values): string[] {
  if (format === "gtf" || (format === "gff" && !("attributes" in theirs)))
    return differentValues(ours["attributes"] as Values, unquoted(theirs));
  if (format === "sam") return differentFields(Object.values(ours).flat(), theirs["fields"] as string[], isSameSam);
  if (format === "bed")
    return differentFields(Object.values(ours), bedFields(theirs, Object.keys(ours).length), isSameBed);
  return differentValues(ours, theirs);
}

function isCut(text: unknown): boolean {
  return /^"[^"]*$/.test(String(text));
}

function withoutQuotes(value: unknown): unknown {
  const all = [value].flat();
  return all.some(isCut) ? UNTOLD : all.map((text) => String(text).replace(/^"(.*)"$/, "$1"));
}

/** The reader of GTF leaves quotes where they are. Where a value ends too early, at a blank, nothing is compared with it. */
function unquoted(attributes: Values): Values {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, withoutQuotes(value)]));
}

/** @param theirs What is looked at. */
function differentValues(ours: Values, theirs: Values, within = ""): string[] {
  return Object.entries(theirs).flatMap(([name, value]) => {
    const own = ours[name];
    const called = within + name;
    if (isObject(value) && isObject(own)) {
      const keys = Object.keys(own).filter((key) => !(key in value) && own[key] !== "");
      const unknown = keys.map((key) => `${called}.${key} is read by nobody else`);
      return unknown.concat(differentValues(own, value, `${called}.`));
    }
    return value === UNTOLD || shown(own) === shown(value) ? [] : [`${called}: ${shown(own)}, wanted ${shown(value)}`];
  });
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as text: readers differ in whether one value is a list, and in how a number is written. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => shown(item)).join(",");
  if (value === undefined || value === null || value === "") return ".";
  const text = typeof value === "object" ? JSON.stringify(value) : `${value as string | number | boolean}`;
  return /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? String(Number(text)) : text.replaceAll(";", ",");
}

/** @param theirs Those that there are, by their places. */
function differentFields(
  ours: unknown[],
  theirs: readonly unknown[],
  isSame: (own: unknown, wanted: unknown, at: number) => boolean,
): string[] {
  const at = theirs.findIndex((field, index) => !isSame(ours[index], field, index));
  if (at < 0 && ours.length === theirs.length) return [];
  return [`field ${at + 1}: ${shown(ours[at])}, wanted ${shown(theirs[at])}`];
}

/** The reader of BED adds a strand to rows that have none. */
function bedFields(theirs: Values, width: number): unknown[] {
  return Object.values(theirs).slice(0, width);
}

/** A list may end with a comma; a header that is not marked as one is a row of texts, which are no numbers. */
function isSameBed(own: unknown, wanted: unknown, at: number): boolean {
  const text = shown(typeof own === "string" ? own.replace(/,$/, "").trim() : own);
  const second = shown(typeof wanted === "string" ? wanted.trim() : wanted);
  if (Number.isNaN(wanted)) return Number.isNaN(Number(text));
  return text === second || (at === 5 && (text === STRANDS[second] || second === "."));
}

/** What samtools writes for what it has read: a read that is nowhere is marked as such, and fractions are rounded. */
function isSameSam(own: unknown, wanted: unknown, at: number): boolean {
  const [text, second] = [shown(own), shown(wanted)];
  if (text === second) return true;
  const UNMAPPED = 4;
  if (at === 1) return (Number(text) | UNMAPPED) === Number(second);
  if (at === 6) return text === "=" && second === "*";
  // Bases are in upper case; what is none is N.
  if (at === 9) return text.toUpperCase().replaceAll(/[^ACGTMRWSYKVHDBN]/g, "N") === second.replaceAll("=", "N");
  // A number is read up to a blank.
  if (/^..:[iI]:/.test(text)) return text.split(" ")[0]?.replace(":I:", ":i:") === second;
  return /^..:(?:f|B:f)[:,]/.test(text) && isNear(text.slice(5), second.slice(5));
}

function isNear(own: string, wanted: string): boolean {
  const [ours, theirs] = [own.split(","), wanted.split(",")];
  return (
    ours.length === theirs.length &&
    ours.every((item, at) => item === theirs[at] || Math.abs(Number(item) / Number(theirs[at]) - 1) < 1e-5)
  );
}
