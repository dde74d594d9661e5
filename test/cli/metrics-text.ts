/**
 * A strict reader of the text format of Prometheus (version 0.0.4), by its documentation: each metric once, with its help and its
 * type before its samples, and no sample twice.
 */

export interface Metric {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const SAMPLE = new RegExp(String.raw`^(${NAME})(?:\{(.*)\})? (\S+)(?: (-?\d+))?$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/;

/** @throws {Error} For what Prometheus would not read. */
export function parseMetrics(text: string): Metric[] {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const metrics: Metric[] = [];
  const done = new Set<string>();
  const seen = new Set<string>();
  let family = { name: "", type: "" };
  for (const line of text.slice(0, -1).split("\n")) {
    const [, kind = "", about = "", rest = ""] = new RegExp(`^# (HELP|TYPE) (${NAME}) (.*)$`).exec(line) ?? [];
    if (kind === "HELP") {
      if (done.has(about)) throw new Error(`${about} is there twice`);
      done.add(about);
      family = { name: about, type: "" };
    } else if (kind === "TYPE") {
      if (family.name !== about) throw new Error(`the type of ${about} is not behind its help`);
      if (!["counter", "gauge", "histogram", "summary", "untyped"].includes(rest)) throw new Error(`no type: ${rest}`);
      family = { ...family, type: rest };
    } else {
      const [, name = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
      if (name !== family.name || family.type === "")
        throw new Error(`a sample that is not of ${family.name}: ${line}`);
      if (!NUMBER.test(value)) throw new Error(`no number: ${line}`);
      const key = line.slice(0, line.lastIndexOf(" "));
      if (seen.has(key)) throw new Error(`a sample is there twice: ${line}`);
      seen.add(key);
      metrics.push({ name, labels: labelsOf(labels), value: Number(value) });
    }
  }
  return metrics;
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text);
    if (match === null) throw new Error(`no labels: ${text}`);
    const [, name = "", value = ""] = match;
    if (name in labels) throw new Error(`a label is there twice: ${text}`);
    labels[name] = value.replaceAll(/\\([\\"n])/g, (_, sign: string) => (sign === "n" ? "\n" : sign));
  }
  return labels;
}
