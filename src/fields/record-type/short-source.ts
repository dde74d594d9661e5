/**
 * A module, cut down to what may say what its rows are: imports, types, and its function as far as the type of its row.
 * What functions do takes most of the parser's time: 60 lines of it 20 ms, and these here under a millisecond.
 *
 * Statements are told apart by their lines, which is a guess. Where it is wrong, what is left does not parse, or lacks
 * something: then the whole module is parsed.
 */

/** A statement begins at the start of a line, unless that is a closing bracket. */
const STATEMENTS = /^(?=[^\s)}\]])/m;
/** What is kept as it is. */
const KEPT = /^(?:import\b|export\s*[{*]|(?:export\s+)?(?:declare\s+)?(?:interface|type|enum|const\s+enum)\s)/;
/** What may be a type beside, or add to one. */
const OTHER_TYPES = /^(?:@|(?:export\s+)?(?:default\s+)?(?:declare|abstract|class|namespace|module)\b)/;
/** The default function, up to the colon behind its first parameter. */
const FUNCTION = /^export default (?:async )?(?:function\s*\*?\s*[\w$]*\s*)?\(\s*(?:[\w$]+|\{[^(){}]*\})\s*:/;

/** Undefined where the module is not one that can be cut so. */
export function shortSource(text: string): string | undefined {
  let functions = 0;
  let short = "";
  for (const statement of text.split(STATEMENTS)) {
    if (OTHER_TYPES.test(statement) || goesOn(statement)) return undefined;
    let kept = "";
    if (KEPT.test(statement)) kept = statement;
    else if (statement.startsWith("export default")) {
      kept = functionStart(statement) ?? "";
      functions++;
      if (kept === "") return undefined;
    }
    // Lines keep their numbers.
    short += kept + "\n".repeat(linesOf(statement) - linesOf(kept));
  }
  return functions === 1 ? short : undefined;
}

/** Whether a template or a comment is still open at its end. */
function goesOn(statement: string): boolean {
  return statement.split("`").length % 2 === 0 || statement.lastIndexOf("/*") > statement.lastIndexOf("*/");
}

function linesOf(text: string): number {
  return text.split("\n").length;
}

/** The function up to the type of its row, with nothing behind. */
function functionStart(statement: string): string | undefined {
  const [head] = FUNCTION.exec(statement) ?? [];
  if (head === undefined) return undefined;
  const end = typeEnd(statement, head.length);
  if (end === undefined) return undefined;
  return `export default function (${"\n".repeat(linesOf(head) - 1)}row:${statement.slice(head.length, end)}) {}`;
}

/** Texts, brackets, ends of a parameter, and what is not plain. */
const TYPE_PARTS = /"[^"\\\n]*"|'[^'\\\n]*'|[{[<]|[}\]>]|[,)]|[(`=/"']/g;

/** Where a type ends in a list of parameters; undefined where that is not plain. */
function typeEnd(text: string, start: number): number | undefined {
  let depth = 0;
  for (const { 0: part, index } of text.slice(start).matchAll(TYPE_PARTS)) {
    if (/^[(`=/"']$/.test(part)) return undefined;
    if (/^[{[<]$/.test(part)) depth++;
    else if (/^[}\]>]$/.test(part)) depth--;
    else if (depth === 0 && /^[,)]$/.test(part)) return start + index;
  }
  return undefined;
}
