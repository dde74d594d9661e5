/** The texts that `rowmill schema` gives: a transform file with the schema of what was seen, or JSON Schema. */
import { commentText, generate, keyLiteral, textLiteral } from "../generated-code.ts";
import type { SeenRows } from "../pipeline/profile-rows.ts";
import type { RunOptions } from "../options/run-options.ts";
import { OPTION_ENTRIES } from "../options/table.ts";
import { namesWord } from "../formats/command-words.ts";
import { loadZod } from "../code/built-in-zod.ts";
import { shownText } from "../stages/profile/literals.ts";
import { type ReadAs, rowsCode } from "../stages/profile/zod-code.ts";

/** What a transform may set for itself of the options by which its input is read. */
const INPUT_OPTIONS = OPTION_ENTRIES.filter(([, { scope, group }]) => scope === "module" && group === "Input");

/** The most inputs that are named. */
const MAX_NAMES = 5;

/** How the rows were read, as far as a schema must know. */
export function readAs({ traits, isWhole }: SeenRows, options: RunOptions): ReadAs {
  const isText = traits.values === "text";
  return {
    isText,
    keepsEmpty: isText && options.null !== undefined && ![options.null].flat().includes(""),
    isLoose: !isText && !isWhole,
  };
}

/** A transform that passes every row on, with the schema of what was seen. */
export function transformFile(seen: SeenRows, options: RunOptions, names: readonly string[]): string {
  const { rows, columns } = seen;
  const as = readAs(seen, options);
  const parts = [
    [...header(seen, options, names), `import { z } from "zod";`].join("\n"),
    ...inputOptions(options),
    `${as.isLoose ? "// Loose: rows may have keys that the sample had not.\n" : ""}export const schema = ${rowsCode(rows, as)};`,
  ];
  // Where the first row does not show all columns, they are said.
  const isPartial = [...rows.keys.values()].some(({ profile }) => profile.count < rows.count);
  if (columns !== undefined && columns.length > 0 && (isPartial || rows.count === 0)) {
    parts.push(`export const columns = [${columns.map(textLiteral).join(", ")}];`);
  }
  parts.push("export default (row: z.infer<typeof schema>) => row;");
  return `${parts.join("\n\n")}\n`;
}

function header({ rows, isWhole }: SeenRows, options: RunOptions, names: readonly string[]): string[] {
  const shown = names.slice(0, MAX_NAMES).map((name) => (name === "-" ? "standard input" : commentText(name)));
  const list = `${shown.join(", ")}${names.length > MAX_NAMES ? ", …" : ""}`;
  const count = `${rows.count} ${rows.count === 1 ? "row" : "rows"}`;
  const lines = [`// What rowmill schema saw in ${isWhole ? `all ${count}` : `the first ${count}`} of ${list}.`];
  // What `columns` means in a module are those of the output.
  if (options.columns !== undefined) {
    lines.push(`// Run it with --columns ${commentText(namesWord(options.columns))}`);
  }
  return lines;
}

/** The options by which the input was read, so that the file runs without them. */
function inputOptions(options: RunOptions): string[] {
  const given = new Map(Object.entries(options));
  const members = INPUT_OPTIONS.flatMap(([name]) => {
    const value: unknown = given.get(name);
    return value === undefined || value === 0 ? [] : [`${name}: ${literal(value)}`];
  });
  return members.length === 0 ? [] : [`export const options = { ${members.join(", ")} };`];
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return value.length === 1 ? literal(value[0]) : `[${value.map(literal).join(", ")}]`;
  if (typeof value === "string") return textLiteral(value);
  if (typeof value !== "object" || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([name, text]) => `${keyLiteral(name)}: ${literal(text)}`)
    .join(", ")} }`;
}

/** The same schema as JSON Schema, by zod. */
export async function jsonSchema(seen: SeenRows, options: RunOptions): Promise<string> {
  const { z } = await loadZod();
  const code = rowsCode(seen.rows, readAs(seen, options));
  // What the file would do: names and texts are literals in it.
  const schema: unknown = generate("schema", `return ${code};`, { z });
  if (!(schema instanceof z.ZodType)) throw new Error(`the code is no schema: ${shownText(code)}`);
  const json = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    // What JSON has no type for is written as Rowmill writes it.
    override: ({ zodSchema, jsonSchema: out }) => {
      const { type } = zodSchema._zod.def;
      if (type === "date") Object.assign(out, { type: "string", format: "date-time" });
      if (type === "bigint") out.type = "integer";
    },
  });
  return `${JSON.stringify(json, undefined, 2)}\n`;
}
