/** Steps at the one place where rows are taken as values: each gets the rows that come out of the one before. */
import { RowmillError } from "../../errors.ts";
import { asOne } from "../../stages/registry.ts";
import { copyable, keptRows } from "../../stages/arranged.ts";
import { stepWords } from "../../stages/rewriting/asked.ts";
import { RowLines } from "../../stages/rewriting/row-text.ts";
import type {
  Arranger,
  ArrangingStage,
  PickingStage,
  PlacedRows,
  Rewriter,
  RewritingStage,
  StepStage,
  TableRow,
} from "../../stages/stage.ts";
import { rowObject } from "./table-rows.ts";

export class RowChain {
  readonly #links: readonly Rewriter[];

  private constructor(links: readonly Rewriter[]) {
    this.#links = links;
  }

  /** Steps that pick or arrange rows one behind the other are one. */
  static async of(steps: readonly StepStage[]): Promise<RowChain> {
    const links: Rewriter[] = [];
    let together: (PickingStage | ArrangingStage)[] = [];
    const flush = async (): Promise<void> => {
      const one = await asOne(together);
      if (one !== undefined) links.push(one.kind === "picking" ? pickingLink(one) : new ArrangingLink(one));
      together = [];
    };
    for (const step of steps) {
      if (step.kind !== "rewriting") {
        together.push(step);
        continue;
      }
      await flush();
      links.push(namingLink(step));
    }
    await flush();
    return new RowChain(links);
  }

  /** Takes the rows behind all others so far; gives those that come out. */
  take(rows: readonly TableRow[]): readonly TableRow[] {
    return this.#through(rows, 0);
  }

  /** No more rows come: the others come out. */
  *end(): Generator<readonly TableRow[]> {
    for (const [at, link] of this.#links.entries()) {
      for (const rows of link.end()) {
        const out = this.#through(rows, at + 1);
        if (out.length > 0) yield out;
      }
    }
  }

  /** No more rows are wanted: gives back what its steps have beside memory. */
  close(): void {
    for (const link of this.#links) link.close?.();
  }

  #through(rows: readonly TableRow[], first: number): readonly TableRow[] {
    let out = rows;
    for (let at = first; at < this.#links.length && out.length > 0; at++) out = this.#links[at]?.take(out) ?? [];
    return out;
  }
}

/** What is wrong with a row is told with the step: where it came from, nobody knows here. */
function namingLink(step: RewritingStage): Rewriter {
  const rewriter = step.rewriter();
  return {
    take: (rows) => {
      try {
        return rewriter.take(rows);
      } catch (error) {
        if (!(error instanceof RowmillError) || ["input", "memory", "spill", "transform"].includes(error.code))
          throw error;
        throw new RowmillError(error.code, `${stepWords(step.name)}: ${error.message}`, {
          hint: `the row is one that the steps before ${stepWords(step.name)} have made: look at what these give`,
          cause: error,
        });
      }
    },
    end: () => rewriter.end(),
    close: () => rewriter.close?.(),
  };
}

function pickingLink(stage: PickingStage): Rewriter {
  const picker = stage.picker();
  return {
    take: (rows) => {
      const part = stage.part();
      const told = rows.filter((row) => part.add(stage.note(rowObject(row))));
      const isPicked = picker.pick(part.pack());
      return told.filter((_, at) => isPicked[at] === true);
    },
    end: () => {
      void picker.end();
      return [];
    },
  };
}

/** Rows wait as text. */
class ArrangingLink implements Rewriter {
  readonly #stage: ArrangingStage;
  readonly #arranger: Arranger;
  readonly #lines = new RowLines();

  constructor(stage: ArrangingStage) {
    this.#stage = stage;
    this.#arranger = stage.arranger();
  }

  take(rows: readonly TableRow[]): readonly TableRow[] {
    const part = this.#stage.part();
    // Where steps are one, the first of them may pick.
    const placed = this.#placed(rows.filter((row) => part.add(this.#stage.note(rowObject(row)))));
    const kept = part.kept?.();
    this.#arranger.take(part.pack(), kept === undefined ? placed : keptRows(placed, kept));
    return [];
  }

  *end(): Generator<readonly TableRow[]> {
    for (const { bytes } of this.#arranger.end()) yield this.#lines.rows(copyable(bytes).toString());
  }

  close(): void {
    this.#arranger.close?.();
  }

  #placed(rows: readonly TableRow[]): PlacedRows {
    const ends = new Uint32Array(rows.length);
    let end = 0;
    const lines = rows.map((row, at) => {
      const line = this.#lines.line(row);
      ends[at] = end += Buffer.byteLength(line);
      return line;
    });
    return { bytes: new TextEncoder().encode(lines.join("")), ends };
  }
}
