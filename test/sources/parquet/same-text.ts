/** Texts of values, in a form that readers of Parquet share: their dates, times and numbers look otherwise. */

/** Whether two readers mean the same. */
export function isSameText(one: string | null, other: string | null): boolean {
  if (one === null || other === null) return one === other;
  return one === other || plain(one) === plain(other);
}

function plain(text: string): string {
  if (/^[[{]/.test(text)) {
    try {
      return JSON.stringify(plainJson(JSON.parse(text)));
    } catch {
      return text;
    }
  }
  return plainScalar(text);
}

/** A number, a moment or a time. */
function plainScalar(text: string): string {
  const lower = text.toLowerCase();
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(lower)) {
    const isWhole = /^[+-]?\d+$/.test(lower);
    return isWhole ? String(BigInt(lower)) : String(Number(lower) + 0);
  }
  if (/^(?:nan|[+-]?inf(?:inity)?)$/.test(lower)) return lower.replace("infinity", "inf");
  const moment =
    /^(?<day>[+-]?\d{4,}-\d\d-\d\d)[ T](?<time>\d\d:\d\d:\d\d(?:\.\d+)?)(?: ?(?:UTC|Z|\+00(?::?00)?))?$/.exec(text);
  if (moment?.groups !== undefined) return `${moment.groups["day"]}T${plainTime(moment.groups["time"] ?? "")}`;
  return /^\d\d:\d\d:\d\d(?:\.\d+)?$/.test(text) ? plainTime(text) : text;
}

function plainTime(time: string): string {
  return time.replace(/\.?0*$/, (zeros) => (zeros.startsWith(".") ? "" : zeros)).replace(/(\.\d*?)0+$/, "$1");
}

function plainJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainJson);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plainJson(part)]));
  return typeof value === "number" || typeof value === "string" ? plainScalar(`${value}`) : value;
}
