/** How wide the columns of a sheet are, by its first rows: a date that has no room is shown as `####`. */

const CELL = /<c r="([A-Z]{1,3})\d+"(?: s="(\d)")?(?: t="\w+")?>(?:<is><t[^>]*>([^<]*)<\/t><\/is>|<v>([^<]*)<\/v>)/g;

/** In characters: what Excel has where nothing is said, and what is wide enough for any column. */
const LEAST = 9;
const MOST = 50;
const MARGIN = 2;
/** What the styles of dates show: `2024-02-29`, `2024-02-29 18:30:00`, `18:30:00`, each with thousandths. */
const OF_STYLES: readonly number[] = [0, 10, 19, 23, 8, 12];

/** The columns of a sheet, by the XML of its first rows. */
export function columnsXml(rows: Uint8Array): string {
  const widths = new Map<string, number>();
  const text = Buffer.from(rows.buffer, rows.byteOffset, rows.length).toString();
  for (const [, column = "", style, inline, value = ""] of text.matchAll(CELL)) {
    const shown = OF_STYLES[Number(style ?? 0)] ?? 0;
    const width = Math.max(shown, (inline ?? value).length);
    widths.set(column, Math.max(widths.get(column) ?? LEAST, Math.min(width + MARGIN, MOST)));
  }
  if (widths.size === 0) return "";
  const columns = [...widths].map(([name, width]): [number, number] => [numberOf(name), width]);
  const list = columns.toSorted(([a], [b]) => a - b);
  const each = list.map(([at, width]) => `<col min="${at}" max="${at}" width="${width}" customWidth="1"/>`);
  return `<cols>${each.join("")}</cols>`;
}

/** The number of a column, from 1. */
function numberOf(name: string): number {
  let number = 0;
  for (const letter of name) number = number * 26 + letter.charCodeAt(0) - 64;
  return number;
}
