// An input that is opened while the transform is loaded is the one that the run reads, or is closed.
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../src/pipeline/run.ts";

const folder = mkdtempSync(join(tmpdir(), "rowmill-early-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function rowsOf(module: string, input: string): Promise<string> {
  writeFileSync(at("t.ts"), module);
  await run({ transform: at("t.ts"), inputs: [at(input)], output: at("out.csv"), jobs: 1 });
  return readFileSync(at("out.csv"), "utf8");
}

test("what a module says of its input counts", async () => {
  writeFileSync(at("bars.csv"), "a,b|c\n1,2|3\n");
  const module = 'export const options = { delimiter: "|" };\nexport default (r) => ({ all: r["a,b"] + "/" + r.c });\n';
  expect(await rowsOf(module, "bars.csv")).toBe("all\n1,2/3\n");
});

test("a module may write its input", async () => {
  writeFileSync(at("made.csv"), "x\n1\n");
  const module = `import { writeFileSync } from "node:fs";
    writeFileSync(${JSON.stringify(at("made.csv"))}, "y\\n12345\\n");
    export default (r) => ({ y: r.y });\n`;
  expect(await rowsOf(module, "made.csv")).toBe("y\n12345\n");
});

test.skipIf(!existsSync("/proc/self/fd"))("a run that ends before its first row leaves no file open", async () => {
  // Longer than what is read at once: it stays open for the workers.
  writeFileSync(at("long.csv"), `id\n${"12345\n".repeat(100_000)}`);
  writeFileSync(at("t.ts"), "export default (r) => ({ id: r.id });\n");
  const options = { transform: at("t.ts"), inputs: [at("long.csv")], output: at("t.ts") };
  const failure: unknown = await run(options).catch((error: unknown) => error);
  expect(String(failure)).toContain("a file of the transform as well");
  const links = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // That of the list itself.
      return "";
    }
  });
  expect(links).not.toContain(at("long.csv"));
});
