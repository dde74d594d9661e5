/**
 * The type that a transform's source gives its rows, read once for a run: beside the worker that loads the module, and not
 * in each worker.
 */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { mayTypeRows, recordTypeReader } from "./load-reader.ts";
import type { RecordAnswer } from "./shape.ts";

/** Undefined where the source says nothing, or cannot be read: the import reports that. */
export async function moduleRecord(at: string): Promise<RecordAnswer | undefined> {
  const source = sourceOf(at);
  if (source === undefined || !mayTypeRows(source.path, source.text)) return undefined;
  const { readRecordType } = await recordTypeReader();
  return readRecordType(source.path);
}

function sourceOf(at: string): { path: string; text: string } | undefined {
  try {
    const path = realpathSync(at);
    // Bytes read from a FIFO here would be missing when it is imported.
    return statSync(path).isFile() ? { path, text: readFileSync(path, "utf8") } : undefined;
  } catch {
    return undefined;
  }
}
