/**
 * Outputs that are no text, and are made as a whole: a workbook. A thread takes rows as workers have written them, for one
 * or several tables of a file, and gives the bytes of the file when all rows are there.
 */

/** What is asked of a thread when a file is begun. */
export interface TargetSetup {
  /** Which of the targets it is: its format. */
  kind: string;
  /** The folder for what has no room in memory; undefined for that of the system. */
  tempDir: string | undefined;
}

/** A file on its way. */
export interface TargetFile {
  /** Takes rows of a table; a table begins with its first ones. */
  write(table: string, rows: Uint8Array): void;
  /** The bytes of the file, piece by piece. */
  end(): Iterable<Uint8Array<ArrayBuffer>>;
  close(): void;
}

/** @throws {RowmillError} `output` or `spill`, where rows have no place in it. */
export type OpenTarget = (setup: TargetSetup) => TargetFile;
