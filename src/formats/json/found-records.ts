/** Whether a document of JSON holds exactly one array of objects: its rows, where nobody says which. */
import type { Guess } from "../format.ts";
import { shellWord } from "../command-words.ts";
import { DocumentWalk, WALK_START } from "./document-walk.ts";
import { type RecordsPath, shownPath } from "./records-path.ts";

/** @param isWhole Nothing follows the bytes. */
export function foundRecords(bytes: Buffer, isWhole: boolean): Guess {
  const found: RecordsPath[] = [];
  const walk = new DocumentWalk({ path: undefined, onOther: (path) => found.push(path) }, WALK_START, {
    bytes,
    start: 0,
    end: bytes.length,
  });
  const none: Guess = { settings: undefined, called: "", flag: "", instead: "", needs: "nothing" };
  if (!/^\s*\{/.test(bytes.toString("latin1", 0, 1024))) return none;
  try {
    const isOne = walk.next() === "document";
    const isAlone = isOne && bytes.subarray(walk.at).toString("latin1").trim() === "";
    if (found.length > 1 || (isOne && !isAlone) || (isOne && found.length === 0)) return none;
    const [path] = found;
    const needs = isWhole ? "nothing" : isOne ? "end" : "more";
    if (path === undefined || path.length === 0) return { ...none, needs };
    const records = shownPath(path);
    return {
      settings: { records },
      called: `the rows of ${records}, its only array of objects`,
      flag: `--records ${shellWord(records)}`,
      instead: "--records . reads the whole document as a row",
      needs,
    };
  } catch {
    // What is no JSON is told by whoever reads it.
    return none;
  }
}
