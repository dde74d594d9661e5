// A report in Markdown: a row for each page, with its share of all visits and the slowest ones, most visited first.
interface Visit {
  page: string;
  ms: number;
}

type Pages = Map<string, number[]>;

export const options = { to: "md" };

export const reduce = {
  init: (): Pages => new Map(),
  step: (pages: Pages, { page, ms }: Visit) => {
    const times = pages.get(page);
    if (times === undefined) pages.set(page, [ms]);
    else times.push(ms);
  },
  merge: (before: Pages, behind: Pages) => {
    for (const [page, times] of behind) before.set(page, [...(before.get(page) ?? []), ...times]);
  },
  finish: (pages: Pages) => {
    const visits = [...pages.values()].reduce((sum, times) => sum + times.length, 0);
    return Array.from(pages, ([page, times]) => {
      const sorted = times.toSorted((a, b) => a - b);
      return {
        page,
        visits: times.length,
        share: `${((100 * times.length) / visits).toFixed(0)} %`,
        "median ms": sorted[Math.floor(sorted.length / 2)],
        "slowest ms": sorted.at(-1),
      };
    }).toSorted((a, b) => b.visits - a.visits);
  },
};
