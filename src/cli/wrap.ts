/** Breaks the lines of a page of help between words, so that a terminal need not break them within. */

/** Where a list goes on: behind two spaces or more. */
const COLUMN = /^ {2,}\S.*? {2,}(?=\S)/;

/** The page with no line wider than `columns`, but for those of examples: they are there to be copied. */
export function wrapPage(page: string, columns: number): string {
  let isExample = false;
  const lines = page.split("\n").map((line) => {
    if (line === "") isExample = false;
    if (line === "Examples:") isExample = true;
    return isExample ? line : wrapLine(line, columns);
  });
  return lines.join("\n");
}

/** What does not fit goes on below the last column of a list, or below the start of the line. */
function wrapLine(line: string, columns: number): string {
  if (Bun.stringWidth(line) <= columns) return line;
  const column = COLUMN.exec(line)?.[0].length ?? 0;
  const indent = column > 0 && column < columns / 2 ? column : (/^ */.exec(line)?.[0].length ?? 0);
  const lines: string[] = [];
  let current = line.slice(0, indent);
  let isEmpty = true;
  for (const word of line.slice(indent).split(" ")) {
    const longer = isEmpty ? current + word : `${current} ${word}`;
    if (!isEmpty && Bun.stringWidth(longer) > columns) {
      lines.push(current);
      current = " ".repeat(indent) + word;
    } else {
      current = longer;
    }
    isEmpty = false;
  }
  return [...lines, current].join("\n");
}
