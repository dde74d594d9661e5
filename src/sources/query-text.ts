/** Queries as users write them, made ready to stand within another statement. */
import { RowmillError } from "../errors.ts";

export type QueryLanguage = "sqlite" | "postgres";

/** What a text of SQL consists of, in each language; what has no name is a quoted name or text. */
const PIECES: Readonly<Record<QueryLanguage, RegExp>> = {
  sqlite:
    /'[^']*'?|"[^"]*"?|`[^`]*`?|\[[^\]]*\]?|(?<space>\s+|--[^\n]*)|(?<comment>\/\*)|(?<word>[a-z]+\b)|(?<other>.)/isuy,
  postgres:
    /e'(?:[^'\\]|\\.|'')*'?|'[^']*'?|"[^"]*"?|(?<dollar>\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$).*?(?:\k<dollar>|$)|(?<space>\s+|--[^\n]*)|(?<comment>\/\*)|(?<word>[\w\u0080-\uffff]+)|(?<other>.)/isuy,
};

const QUERY_WORDS: ReadonlySet<string> = new Set(["select", "values", "with", "table"]);

/**
 * A query without the semicolons at its end. It may end with a comment: what follows it must stand on a line of its own.
 *
 * @throws {RowmillError} `input`, when it is none, or more than one.
 */
export function singleQuery(sql: string, { language, name }: { language: QueryLanguage; name: string }): string {
  let end: number | undefined;
  let first: string | undefined;
  const piece = new RegExp(PIECES[language]);
  for (let found = piece.exec(sql); found !== null; found = piece.exec(sql)) {
    const { index, groups: { space, comment, word, other } = {} } = found;
    if (comment !== undefined) {
      const behind = commentEnd(sql, index, language === "postgres");
      // One that has no end ends the text.
      if (behind === undefined) return checked(sql.slice(0, end ?? index), first, name);
      piece.lastIndex = behind;
    } else if (other === ";") end ??= index;
    else if (space === undefined && end !== undefined) {
      throw new RowmillError("input", `cannot read ${name}: behind ?sql= stands more than one statement`, {
        hint: "write one query: a SELECT, VALUES or WITH",
      });
    } else if (space === undefined && other !== "(") first ??= word ?? "";
  }
  return checked(sql.slice(0, end), first, name);
}

/** Where a comment ends; undefined where it does not. In some languages comments stand in comments. */
function commentEnd(sql: string, start: number, nests: boolean): number | undefined {
  let depth = 0;
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    if (found[0] === "*/") depth--;
    else if (depth === 0 || nests) depth++;
    if (depth === 0) return mark.lastIndex;
  }
  return undefined;
}

function checked(sql: string, first: string | undefined, name: string): string {
  if (first !== undefined && QUERY_WORDS.has(first.toLowerCase())) return sql.trim();
  throw new RowmillError("input", `cannot read ${name}: behind ?sql= stands no query`, {
    hint: "write a SELECT, VALUES or WITH",
  });
}
