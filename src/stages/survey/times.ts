/** Texts that are dates or times of ISO 8601. */
import { shortDate } from "../../fields/short-texts.ts";

const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/;

/** The time that a text is, in milliseconds; undefined where it is none. One that names no zone is taken for one of UTC. */
export function timeOf(text: string): number | undefined {
  // Most texts are none, which shows here.
  if (text.length < 10 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined;
  const short = shortDate(text);
  if (!Number.isNaN(short)) return short;
  const [, day, time = "00:00", zone = "Z"] = TIME.exec(text) ?? [];
  if (day === undefined) return undefined;
  const midnight = new Date(`${day}T00:00Z`);
  // There is no 30th of February.
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return undefined;
  const at = Date.parse(`${day}T${time}${/^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`);
  return Number.isNaN(at) ? undefined : at;
}
