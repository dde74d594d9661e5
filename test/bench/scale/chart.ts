// Throughput by the number of workers as a drawing, on two logarithmic scales, in the colours of the other chart.
import { parse, type Spec, View } from "vega";
import { DIM, forBothBackgrounds, GRID, INK } from "../chart.ts";
import type { ScaledLine } from "./figures.ts";

const WIDTH = 460;
const HEIGHT = 300;

/** One colour a line, each as it is drawn and what a reader with a dark background gets in its place. */
const LINES = [
  { light: "#0969da", dark: "#58a6ff" },
  { light: "#1f883d", dark: "#3fb950" },
  { light: "#bc4c00", dark: "#db6d28" },
  { light: "#8250df", dark: "#a371f7" },
];

/** Of both axes. */
const AXIS = {
  grid: true,
  gridColor: GRID.light,
  tickColor: GRID.light,
  domain: false,
  labelColor: DIM.light,
  titleColor: INK.light,
  titleFontWeight: "normal",
} as const;

/** The chart as SVG. A dotted line is what there would be if each worker did as much as one alone. */
export async function scaleChart(lines: readonly ScaledLine[]): Promise<string> {
  const svg = await new View(parse(specOf(lines)), { renderer: "none" }).toSVG();
  return forBothBackgrounds(svg, [INK, DIM, GRID, ...LINES]);
}

function specOf(lines: readonly ScaledLine[]): Spec {
  const counts = [...new Set(lines.flatMap(({ points }) => points.map(({ jobs }) => jobs)))];
  const values = lines.flatMap(({ title, points }) => {
    const [first] = points;
    const alone = first === undefined ? 0 : first.mbPerSecond / first.jobs;
    return points.map(({ jobs, mbPerSecond }) => ({
      title,
      jobs,
      gb: mbPerSecond / 1000,
      even: (alone * jobs) / 1000,
    }));
  });
  return {
    width: WIDTH,
    height: HEIGHT,
    padding: 8,
    data: [{ name: "points", values }],
    scales: [
      { name: "x", type: "log", base: 2, domain: [Math.min(...counts), Math.max(...counts)], range: "width" },
      {
        name: "y",
        type: "log",
        domain: {
          fields: [
            { data: "points", field: "gb" },
            { data: "points", field: "even" },
          ],
        },
        range: "height",
      },
      {
        name: "colour",
        type: "ordinal",
        domain: lines.map(({ title }) => title),
        range: LINES.map(({ light }) => light),
      },
    ],
    axes: [
      { scale: "x", orient: "bottom", title: "workers", values: counts, format: "d", ...AXIS },
      {
        scale: "y",
        orient: "left",
        title: "GB/s",
        values: [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100],
        format: "~r",
        ...AXIS,
      },
    ],
    legends: [
      {
        stroke: "colour",
        orient: "top",
        direction: "vertical",
        labelColor: INK.light,
        labelLimit: WIDTH,
        symbolType: "stroke",
        symbolStrokeWidth: 2,
      },
    ],
    marks: [
      {
        type: "group",
        from: { facet: { name: "one", data: "points", groupby: "title" } },
        marks: [lineOf("even", [2, 3]), lineOf("gb", [])],
      },
    ],
  };
}

/** One line of a line of work, by a field of its points. */
function lineOf(field: "gb" | "even", dash: number[]): NonNullable<Spec["marks"]>[number] {
  return {
    type: "line",
    from: { data: "one" },
    encode: {
      enter: {
        x: { scale: "x", field: "jobs" },
        y: { scale: "y", field },
        stroke: { scale: "colour", field: "title" },
        strokeWidth: { value: dash.length === 0 ? 2 : 1 },
        strokeDash: { value: dash },
      },
    },
  };
}
