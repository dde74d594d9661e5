/** The declarations that an editor and the checker need for a transform in some folder. */
import { join } from "node:path";
import { nearestAbove } from "../../../io/nearest-above.ts";
import { VERSION } from "../../../version.ts";
import { rowmillDeclarations, zodDeclarations } from "./text.ts" with { type: "macro" };

/** Put in by the bundler. */
const ROWMILL: string = rowmillDeclarations();
const ZOD: string = zodDeclarations();

/** What transforms may use of the runtime, of no type at all: the types are in @types/bun. */
const RUNTIME = `declare module "node:*";
declare module "bun";
declare var Bun: typeof import("bun");
declare var Buffer: typeof import("node:buffer");
declare var process: typeof import("node:process");
`;

/** Where the types of the runtime come from, when they are installed. */
const RUNTIME_TYPES = ["@types/bun", "bun-types", "@types/node"];

/** The declarations for transforms in a folder: without those of packages that it finds installed. */
export function declarationsFor(folder: string): string {
  const zod = installed("zod", folder) ? "" : `\n// zod, as it is built into Rowmill.\n${ZOD}`;
  const runtime = RUNTIME_TYPES.some((name) => installed(name, folder))
    ? ""
    : `\n// The runtime, untyped: \`rowmill add @types/bun\` brings its types.\n${RUNTIME}`;
  return `// Rowmill ${VERSION}: what transforms import and get. Made by: rowmill types\n\n${ROWMILL}${runtime}${zod}`;
}

/** Whether a folder, or one above it, has a package. */
function installed(name: string, folder: string): boolean {
  return nearestAbove(folder, join("node_modules", name)) !== undefined;
}
