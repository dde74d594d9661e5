// The ratios as a drawing: a bar from 1 to the ratio for each pair, on a logarithmic scale, grouped by workload. Vega
// draws it; it needs neither a browser nor a canvas.
import { parse, type Spec, View } from "vega";
import type { Outcome } from "./contest.ts";

/** One bar: their time divided by ours. */
export interface Bar {
  workload: string;
  label: string;
  ratio: number;
}

const ROW_PIXELS = 17;
const CHART_PIXELS = 420;
const LONGEST_TITLE = 62;

/** A colour as it is drawn, and what a reader with a dark background gets in its place. */
export interface Colour {
  light: string;
  dark: string;
}

export const INK: Colour = { light: "#1f2328", dark: "#f0f6fc" };
export const DIM: Colour = { light: "#59636e", dark: "#9198a1" };
export const GRID: Colour = { light: "#d1d9e0", dark: "#3d444d" };
const FASTER = { light: "#1f883d", dark: "#3fb950" };
const SLOWER = { light: "#cf222e", dark: "#f85149" };

/** The bars of all ratios that were measured and are against somebody else, not against ourselves. */
export function barsOf(outcomes: readonly Outcome[]): Bar[] {
  return outcomes.flatMap(({ workload, results, faults }) =>
    workload.ratios.flatMap(({ ours, other }): Bar[] => {
      const [our, their] = [results.get(ours), results.get(other)];
      const isOurs = workload.contenders.some(({ name, by }) => name === other && by === "rowmill");
      if (our === undefined || their === undefined || isOurs || faults.length > 0) return [];
      return [
        {
          workload: workload.title,
          label: ours === "Rowmill" ? other : `${ours} : ${other}`,
          ratio: their.medianMs / our.medianMs,
        },
      ];
    }),
  );
}

/** The chart as SVG, in the colours that suit the reader's background. */
export async function chartSvg(bars: readonly Bar[]): Promise<string> {
  const svg = await new View(parse(specOf(rowsOf(bars))), { renderer: "none" }).toSVG();
  return forBothBackgrounds(svg, [INK, DIM, GRID, FASTER, SLOWER]);
}

/** A drawing whose colours suit the reader's background. */
export function forBothBackgrounds(svg: string, colours: readonly Colour[]): string {
  const rules = colours.flatMap(({ light, dark }) =>
    ["fill", "stroke"].map((property) => `[${property}="${light}"] { ${property}: ${dark} }`),
  );
  const style = `<style>@media (prefers-color-scheme: dark) { ${rules.join(" ")} }</style>`;
  return `${svg.replace(/<svg[^>]*>/, (opening) => opening + style)}\n`;
}

/** A row of the chart: a bar, or the title of those below it. */
type Row = { row: number; title: string } | { row: number; label: string; ratio: number };

function rowsOf(bars: readonly Bar[]): Row[] {
  const rows: Row[] = [];
  for (const [workload, group] of Map.groupBy(bars, (bar) => bar.workload)) {
    const title = workload.length > LONGEST_TITLE ? `${workload.slice(0, LONGEST_TITLE - 1)}…` : workload;
    rows.push({ row: rows.length, title });
    for (const { label, ratio } of group) rows.push({ row: rows.length, label, ratio });
  }
  return rows;
}

function specOf(rows: readonly Row[]): Spec {
  const y = { scale: "y", field: "row", band: 0.5 };
  const isSlower = "datum.ratio < 1";
  const colour = [{ test: isSlower, value: SLOWER.light }, { value: FASTER.light }];
  return {
    width: CHART_PIXELS,
    height: rows.length * ROW_PIXELS,
    padding: 8,
    data: [
      { name: "bars", values: rows.filter((row) => "ratio" in row) },
      { name: "titles", values: rows.filter((row) => "title" in row) },
    ],
    scales: [
      { name: "x", type: "log", domain: domainOf(rows), range: "width" },
      { name: "y", type: "band", domain: rows.map(({ row }) => row), range: "height", padding: 0.25 },
    ],
    axes: [
      {
        scale: "x",
        orient: "top",
        title: "their time divided by ours (right of 1: Rowmill is faster)",
        values: [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200],
        format: "~r",
        grid: true,
        gridColor: GRID.light,
        tickColor: GRID.light,
        domain: false,
        labelColor: DIM.light,
        titleColor: INK.light,
        titleFontWeight: "normal",
      },
    ],
    marks: [
      {
        type: "rect",
        from: { data: "bars" },
        encode: {
          enter: {
            x: { scale: "x", value: 1 },
            x2: { scale: "x", field: "ratio" },
            y: { scale: "y", field: "row" },
            height: { scale: "y", band: 1 },
            fill: colour,
          },
        },
      },
      {
        type: "text",
        from: { data: "bars" },
        encode: {
          enter: {
            x: { scale: "x", signal: "max(1, datum.ratio)", offset: 4 },
            y,
            text: { signal: "datum.ratio < 10 ? format(datum.ratio, '.2f') : format(datum.ratio, '.1f')" },
            baseline: { value: "middle" },
            fill: { value: INK.light },
          },
        },
      },
      {
        type: "text",
        from: { data: "bars" },
        encode: {
          enter: {
            x: { value: -6 },
            y,
            text: { field: "label" },
            align: { value: "right" },
            baseline: { value: "middle" },
            fill: { value: DIM.light },
          },
        },
      },
      {
        type: "text",
        from: { data: "titles" },
        encode: {
          enter: {
            x: { value: -6 },
            y,
            text: { field: "title" },
            align: { value: "right" },
            baseline: { value: "middle" },
            fill: { value: INK.light },
            fontWeight: { value: "bold" },
          },
        },
      },
      {
        type: "rule",
        encode: {
          enter: {
            x: { scale: "x", value: 1 },
            y: { value: 0 },
            y2: { value: rows.length * ROW_PIXELS },
            stroke: { value: INK.light },
          },
        },
      },
    ],
  };
}

/** From the next step below all ratios to the one above, with 1 in it. */
function domainOf(rows: readonly Row[]): [number, number] {
  const ratios = rows.flatMap((row) => ("ratio" in row ? [row.ratio] : []));
  return [Math.min(0.8, ...ratios.map((ratio) => ratio * 0.9)), Math.max(2, ...ratios.map((ratio) => ratio * 1.2))];
}
