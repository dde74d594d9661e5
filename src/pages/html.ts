/** Pieces of HTML. What comes from data goes through {@linkcode text}, which leaves nothing that a browser would take for more. */

/** Controls, and signs that turn around, or hide, what stands beside them. */
// eslint-disable-next-line no-control-regex
const UNSEEN = /[\0-\x1F\x7F-\x9F\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g;
const SEEN: Readonly<Record<string, string>> = { "\n": "↵", "\r": "↵", "\t": "→" };

/** A text as HTML. What is not seen, and changes how other signs stand, is shown as what it is. @param most Characters at most. */
export function text(shown: string, most: number = 120): string {
  const kept = shown.length > most ? `${shown.slice(0, most)}…` : shown;
  const visible = kept
    .toWellFormed()
    .replaceAll("\r\n", "\n")
    .replaceAll(
      UNSEEN,
      (sign) => SEEN[sign] ?? `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
    );
  return Bun.escapeHTML(visible);
}

/** A value of the data: its direction is its own. */
export function value(shown: string, most?: number): string {
  return shown === "" ? `<i>empty</i>` : `<bdi>${text(shown, most)}</bdi>`;
}

/** Rows of a table, below its heads. Cells are HTML; `right`: which columns are figures. */
export interface Table {
  caption: string;
  heads: readonly string[];
  rows: readonly (readonly string[])[];
  figures?: readonly number[];
}

/** A table, in a frame that scrolls by itself where it is too wide. The first cell of a row is its head. */
export function table({ caption, heads, rows, figures = [] }: Table): string {
  const mark = (at: number): string => (figures.includes(at) ? " class=n" : "");
  const head = heads.map((name, at) => `<th scope=col${mark(at)}>${name}`).join("");
  const body = rows
    .map((cells) => {
      const [first = "", ...rest] = cells;
      return `<tr><th scope=row${mark(0)}>${first}${rest.map((cell, at) => `<td${mark(at + 1)}>${cell}`).join("")}`;
    })
    .join("\n");
  return `<div class=scroll tabindex=0 role=region aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${head}<tbody>
${body}</table></div>`;
}

/** Names and what they are: a list of descriptions. Both are HTML. */
export function facts(entries: readonly (readonly [name: string, what: string] | undefined)[]): string {
  const items = entries.filter((entry) => entry !== undefined);
  return `<dl>${items.map(([name, what]) => `<div><dt>${name}<dd>${what}</div>`).join("")}</dl>`;
}
