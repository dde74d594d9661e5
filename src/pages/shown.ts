/** Figures as pages say them. */
import { count as shownCount } from "./figures.ts";

/** `1 row`, `1,200 rows`. */
export function plural(number: number, what: string): string {
  return `${shownCount(number)} ${what}${number === 1 ? "" : "s"}`;
}

/** `12.5 %`. */
export function shownShare(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent}&nbsp;%`;
  if (percent < 0.1) return "&lt;&nbsp;0.1&nbsp;%";
  if (percent > 99.9) return "&gt;&nbsp;99.9&nbsp;%";
  return `${percent.toFixed(1)}&nbsp;%`;
}

/** A number with so many digits that count, at most. */
export function shownNumber(number: number, digits: number = 15): string {
  const rounded = Number(number.toPrecision(digits));
  return String(rounded).replace("-", "−");
}
