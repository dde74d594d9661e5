/** A page: one file of HTML, with nothing to load and no script. */
import { facts } from "./html.ts";
import { STYLE } from "./style.ts";

/** A part of a page, which is left out where there is nothing in it. All is HTML. */
export type Section = readonly [id: string, title: string, html: string];

export interface Page {
  /** HTML. */
  title: string;
  /** What stands below the title: names and what they are, as HTML. */
  facts: Parameters<typeof facts>[0];
  sections: readonly Section[];
  /** What its file begins with. */
  start?: string;
}

/** Makes it. A policy in it forbids scripts and requests, whatever stands in it. */
export function htmlPage({ title, facts: told, sections, start = "<!doctype html>\n" }: Page): string {
  const shown = sections.filter(([, , html]) => html !== "");
  return `${start}<html lang=en>
<head><meta charset=utf-8>
<meta name=viewport content="width=device-width,initial-scale=1">
<meta http-equiv=Content-Security-Policy content="default-src 'none';style-src 'unsafe-inline'">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<a class=skip href="#main">To the content</a>
<header><h1>${title}</h1>
${facts(told)}
<nav aria-label="Parts of the report"><ul>${shown.map(([id, name]) => `<li><a href="#${id}">${name}</a>`).join("")}</ul></nav>
</header>
<main id=main tabindex=-1>
${shown.map(([id, name, html]) => `<section aria-labelledby=${id}><h2 id=${id}>${name}</h2>\n${html}\n</section>`).join("\n")}
</main>
</body>
</html>
`;
}
