/** The declarations that an editor and the checker need for a transform in some folder. */
import { join } from "node:path";
import { nearestAbove } from "../../../io/nearest-above.ts";
import { VERSION } from "../../../version.ts";
import { nodeDeclarations, packedZodDeclarations, rowmillDeclarations } from "./text.ts" with { type: "macro" };

/** Put in by the bundler. */
const ROWMILL: string = rowmillDeclarations();
const PACKED_ZOD: string = packedZodDeclarations();
const NODE: string = nodeDeclarations();

/** What transforms may use of the runtime, of no type at all: the types are in @types/bun. */
const RUNTIME = `declare module "node:*";
declare module "bun";
declare var Bun: typeof import("bun");
declare var Buffer: typeof import("node:buffer");
declare var process: typeof import("node:process");
`;

/** Files whose rows, or text, an import gives. */
const FILES = ["csv", "tsv", "jsonl", "ndjson"].map(rowsModule).join("");
const TEXT_FILES = `declare module "*.txt" {
  const text: string;
  export default text;
}
declare module "*.toml" {
  const data: Record<string, any>;
  export default data;
}
`;

function rowsModule(extension: string): string {
  return `declare module "*.${extension}" {
  const rows: Record<string, any>[];
  export default rows;
}
`;
}

/** Where the types of the runtime come from, when they are installed. */
const RUNTIME_TYPES = ["@types/bun", "bun-types", "@types/node"];

/** The file that brings the types of the runtime to a transform in a folder, where they are installed. */
export function runtimeTypes(folder: string): string | undefined {
  for (const name of RUNTIME_TYPES) {
    const found = nearestAbove(folder, join("node_modules", name, "index.d.ts"));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The declarations for transforms in a folder: without those of packages that it finds installed. */
export function declarationsFor(folder: string): string {
  const zod = installed("zod", folder) ? "" : `\n// zod, as it is built into Rowmill.\n${zodDeclarations()}`;
  const hasRuntime = RUNTIME_TYPES.some((name) => installed(name, folder));
  const runtime = hasRuntime
    ? ""
    : `\n// The runtime, hardly typed: \`rowmill add @types/bun\` brings its types.\n${RUNTIME}${NODE}`;
  const files = `\n// Files that an import reads.\n${FILES}${hasRuntime ? "" : TEXT_FILES}`;
  return `// Rowmill ${VERSION}: what transforms import and get. Made by: rowmill types\n\n${ROWMILL}${files}${runtime}${zod}`;
}

function zodDeclarations(): string {
  return new TextDecoder().decode(Bun.zstdDecompressSync(Uint8Array.fromBase64(PACKED_ZOD)));
}

/** Whether a folder, or one above it, has a package. */
function installed(name: string, folder: string): boolean {
  return nearestAbove(folder, join("node_modules", name)) !== undefined;
}
