/** What the declarations of a transform say of its parts (src/cli/commands/declarations/): names, types, docstrings. */
import { rowmillTypes } from "../src/cli/commands/declarations/text.ts";

const DECLARATIONS: string = rowmillTypes();

/** A member of an interface. */
export interface Member {
  name: string;
  /** As it is declared. */
  type: string;
  /** Its docstring, or that of its type or of the member of `RowContext` that is called so; else empty. */
  text: string;
}

/** The members of an interface, in the order in which they stand. */
export function members(name: string): Member[] {
  const body = new RegExp(`^export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)^\\}`, "m").exec(DECLARATIONS)?.[1];
  if (body === undefined) throw new Error(`the declarations have no interface ${name}`);
  const found = body.matchAll(
    /^(?: {2}\/\*\*\s((?:(?!\*\/)[^])*?)\s*\*\/\n)?(?: {2}\/\/.*\n)*^ {2}(?:readonly )?(\w+)\??(\(.*|: ?[^]*?);$(?=\n {2}\S|\n$|$(?![^]))/gm,
  );
  return [...found].map(([, text = "", member = "", type = ""]) => ({
    name: member,
    type: type.replace(/^: ?/, "").replaceAll(/\s+/g, " "),
    text: (text.replaceAll(/\s*\n? +\* /g, " ").trim() || docstringOf(type) || contextText(name, member)).replace(
      /\.$/,
      "",
    ),
  }));
}

/** What is said of an interface, where a type is one. */
function docstringOf(type: string): string {
  const name = /^: (\w+)$/.exec(type)?.[1];
  if (name === undefined) return "";
  return new RegExp(`^/\\*\\* (.*) \\*/\\nexport interface ${name}\\b`, "m").exec(DECLARATIONS)?.[1] ?? "";
}

function contextText(owner: string, member: string): string {
  if (owner === "RowContext") return "";
  return members("RowContext").find(({ name }) => name === member)?.text ?? "";
}
