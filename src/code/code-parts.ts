/** Which parts of a text are code, for texts that no parser takes. */

/** Of each character of a text whether it is code, and not in a string, a comment or the text of a template. */
export function codeOf(text: string): boolean[] {
  const isCode = Array.from<boolean>({ length: text.length }).fill(true);
  const dull = /\\[^]|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|\/\/.*|\/\*[^]*?\*\/|[`{}]/g;
  // What each open brace belongs to: code, or a template.
  const braces: string[] = [];
  let templateStart: number | undefined;
  const leave = (start: number, end: number): void => {
    isCode.fill(false, start, end);
  };
  for (let match = dull.exec(text); match !== null; match = dull.exec(text)) {
    const [found] = match;
    const at = match.index;
    if (templateStart !== undefined) {
      const isHole = found === "{" && text[at - 1] === "$";
      if (found === "`" || isHole) {
        leave(templateStart, at);
        templateStart = undefined;
        if (isHole) braces.push("template");
      } else dull.lastIndex = at + (found.startsWith("\\") ? 2 : 1);
    } else if (found === "`") templateStart = at;
    else if (found === "{") braces.push("code");
    else if (found === "}") {
      if (braces.pop() === "template") templateStart = at;
    } else leave(at, at + found.length);
  }
  return isCode;
}
