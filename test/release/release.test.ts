/** Parts of a release, in short; the whole, and every way of installing it, is tried by channels.ts. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBuffer } from "yauzl";
import { pack } from "../package.ts";
import { type Member, tar, xz, zip } from "./archives.ts";
import { billOfMaterials } from "./bill.ts";
import { bundledPackages, licences } from "./bundled.ts";
import { writeMain } from "./npm.ts";
import { OWN_BINARY, ROOT, type Release, installScript, must, put, sha256, sharedFiles } from "./plan.ts";

const folder = mkdtempSync(join(tmpdir(), "rowmill-release-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MEMBERS: Member[] = [
  { name: "a/program", bytes: Buffer.from("#!/bin/sh\necho it runs\n"), isProgram: true },
  { name: "a/b/text.txt", bytes: Buffer.from("one\n".repeat(1000)) },
  { name: "a/empty", bytes: new Uint8Array() },
];
const SECONDS = 1_700_000_000;
const RELEASE: Release = {
  version: "1.2.3",
  description: "what it is",
  license: "MIT",
  seconds: SECONDS,
  url: "https://example.com/v1.2.3",
  out: folder,
  targets: [],
  level: 0,
};

test("a tar archive is what tar unpacks, with modes and one time", () => {
  put(join(folder, "a.tar.xz"), xz(tar(MEMBERS, SECONDS), { level: 1, processor: "x86" }));
  must(["tar", "-xf", "a.tar.xz"], { cwd: folder });
  expect(must([join(folder, "a/program")])).toBe("it runs\n");
  expect(readFileSync(join(folder, "a/b/text.txt"), "utf8")).toBe("one\n".repeat(1000));
  const times = must(["find", "a", "-printf", "%Ts %m\\n"], { cwd: folder }).trim().split("\n");
  expect([...new Set(times)].toSorted()).toEqual([`${SECONDS} 644`, `${SECONDS} 755`]);
});

test.skipIf(Bun.which("busybox") === null)("a tar archive without a filter is what BusyBox unpacks", () => {
  put(join(folder, "busybox/a.tar.xz"), xz(tar(MEMBERS, SECONDS), { level: 9, processor: undefined }));
  must(["sh", "-c", "busybox unxz -c a.tar.xz | busybox tar -xf -"], { cwd: join(folder, "busybox") });
  expect(must([join(folder, "busybox/a/program")])).toBe("it runs\n");
});

test("a zip archive is what others read", async () => {
  const { promise, resolve, reject } = Promise.withResolvers<string[]>();
  fromBuffer(zip(MEMBERS), { lazyEntries: false, validateEntrySizes: true }, (error, archive) => {
    if (error !== null) return reject(error);
    const names: string[] = [];
    archive.on("entry", ({ fileName, uncompressedSize }: { fileName: string; uncompressedSize: number }) =>
      names.push(`${fileName} ${uncompressedSize}`),
    );
    archive.on("end", () => resolve(names));
    archive.on("error", reject);
  });
  expect(await promise).toEqual(MEMBERS.map(({ name, bytes }) => `${name} ${bytes.length}`));
  put(join(folder, "people.zip"), zip([{ name: "people.csv", bytes: Buffer.from("name\nAda\n") }]));
  expect(must([OWN_BINARY, "-e", "row", join(folder, "people.zip"), "--to", "csv"])).toBe("name\nAda\n");
});

test("the bill of materials names what is built in, and is the same each time", () => {
  const text = billOfMaterials(RELEASE);
  expect(billOfMaterials(RELEASE)).toBe(text);
  const bill = JSON.parse(text) as {
    serialNumber: string;
    components: { "bom-ref": string; name: string }[];
    dependencies: { ref: string; dependsOn: string[] }[];
  };
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { dependencies: object };
  expect(bill.components.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["bun", ...Object.keys(dependencies)]),
  );
  expect(bill.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  const known = new Set(bill.components.map((one) => one["bom-ref"]));
  for (const { dependsOn } of bill.dependencies) for (const ref of dependsOn) expect(known).toContain(ref);
});

test("the licences of all that is built in go with it", () => {
  const text = licences(ROOT);
  for (const { name, version } of bundledPackages(ROOT)) expect(text).toContain(`${name} ${version} (`);
});

test("packages have a man page for every command, and completions", () => {
  const files = sharedFiles();
  expect(files.get("man/man1/rowmill.1")).toStartWith('.TH "ROWMILL"');
  expect(files.get("man/man1/rowmill-diff.1")).toStartWith(String.raw`.TH "ROWMILL\-DIFF"`);
  expect([...files.keys()].filter((name) => !name.startsWith("man/"))).toEqual([
    "bash-completion/completions/rowmill",
    "zsh/vendor-completions/_rowmill",
    "fish/vendor_completions.d/rowmill.fish",
  ]);
});

test("the package of npm starts the program for this machine, or says what is missing", async () => {
  await writeMain(join(folder, "npm/rowmill"), RELEASE);
  const tarball = pack(join(folder, "npm/rowmill"), folder);
  const app = join(folder, "app");
  put(join(app, "package.json"), '{ "name": "app", "private": true }');
  must([process.execPath, "add", tarball], { cwd: app });
  const start = (runtime: string): { text: string; errors: string; exitCode: number | null } => {
    const words = [runtime, join(app, "node_modules/.bin/rowmill"), "--limit", "1", "-e", "row", "--to", "csv"];
    const file = join(ROOT, "test/fixtures/scientists.csv");
    const { stdout, stderr, exitCode } = Bun.spawnSync([...words, file], { stdout: "pipe", stderr: "pipe" });
    return { text: stdout.toString(), errors: stderr.toString(), exitCode };
  };
  expect(start(process.execPath)).toEqual({
    text: "",
    errors: expect.stringMatching(
      /^error: the package @rowmill\/\S+, which holds the program for this machine, is not installed\n {2}hint: /,
    ),
    exitCode: 1,
  });
  const target = `${process.platform === "darwin" ? "macos" : process.platform}-${process.arch}`;
  const own = join(app, "node_modules/@rowmill", target);
  mkdirSync(own, { recursive: true });
  put(join(own, "package.json"), "{}");
  symlinkSync(OWN_BINARY, join(own, "rowmill"));
  const expected = { text: "name,born\nAda Lovelace,1815\n", errors: "", exitCode: 0 };
  expect(start(process.execPath)).toEqual(expected);
  // Installers that know nothing of C libraries bring the package for musl as well; the machine may have its loader.
  if (process.platform === "linux") {
    put(join(app, "node_modules/@rowmill", `${target}-musl`, "package.json"), "{}");
    expect(start(process.execPath)).toEqual(expected);
  }
  const node = Bun.which("node");
  if (node !== null) expect(start(node)).toEqual(expected);
}, 60_000);

test.skipIf(process.platform !== "linux")(
  "the install script takes what has its checksum, and nothing else; and removes it",
  async () => {
    const release = join(folder, "served");
    const cpu = process.arch;
    const name = `rowmill-1.2.3-linux-${cpu}`;
    const program = { name: `${name}/rowmill`, bytes: Buffer.from("#!/bin/sh\necho rowmill 1.2.3\n"), isProgram: true };
    const others = ["man/rowmill.1", "completions/rowmill.bash", "completions/_rowmill", "completions/rowmill.fish"];
    const members = [program, ...others.map((one) => ({ name: `${name}/${one}`, bytes: Buffer.from("x") }))];
    const archive = join(release, `${name}.tar.xz`);
    put(archive, xz(tar(members, SECONDS), { level: 0, processor: "x86" }));
    put(join(release, "SHA256SUMS"), `${sha256(archive)}  ${name}.tar.xz\n`);
    const good = readFileSync(archive);
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request) => new Response(Bun.file(join(release, new URL(request.url).pathname))),
    });
    const { port } = server;
    put(
      join(release, "install.sh"),
      installScript("install.sh", { version: "1.2.3", url: `http://127.0.0.1:${port}` }),
    );
    const prefix = join(folder, "it's a prefix");
    let path = process.env["PATH"] ?? "";
    const run = async (...words: string[]): Promise<{ text: string; errors: string; exitCode: number }> => {
      const env = { PATH: path, HOME: folder, ROWMILL_PREFIX: prefix };
      const child = Bun.spawn(["sh", join(release, "install.sh"), ...words], { env, stdout: "pipe", stderr: "pipe" });
      const [text, errors, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
      return { text, errors, exitCode };
    };
    try {
      writeFileSync(archive, Buffer.concat([good, Buffer.from("more")]));
      const refused = await run();
      expect(refused).toMatchObject({ text: "", exitCode: 1 });
      expect(refused.errors).toContain("is not what the release names: its checksum is");
      expect(existsSync(prefix)).toBe(false);
      writeFileSync(archive, good);
      expect(await run()).toEqual({
        text: `installed rowmill 1.2.3 as ${prefix}/bin/rowmill\nto have it by its name: export PATH="${prefix}/bin:$PATH"\n`,
        errors: "",
        exitCode: 0,
      });
      expect(must([join(prefix, "bin/rowmill")])).toBe("rowmill 1.2.3\n");
      const whole = path;
      path = join(folder, "without-xz");
      mkdirSync(path);
      for (const tool of ["sh", "uname", "ls", "sha256sum", "tar", Bun.which("curl") === null ? "wget" : "curl"])
        symlinkSync(Bun.which(tool) ?? tool, join(path, tool));
      expect(await run()).toEqual({
        text: "",
        errors:
          "error: there is no xz, which unpacks the archive\n  hint: install xz-utils (Debian, Ubuntu) or xz (Alpine, Fedora)\n",
        exitCode: 1,
      });
      path = whole;
      expect(await run("--uninstall")).toMatchObject({ text: `removed from ${prefix}\n`, exitCode: 0 });
      expect(must(["find", prefix])).toBe(`${prefix}\n`);
    } finally {
      await server.stop(true);
    }
  },
);

test.skipIf(process.platform === "win32")("a release whose place is not known names no address", () => {
  const texts = ["install.sh", "install.ps1"].map((name) => installScript(name, { version: "1.2.3", url: undefined }));
  expect(texts.filter((text) => /https?:|@[A-Z]+@/.test(text))).toEqual([]);
  put(join(folder, "placeless.sh"), texts[0] ?? "");
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder };
  const { exitCode, stderr } = Bun.spawnSync(["sh", join(folder, "placeless.sh")], { env, stderr: "pipe" });
  expect({ exitCode, errors: stderr.toString() }).toEqual({
    exitCode: 1,
    errors:
      "error: this copy does not know where the release is\n  hint: set ROWMILL_URL to the address of its folder\n",
  });
});
