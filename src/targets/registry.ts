/** What makes each kind of file, by the name of its format. Loaded in the thread that needs it. */
import type { OpenTarget } from "./target.ts";

const TARGETS: Readonly<Record<string, () => Promise<OpenTarget>>> = {
  xlsx: async () => (await import("./xlsx/book.ts")).openBook,
};

export async function targetOf(kind: string): Promise<OpenTarget> {
  const load = TARGETS[kind];
  if (load === undefined) throw new TypeError(`${kind} is no target`);
  return await load();
}
