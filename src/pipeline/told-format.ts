/**
 * What tells the format of an input: the name of a file, the media type that a server gives it, and its first bytes. Each
 * format says what is its own.
 */
import { extname } from "node:path";
import type { ToldByContent } from "../formats/format.ts";
import {
  FORMATS,
  FORMAT_ENTRIES,
  type InputFormat,
  type OutputFormat,
  isInput,
  isOutput,
} from "../formats/registry.ts";
import { uncompressedName } from "../io/compression.ts";
import { pathOf } from "../io/files.ts";

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

function byExtension(path: string): string | undefined {
  const extension = extname(uncompressedName(path)).toLowerCase();
  if (extension === "") return undefined;
  return FORMAT_ENTRIES.find(([, { told }]) => told.extensions?.includes(extension) === true)?.[0];
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
