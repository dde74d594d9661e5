/**
 * What tells the format of an input: the name of a file, the media type that a server gives it, and its first bytes. Each
 * format says what is its own.
 */
import { existsSync } from "node:fs";
import { extname } from "node:path";
import type { ToldByContent } from "../formats/format.ts";
import {
  FORMATS,
  FORMAT_ENTRIES,
  type InputFormat,
  type OutputFormat,
  isInput,
  isOutput,
  readerOf,
} from "../formats/registry.ts";
import { uncompressedName } from "../io/compression.ts";
import { fileOf, pathOf } from "../io/files.ts";
import { nearestWord } from "../nearest.ts";
import { placed } from "../io/start-folder.ts";
import { filePart } from "./source-name.ts";

/** The format that a file of this name has, compressed or not. */
export function formatByName(path: string): InputFormat | undefined {
  const name = byExtension(pathOf(path));
  return name !== undefined && isInput(name) ? name : undefined;
}

/** The format that an output of this name is to have. */
export function outputFormatByName(path: string): OutputFormat | undefined {
  const name = byExtension(pathOf(path));
  return name !== undefined && isOutput(name) ? name : undefined;
}

/** The ending of a format that was probably meant by one that is of none: `.xlsx` by `.xslx`. */
export function nearestEnding(path: string): string | undefined {
  const extension = extname(uncompressedName(pathOf(path))).toLowerCase();
  if (extension.length <= SHORT_ENDING || byExtension(pathOf(path)) !== undefined) return undefined;
  const known = FORMAT_ENTRIES.filter(([name]) => isOutput(name)).flatMap(([, { told }]) => told.extensions ?? []);
  const near = nearestWord(
    extension.slice(1),
    known.map((one) => one.slice(1)),
  );
  return near && `.${near}`;
}

/** Endings of so many letters, with their dot, are like many others. */
const SHORT_ENDING = 3;

function byExtension(path: string): string | undefined {
  return schemeOf(path) ?? ofExtension(path) ?? convertedByExtension(filePart(path));
}

/** The format whose addresses begin like this. */
function schemeOf(name: string): string | undefined {
  const scheme = /^[a-z][a-z0-9+.-]*:(?=\/\/)/i.exec(name)?.[0].toLowerCase();
  return FORMAT_ENTRIES.find(([, { told }]) => scheme !== undefined && told.schemes?.includes(scheme) === true)?.[0];
}

function convertedByExtension(path: string): string | undefined {
  const format = ofExtension(path);
  return format !== undefined && isInput(format) && isConverted(format) ? format : undefined;
}

function ofExtension(path: string): string | undefined {
  const extension = extname(uncompressedName(path)).toLowerCase();
  if (extension === "") return undefined;
  return FORMAT_ENTRIES.find(([, { told }]) => told.extensions?.includes(extension) === true)?.[0];
}

/** The path of an input, where it is a file. */
export function inputPath(name: string): string | undefined {
  const file = schemeOf(name) === undefined ? fileOf(name) : undefined;
  return file !== name || existsSync(placed(name)) ? file : fileNamedIn(name);
}

/** The path of the file in the name of an input: of some files it also says what in them is meant. */
export function fileNamedIn(name: string): string {
  const path = filePart(name);
  return convertedByExtension(path) === undefined ? name : path;
}

/** Whether threads make text of what is of a format. Of such a file it may be said what in it is meant. */
export function isConverted(format: InputFormat | undefined): boolean {
  return format !== undefined && readerOf(format).isConverted === true;
}

/** The format of data of this media type; undefined when it says nothing of it. */
export function formatByMediaType(mediaType: string | undefined): InputFormat | undefined {
  if (mediaType === undefined) return undefined;
  const found = FORMAT_ENTRIES.find(
    ([, { told }]) =>
      told.mediaTypes?.includes(mediaType) === true ||
      (told.mediaSuffix !== undefined && mediaType.endsWith(told.mediaSuffix)),
  );
  return found !== undefined && isInput(found[0]) ? found[0] : undefined;
}

/** How a format is told by first bytes, where it is. */
export function contentOf(format: InputFormat): ToldByContent | undefined {
  return FORMATS[format].told.content;
}

/** The format that first bytes tell, whatever the input is called. */
export function formatByContent(head: Buffer, isWhole: boolean): InputFormat | undefined {
  for (const content of new Set(FORMAT_ENTRIES.map(([, { told }]) => told.content))) {
    const found = content?.find(head, isWhole);
    if (found !== undefined && isInput(found)) return found;
  }
  return undefined;
}
