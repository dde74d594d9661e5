/** `rowmill cache`: what a folder of `--cache` holds, and dropping what is not wanted any more. */
import { UsageError } from "../../errors.ts";
import { didYouMean, nearestWord } from "../../nearest.ts";
import { placed } from "../../io/start-folder.ts";
import { byteSize, durationMs } from "../../options/quantities.ts";
import { type StoreFacts, ResultStore, hasStore } from "../../transform/cache/store.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { count, shownBytes } from "../../pages/figures.ts";
import { to } from "../flag.ts";
import { print } from "../terminal.ts";

interface CacheOptions {
  /** In milliseconds. */
  olderThan?: number;
  maxBytes?: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export const cache: Command<CacheOptions> = {
  usage: "cache info|prune [options] <folder>",
  description: `Say what a folder of --cache holds, or drop results from it: those made too long ago, and, where it is too
large, those made first. Without an option, prune only gives the disk back what dropped results took.`,
  flags: [
    {
      group: "Rows",
      flags: "--older-than <duration>",
      help: "drop what was made longer ago: 30d, 12h",
      apply: to("olderThan", (text) => ageMs("--older-than", text)),
    },
    {
      group: "Rows",
      flags: "--max-bytes <size>",
      help: "drop what was made first, until the file is no larger: 1G, 500M",
      apply: to("maxBytes", (text) => byteSize("--max-bytes", text)),
    },
  ],
  examples: `Examples:
  rowmill run geocode.ts places.csv --cache .geocoded -o out.csv
  rowmill cache info .geocoded
  rowmill cache prune .geocoded --older-than 30d --max-bytes 1G`,
  async carryOut(options, [what, folder, another]) {
    const near = what === undefined ? undefined : nearestWord(what, ["info", "prune"]);
    if (what !== "info" && what !== "prune")
      throw new UsageError(
        what === undefined ? "there is nothing to do" : `${JSON.stringify(what)} is neither info nor prune`,
        near !== undefined
          ? didYouMean(near)
          : "rowmill cache info FOLDER, or rowmill cache prune FOLDER --older-than 30d",
      );
    if (folder === undefined || another !== undefined)
      throw new UsageError(
        folder === undefined ? "there is no folder" : "there are several folders",
        `rowmill cache ${what} FOLDER`,
      );
    const { olderThan, maxBytes } = options;
    if (what === "info" && (olderThan !== undefined || maxBytes !== undefined))
      throw new UsageError("info drops nothing", `rowmill cache prune ${folder}`);
    if (!hasStore(placed(folder)))
      throw new UsageError(`${folder} holds no cache`, "name the folder that --cache was given");
    const store = new ResultStore(placed(folder), folder);
    try {
      await print(what === "info" ? shown(store.facts) : pruned(store, options));
    } finally {
      store.close();
    }
    return EXIT.done;
  },
};

/** Days as well, which no other duration has. */
function ageMs(name: string, text: string): number {
  const [, days] = /^(\d+(?:\.\d+)?)d$/.exec(text) ?? [];
  return days === undefined ? durationMs(name, text) : Number(days) * DAY_MS;
}

function shown({ entries, bytes, resultBytes, oldest, newest }: StoreFacts): string {
  const lines = [
    ["results", count(entries)],
    ["bytes", `${count(bytes)} (${shownBytes(bytes)}), ${count(resultBytes)} of them results`],
    ...(oldest === undefined || newest === undefined
      ? []
      : [
          ["oldest", new Date(oldest).toISOString()],
          ["newest", new Date(newest).toISOString()],
        ]),
  ];
  return `${lines.map(([label, text]) => `${`${label ?? ""}:`.padEnd(13)}${text ?? ""}`).join("\n")}\n`;
}

function pruned(store: ResultStore, { olderThan, maxBytes }: CacheOptions): string {
  const before = store.facts;
  if (store.isReadOnly) throw new UsageError("the cache cannot be written", "prune it as a user who may");
  if (olderThan !== undefined) store.dropBefore(Date.now() - olderThan);
  if (maxBytes === undefined) store.compact();
  else store.shrinkTo(maxBytes);
  const after = store.facts;
  return `dropped ${count(before.entries - after.entries)} of ${count(before.entries)} results: ${shownBytes(before.bytes)} became ${shownBytes(after.bytes)}\n`;
}
