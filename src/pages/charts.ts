/** Bars as SVG: drawn here, in colours of the page's style, so that the page needs no script. */
import { scaleLinear, scaleUtc } from "d3-scale";
import { count as shownCount } from "./figures.ts";
import { text } from "./html.ts";

const [WIDTH, HEIGHT] = [320, 110];
/** Room above the bars for a figure, and below for ticks. */
const [TOP, BOTTOM] = [14, 18];
const SIDE = 2;
const TICKS = 4;
/** A label that would stick out at the end of its axis is put within. */
const EDGE = 34;

/** A bar: from where to where, the end not among them, and how much is there. */
export interface Bar {
  from: number;
  to: number;
  count: number;
}

interface Chart {
  /** What it shows, for those who do not see it. */
  label: string;
  isTime?: boolean;
  /** What the highest bar stands for, in words. @default its count */
  most?: string;
}

/** Bars from left to right, the highest with its figure, ticks below. */
export function barChart(bars: readonly Bar[], { label, isTime = false, most: named }: Chart): string {
  const [from, to] = [bars[0]?.from ?? 0, bars.at(-1)?.to ?? 1];
  const most = Math.max(Number.MIN_VALUE, ...bars.map(({ count }) => count));
  const range = [SIDE, WIDTH - SIDE] as const;
  const x = isTime ? scaleUtc([new Date(from), new Date(to)], range) : scaleLinear([from, to], range);
  const y = scaleLinear([0, most], [HEIGHT - BOTTOM, TOP]);
  const gap = (WIDTH - 2 * SIDE) / bars.length > 4 ? 0.5 : 0;
  const path = bars
    .filter(({ count }) => count > 0)
    .map((bar) => {
      const [left, right] = [x(bar.from) + gap, x(bar.to) - gap];
      // What is there is seen, however little.
      const top = Math.min(y(bar.count), HEIGHT - BOTTOM - 1);
      return `M${short(left)} ${HEIGHT - BOTTOM}V${short(top)}H${short(right)}V${HEIGHT - BOTTOM}z`;
    })
    .join("");
  const ticks = ticksOf(x, bars).map(({ at, name }) => {
    const anchor = at < EDGE ? "start" : at > WIDTH - EDGE ? "end" : "middle";
    return `<path class=tick d="M${short(at)} ${HEIGHT - BOTTOM}v4"/><text x=${short(at)} y=${HEIGHT - 4} text-anchor=${anchor}>${text(name)}</text>`;
  });
  return `<svg class=chart viewBox="0 0 ${WIDTH} ${HEIGHT}" role=img aria-label="${label}"><text x=${SIDE} y=10>${text(named ?? shownCount(most))}</text><path class=bars d="${path}"/><path class=axis d="M0 ${HEIGHT - BOTTOM}H${WIDTH}"/>${ticks.join("")}</svg>`;
}

function ticksOf(
  x: ReturnType<typeof scaleLinear<number>> | ReturnType<typeof scaleUtc<number>>,
  bars: readonly Bar[],
): { at: number; name: string }[] {
  const [first] = x.domain();
  if (first instanceof Date) {
    const times = x as ReturnType<typeof scaleUtc<number>>;
    const name = times.tickFormat(TICKS);
    return times.ticks(TICKS).map((tick) => ({ at: times(tick), name: name(tick) }));
  }
  const numbers = x as ReturnType<typeof scaleLinear<number>>;
  const [, last = 0] = numbers.domain();
  // Years have no commas, and large numbers have few digits.
  const isLarge = Math.max(Math.abs(Number(first)), Math.abs(last)) >= 100_000;
  const name = isLarge ? numbers.tickFormat(TICKS, "~s") : numbers.tickFormat(TICKS);
  const ticks = numbers.ticks(TICKS);
  const areWhole = bars.every(({ from }) => Number.isInteger(from));
  return ticks
    .filter((tick) => !areWhole || Number.isInteger(tick))
    .map((tick) => ({
      at: numbers(tick),
      name: tick === 0 ? "0" : isLarge ? name(tick) : name(tick).replaceAll(",", ""),
    }));
}

function short(place: number): string {
  return String(Math.round(place * 10) / 10);
}

/** A share as a bar in a cell of a table, beside the figure that says it. */
export function shareBar(share: number): string {
  const width = Math.round(Math.max(0, Math.min(1, share)) * 1000) / 10;
  return `<span class=bar aria-hidden=true style=--w:${width}%></span>`;
}
