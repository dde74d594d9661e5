/** `rowmill report`: the same page for any number of workers, and what a browser makes of it. */
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Browser, CHROMIUM, openBrowser } from "./browser.ts";
import { type Folder, installBinary } from "./binary.ts";

const binary = installBinary();

/** Rows of several batches, with all that a page shows, and names that would be more than text. */
function manyRows(count: number): string {
  const rows = Array.from({ length: count }, (_, at) => {
    const day = new Date(Date.UTC(2020, 0, 1 + (at % 900))).toISOString().slice(0, 10);
    return `${at === 77 ? 5 : at},"</script><script>document.title=1</script>${at % 5}",${((at * 7919) % 1000) / 8},${day},${at % 40 === 0 ? "" : at * 2},${at === 500 ? "x" : "AB-1"}\n`;
  });
  return `id,"<img src=x onerror=""document.title='2'"">",amount,day,twice,code\n${rows.join("")}`;
}

/** Columns that are many. */
function wideRows(columns: number): string {
  const names = Array.from({ length: columns }, (_, at) => `a rather long name of column ${at}`).join(",");
  const rows = Array.from({ length: 50 }, (_, row) =>
    Array.from({ length: columns }, (__, at) => (at % 3 === 0 ? `text ${row % 7}` : row * at)).join(","),
  );
  return `${names}\n${rows.join("\n")}\n`;
}

test("the page is the same for any number of workers", async () => {
  const folder = binary.folder();
  writeFileSync(folder.at("rows.csv"), manyRows(60_000));
  (await folder.run(["report", "rows.csv", "-j", "1", "-o", "one.html"])).expect({});
  (await folder.run(["report", "rows.csv", "-j", "3", "-o", "three.html"])).expect({});
  const one = await Bun.file(folder.at("one.html")).text();
  expect(one).toBe(await Bun.file(folder.at("three.html")).text());
  expect(one).toContain("60,000");
});

test("300 columns, and 3000, make a page below 1 MB", async () => {
  const folder = binary.folder();
  for (const columns of [300, 3000]) {
    writeFileSync(folder.at("wide.csv"), wideRows(columns));
    (await folder.run(["report", "wide.csv", "-o", "wide.html"])).expect({});
    expect(Bun.file(folder.at("wide.html")).size).toBeLessThan(1_000_000);
  }
});

test("rows that look odd are shown with their lines, where they can be read once more", async () => {
  const folder = binary.folder();
  const rows = Array.from({ length: 4000 }, (_, at) => (at === 3000 ? 'oops,"two\nlines"' : `${at % 10},AB-${at}`));
  writeFileSync(folder.at("rows.csv"), `a,b\n1,"first\nrow"\n${rows.join("\n")}\n`);
  (await folder.run(["report", "rows.csv", "-o", "rows.html"])).expect({});
  const page = await Bun.file(folder.at("rows.html")).text();
  expect(page).toMatch(
    /<th scope=row class=n>3,002<td class=n>3,004<td>.*oops.*no number.*<bdi>oops, two↵lines<\/bdi>/,
  );
  const streamed = await folder.bash("rowmill report < rows.csv");
  expect(streamed.stdout).toMatch(/<th scope=row class=n>3,002<td><b>/);
});

describe.skipIf(CHROMIUM === undefined)(
  `in a browser${CHROMIUM === undefined ? " (skipped: no chromium)" : ""}`,
  () => {
    test("it loads nothing, says nothing on the console, fits a phone, and is light and dark", async () => {
      const folder = binary.folder();
      writeFileSync(folder.at("rows.csv"), manyRows(2000));
      writeFileSync(folder.at("wide.csv"), wideRows(300));
      writeFileSync(folder.at("none.csv"), "id,name\n");
      await using browser = await openBrowser(folder.at("profile"));
      for (const name of ["rows", "wide", "none"]) {
        (await folder.run(["report", `${name}.csv`, "-o", `${name}.html`])).expect({});
        await look(browser, pathToFileURL(folder.at(`${name}.html`)).href, `Report of ${name}.csv`);
      }
      // The page of a run, with rows that failed.
      writeFileSync(
        folder.at("bad.ts"),
        "export default (row) => { if (row.id % 9 === 4) throw new Error(`no ${row.id}`); return row; };",
      );
      const words = ["run", "bad.ts", "rows.csv", "-o", "o.csv", "--on-error", "reject", "--report", "run.html"];
      expect((await folder.run(words)).code).toBe(3);
      await look(browser, pathToFileURL(folder.at("run.html")).href, "Run of bad.ts");
    });

    test.skipIf(Bun.which("pdftotext") === null)(
      "on paper it is white, no card is on two pages, and nothing is there to click on",
      async () => {
        const folder = binary.folder();
        writeFileSync(folder.at("rows.csv"), manyRows(2000));
        writeFileSync(folder.at("wide.csv"), wideRows(60));
        await using browser = await openBrowser(folder.at("profile"));
        for (const name of ["rows", "wide"]) {
          (await folder.run(["report", `${name}.csv`, "-o", `${name}.html`])).expect({});
          await browser.open(pathToFileURL(folder.at(`${name}.html`)).href, { width: 1280, scheme: "dark" });
          const pages = await printed(browser, folder);
          // A card begins with how many values there are, and ends with quantiles or patterns.
          const begun = pages.map((page) => countIn(page, /Values +(?:Different|Empty)/g));
          expect(pages.map((page) => countIn(page, /(?<!\S)99 %|Patterns: /g))).toEqual(begun);
          expect(begun.reduce((sum, cards) => sum + cards)).toBe(name === "rows" ? 6 : 60);
          // No page ends with a headline.
          for (const page of pages) expect(page.trimEnd().split("\n").at(-1)).not.toMatch(/^(?:Overview|Columns|Keys)/);
          // The reader's screen is dark; paper is not.
          const image = await folder.bash(
            "pdftoppm -r 10 -l 1 page.pdf page && cat page-*.ppm | tail -c 1000 | od -An -tu1 -v",
          );
          expect(image.stdout.trim().split(/\s+/).map(Number)).toEqual(Array.from({ length: 1000 }, () => 255));
          await folder.bash("rm page-*.ppm");
          expect(pages.join("")).not.toMatch(/Figures of the bars|To the content/);
        }
      },
    );
  },
);

function countIn(text: string, what: RegExp): number {
  return [...text.matchAll(what)].length;
}

/** The open page on paper: the text of each sheet, as it stands there. */
async function printed(browser: Browser, folder: Folder): Promise<string[]> {
  writeFileSync(folder.at("page.pdf"), await browser.print());
  const { stdout } = await folder.bash("pdftotext -layout page.pdf -");
  return stdout.replace(/\f$/, "").split("\f");
}

/** What of a page is wrong for those who hear it or use keys. */
const FAULTS = `(() => {
  const faults = [];
  const levels = [...document.querySelectorAll("h1,h2,h3,h4")].map((head) => Number(head.tagName[1]));
  if (levels[0] !== 1 || levels.filter((level) => level === 1).length !== 1) faults.push("no one h1");
  levels.forEach((level, at) => { if (at > 0 && level > levels[at - 1] + 1) faults.push("a level of headings is left out"); });
  for (const chart of document.querySelectorAll("svg")) if (!chart.getAttribute("aria-label")) faults.push("a chart without a label");
  for (const table of document.querySelectorAll("table")) if (!table.caption) faults.push("a table without a caption");
  for (const link of document.querySelectorAll("a")) if (!document.querySelector(link.getAttribute("href"))) faults.push("a link to nothing: " + link.href);
  for (const part of document.querySelectorAll("[aria-labelledby]")) if (!document.getElementById(part.getAttribute("aria-labelledby"))) faults.push("a label of nothing");
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  if (new Set(ids).size !== ids.length) faults.push("an id twice");
  if (document.querySelector("script,img,link,iframe")) faults.push("something to load");
  return faults;
})()`;

async function look(browser: Browser, url: string, title: string): Promise<void> {
  for (const width of [360, 1280]) {
    for (const scheme of ["light", "dark"] as const) {
      await browser.open(url, { width, scheme });
      expect(await browser.evaluate(FAULTS)).toEqual([]);
      expect(await browser.evaluate("document.title")).toBe(title);
      // Nothing is wider than the window, but for frames that scroll by themselves.
      expect(await browser.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
      const [background, color] = (await browser.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color].map((text) => Number(/\\d+/.exec(text)[0]))",
      )) as [number, number];
      expect(background > color).toBe(scheme === "light");
    }
  }
  expect(browser.said).toEqual([]);
  expect(browser.loaded.filter((one) => !one.endsWith(".html"))).toEqual([]);
}
