/** A file for each group of rows: which one, and what stands around rows there. */
import { RowmillError, UsageError } from "../errors.ts";
import type { Framing } from "../formats/format.ts";
import type { ManyFile, PartFiles } from "../io/part-files.ts";
import { placed } from "../io/start-folder.ts";
import type { SplitTemplate } from "../options/split-template.ts";
import { type FramingNeeds, endOf, outputFraming } from "./framing.ts";
import type { OutputPlan } from "./options.ts";
import type { SplitPlaces } from "./split-output.ts";

interface SplitFile {
  file: ManyFile;
  framing: Framing;
}

export class SplitFiles implements SplitPlaces {
  readonly #template: SplitTemplate;
  readonly #plan: OutputPlan;
  readonly #files: PartFiles;
  readonly #target: FramingNeeds["target"];
  readonly #byKey = new Map<string, SplitFile>();
  readonly #keyOf = new Map<string, string>();
  /** Places where something else is written. */
  readonly #taken: ReadonlySet<string>;
  readonly notices: readonly string[] = [];

  constructor(
    template: SplitTemplate,
    plan: OutputPlan,
    { files, taken, target }: { files: PartFiles; taken: ReadonlySet<string>; target: FramingNeeds["target"] },
  ) {
    this.#taken = taken;
    this.#template = template;
    this.#plan = plan;
    this.#files = files;
    this.#target = target;
  }

  async write(key: string, rows: Uint8Array, columns: readonly string[] | undefined): Promise<void> {
    const { file, framing } = this.#byKey.get(key) ?? this.#open(key);
    const framed = framing.batch(rows, columns);
    this.#files.append(file, framed instanceof Promise ? await framed : framed);
  }

  async written(): Promise<void> {
    await this.#files.writeOut();
  }

  async end(columns: readonly string[] | undefined): Promise<void> {
    // Those that an earlier run has begun, and that had no more rows, end as well.
    for (const { path, bytes } of this.#own()) {
      const key = this.#keyOf.get(path);
      if (key === undefined && bytes > 0) this.#reopen(path);
    }
    for (const { file, framing } of this.#byKey.values()) {
      for await (const piece of endOf(framing, columns)) {
        this.#files.append(file, piece);
        if (framing.endPieces !== undefined) await this.#files.writeOut();
      }
    }
  }

  get files(): number {
    return this.#own().filter(({ bytes }) => bytes > 0).length;
  }

  get isResumed(): boolean {
    return this.#own().length > this.#keyOf.size;
  }

  /** The files of rows that are split: emitted ones go to others. */
  #own(): ManyFile[] {
    return this.#files.all.filter(({ path }) => !this.#taken.has(placed(path)));
  }

  #open(key: string): SplitFile {
    const values = JSON.parse(key) as string[];
    const path = this.#template.pathOf(values);
    const other = this.#keyOf.get(path);
    if (other !== undefined) {
      throw new RowmillError("output", `rows with ${key} and rows with ${other} would go to the same file: ${path}`, {
        hint: "put something between the columns of the path that is in no value",
      });
    }
    const place = placed(path);
    if (this.#taken.has(place) || this.#taken.has(`${place}.part`)) {
      throw new UsageError(`${path} is a file of --split-by, and of --emit as well`, "write to another folder");
    }
    const file = this.#files.file(path);
    const opened = { file, framing: this.#framing(file.bytes > 0) };
    this.#byKey.set(key, opened);
    this.#keyOf.set(path, key);
    return opened;
  }

  /** Which values its rows have does not matter any more. */
  #reopen(path: string): void {
    const file = this.#files.file(path);
    this.#byKey.set(path, { file, framing: this.#framing(true) });
  }

  #framing(hasBegun: boolean): Framing {
    return outputFraming(this.#plan, { hasBegun, target: this.#target });
  }
}
