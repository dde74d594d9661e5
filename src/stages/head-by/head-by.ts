/**
 * `--head-by a,b`: the first row of each group of rows with the same values in these columns, whole and in input order. A
 * part tells of the rows whose group has not come before in their batch; the picker knows the groups of all batches so far,
 * and nothing else is kept of them.
 */
import { deserialize, serialize } from "bun:jsc";
import type { Row } from "../../formats/format.ts";
import { FieldText } from "../../formats/values/field-text.ts";
import { stringifyJson } from "../../formats/values/json.ts";
import { columnReader, noGroup } from "../grouping/row-fields.ts";
import type { PickingFacts, PickingStage } from "../stage.ts";
import { checkSeen } from "../unseen-column.ts";

/** What a batch tells: the groups of its rows, each once, and which columns its worker has seen. */
interface Part {
  groups: string[];
  seen: boolean[];
  /** Columns of the first row that the worker had. */
  names: string[];
}

export const headBy = (columns: readonly string[], { areKnown }: PickingFacts): PickingStage => {
  const readers = columns.map(columnReader);
  const seen = columns.map(() => false);
  let names: string[] = [];
  return {
    kind: "picking",
    name: "head",
    what: `by ${columns.join(", ")}`,
    note: (row) => {
      if (names.length === 0) names = Object.keys(row);
      return groupOf(row);
    },
    part: () => {
      const groups = new Set<string>();
      return {
        add: (group) => {
          const { size } = groups;
          return groups.add(String(group)).size > size;
        },
        // What it gives is memory that all threads share; a copy can be handed over.
        pack: () => new Uint8Array(serialize({ groups: [...groups], seen, names } satisfies Part)).slice(),
      };
    },
    picker: () => {
      const known = new Set<string>();
      const all = { seen: columns.map(() => false), names: [] as string[] };
      return {
        pick: (bytes) => {
          const part = deserialize(bytes) as Part;
          all.seen = all.seen.map((was, at) => was || part.seen[at] === true);
          if (all.names.length === 0) all.names = part.names;
          return part.groups.map((group) => {
            const { size } = known;
            return known.add(group).size > size;
          });
        },
        end: () => {
          const column = columns.find((_, at) => all.seen[at] !== true);
          if (!areKnown && all.names.length > 0 && column !== undefined) checkSeen({ column, names: all.names });
        },
      };
    },
  };

  /** The same text for the same values only. */
  function groupOf(row: Row): string {
    let group = "";
    for (const [at, read] of readers.entries()) {
      const value = read(row);
      if (value !== undefined) seen[at] = true;
      const text = valueText(value, columns[at] ?? "");
      // Of several texts put together, their lengths tell which.
      group = readers.length === 1 ? text : `${group}${text.length}:${text}`;
    }
    return group;
  }
};

/** Values that are written alike as JSON have the same text; a missing one has that of null. */
function valueText(value: unknown, column: string): string {
  if (typeof value === "string") return `"${value}`;
  if (value === undefined || value === null) return "";
  if (value instanceof FieldText) return `"${value.text}`;
  if (typeof value === "function" || typeof value === "symbol") throw noGroup(value, column);
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  return stringifyJson(value);
}
