/** `rowmill add`, against a registry of its own: no network is needed. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installBinary } from "./binary.ts";

const binary = installBinary();
const scratch = mkdtempSync(join(tmpdir(), "rowmill-registry-"));
let registry: Bun.Server<undefined>;

/** A registry that knows one package, `twice`. */
beforeAll(async () => {
  writeFileSync(join(scratch, "package.json"), '{ "name": "twice", "version": "1.2.3", "main": "index.js" }');
  writeFileSync(join(scratch, "index.js"), "exports.twice = (text) => text + text;");
  const archive = await new Bun.Archive(
    {
      "package/package.json": await Bun.file(join(scratch, "package.json")).text(),
      "package/index.js": await Bun.file(join(scratch, "index.js")).text(),
    },
    { compress: "gzip" },
  ).bytes();
  registry = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname, origin } = new URL(request.url);
      if (pathname === "/twice.tgz") return new Response(Buffer.from(archive));
      if (pathname !== "/twice") return new Response("{}", { status: 404 });
      const integrity = `sha512-${new Bun.CryptoHasher("sha512").update(archive).digest("base64")}`;
      const version = {
        name: "twice",
        version: "1.2.3",
        main: "index.js",
        dist: { tarball: `${origin}/twice.tgz`, integrity },
      };
      return Response.json({ name: "twice", "dist-tags": { latest: "1.2.3" }, versions: { "1.2.3": version } });
    },
  });
});
afterAll(async () => {
  await registry.stop(true);
  rmSync(scratch, { recursive: true });
});

function environment(): Record<string, string> {
  return { npm_config_registry: registry.url.href };
}

test("a package is there for the transform, and for check", async () => {
  const folder = binary.folder({
    "t.ts": 'import { twice } from "twice";\nexport default ({ a }) => ({ a: twice(a) });\n',
    "a.csv": "a\nx\n",
  });
  (await folder.run(["add", "twice"], { env: environment() })).expect({
    stdout: `installed twice@1.2.3\nin ${folder.at("node_modules")}\n`,
  });
  (await folder.run(["t.ts", "a.csv"])).expect({ stdout: "a\nxx\n" });
  expect(JSON.parse(folder.read("package.json"))).toMatchObject({ dependencies: { twice: "^1.2.3" } });
});

test("what cannot be added is said", async () => {
  const folder = binary.folder();
  (await folder.run(["add"])).expect({ code: 2, stderr: ["there is no package", "rowmill add PACKAGE"] });
  (await folder.run(["add", "thrice"], { env: environment() })).expect({
    code: 1,
    stderr: ["cannot add thrice: ", "404", "check the name and the version"],
  });
  (await folder.run(["add", "twice"], { env: { npm_config_registry: "http://127.0.0.1:1/" } })).expect({
    code: 1,
    stderr: ["cannot add twice: ConnectionRefused", "is there a network?"],
  });
});
