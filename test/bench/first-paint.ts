/**
 * How soon a page is there: `bun test/bench/first-paint.ts [--times N] PAGE.html…`. Each is opened N times (5), each time in a
 * Chromium that has just started and knows nothing. It says when something was first seen (`first-contentful-paint`, the least
 * and the middle of them), how long the page's own thread had worked when all was there, and how many elements it has.
 * Other programs make a browser slow: where the least and the middle are far apart, the machine was busy.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Browser, openBrowser } from "../cli/browser.ts";

const { values, positionals } = parseArgs({
  options: { times: { type: "string", default: "5" } },
  allowPositionals: true,
});
const PAINT = 'performance.getEntriesByName("first-contentful-paint")[0]?.startTime';
const POLL_MS = 20;

const folder = mkdtempSync(join(tmpdir(), "rowmill-paint-"));
const found = new Map<string, { paint: number; work: number; elements: number }[]>();
for (let time = 0; time < Number(values.times); time++) {
  for (const name of positionals) {
    await using browser = await openBrowser(join(folder, `${time}-${found.size}-${name.replaceAll("/", "-")}`));
    await browser.send("Performance.enable");
    await browser.open(pathToFileURL(resolve(name)).href, { width: 1280, scheme: "light" });
    const paint = await painted(browser);
    const { metrics } = (await browser.send("Performance.getMetrics")) as {
      metrics: { name: string; value: number }[];
    };
    const work = 1000 * (metrics.find((one) => one.name === "TaskDuration")?.value ?? 0);
    const elements = Number(await browser.evaluate("document.getElementsByTagName('*').length"));
    found.set(name, [...(found.get(name) ?? []), { paint, work, elements }]);
  }
}
for (const [name, all] of found) {
  const paints = all.map(({ paint }) => paint).toSorted((a, b) => a - b);
  const [least = 0, middle = 0] = [paints[0], paints[paints.length >> 1]];
  const work = Math.min(...all.map((one) => one.work));
  console.log(
    `${name}: first paint ${least.toFixed(0)} ms at best, ${middle.toFixed(0)} ms in the middle; ${work.toFixed(0)} ms of work; ${all[0]?.elements} elements`,
  );
}
rmSync(folder, { recursive: true });

async function painted(browser: Browser): Promise<number> {
  for (;;) {
    const at = await browser.evaluate(PAINT);
    if (typeof at === "number") return at;
    await Bun.sleep(POLL_MS);
  }
}
