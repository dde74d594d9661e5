/** What is said of a file that is not there: the one beside it whose name is nearly the same, where there is one. */
import { readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { didYouMean, nearestWord } from "../nearest.ts";
import { placed } from "./start-folder.ts";

/** To compare more names than this takes too long for a hint. */
const MOST_NAMES = 10_000;

/** @param path As the user has written it. */
export function missingHint(path: string): string {
  const near = nearestWord(basename(path), namesBeside(path));
  return near === undefined ? "check the path" : didYouMean(path.slice(0, path.length - basename(path).length) + near);
}

function namesBeside(path: string): string[] {
  try {
    const names = readdirSync(dirname(placed(path)));
    return names.length > MOST_NAMES ? [] : names;
  } catch {
    // There is no such folder, or no right to look into it.
    return [];
  }
}
