/**
 * An input that is opened while a worker loads the transform, since the two take about as long. What the transform says of
 * itself may change how the input is read: then, and wherever anything is in doubt, it is opened again.
 */
import { type Stats, stat, statSync } from "node:fs";
import { STDIN, fileOf } from "../io/files.ts";
import { placed } from "../io/start-folder.ts";
import type { RunOptions } from "../options/run-options.ts";
import { inputPlan, inputsOf } from "./options.ts";
import { RowSource } from "./row-source.ts";

/** The options of a run that decide how an input is read. */
function readBy(options: RunOptions): object {
  const { first, summary } = options;
  return { inputs: inputsOf(options), plan: inputPlan(options), first, summary };
}

/** A source that was opened, and the file as it was before. */
interface Opened {
  source: RowSource;
  name: string;
  before: Stats;
}

export class EarlySource {
  readonly #given: RunOptions;
  readonly #opening: Promise<Opened | undefined>;

  constructor(given: RunOptions) {
    this.#given = given;
    // What is wrong with the input is said when its turn comes: the transform may have made it by then.
    this.#opening = this.#open().catch(() => undefined);
  }

  /**
   * What is read as a stream cannot be read again (a file that says it is empty may be one), and which of several files
   * holds the first row is not known beforehand.
   */
  async #open(): Promise<Opened | undefined> {
    const [name = STDIN, ...others] = inputsOf(this.#given);
    if (fileOf(name) !== name || others.length > 0) return undefined;
    const before = await new Promise<Stats | undefined>((resolve) => {
      stat(placed(name), (error, found) =>
        resolve(error === null && found.isFile() && found.size > 0 ? found : undefined),
      );
    });
    if (before === undefined) return undefined;
    const source = new RowSource([name], inputPlan(this.#given), this.#given);
    try {
      await source.open();
    } catch {
      source.close();
      return undefined;
    }
    return { source, name, before };
  }

  /** Gives the open source where a run with these options would open the same; else closes it. */
  async take(options: RunOptions): Promise<RowSource | undefined> {
    const opened = await this.#opening;
    if (opened === undefined) return undefined;
    if (Bun.deepEquals(readBy(options), readBy(this.#given)) && isUnchanged(opened)) return opened.source;
    opened.source.close();
    return undefined;
  }

  /** May be called again, and also after `take`, when the run is over. */
  close(): void {
    void this.#opening.then((opened) => opened?.source.close());
  }
}

function isUnchanged({ name, before }: Opened): boolean {
  const now = statSync(placed(name), { throwIfNoEntry: false });
  return (
    now?.ino === before.ino && now.dev === before.dev && now.size === before.size && now.mtimeMs === before.mtimeMs
  );
}
