/** Pages of help beside those of commands: topics, man pages, and what brings a newer version. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FURTHER_COMMANDS } from "../../src/cli/command.ts";
import { channelOf } from "../../src/cli/commands/upgrade/channel.ts";
import { TOPICS } from "../../src/cli/commands/help/topics.ts";
import manifest from "../../package.json" with { type: "json" };
import { installBinary } from "./binary.ts";

const binary = installBinary();
const COMMANDS: readonly string[] = ["", "run", "eval", ...FURTHER_COMMANDS.map(({ name }) => name)];

describe("topics", () => {
  for (const [name, { text }] of Object.entries(TOPICS)) {
    test(`${name}: short, no line too wide, and its examples run as they stand`, async () => {
      const page = text();
      expect(page.split("\n").length).toBeLessThan(50);
      expect(page.split("\n").filter((line) => Bun.stringWidth(line) > 130)).toEqual([]);
      const [, examples = ""] = /^Examples:\n((?: {2}.*\n?)+)/m.exec(page) ?? [];
      const folder = binary.folder();
      for (const line of examples.replaceAll(/\|\n +/g, "| ").split("\n")) {
        if (line.trim() === "") continue;
        const ran = await folder.bash(line.trim().replaceAll("/tmp/", `${folder.path}/`));
        const failsRows = line.includes("--on-error");
        expect([line, ran.code]).toEqual([line, failsRows ? 3 : 0]);
      }
    });
  }

  test("all are listed, and none has the name of a command", async () => {
    const { stdout } = await binary.folder().run(["help", "topics"]);
    for (const name of Object.keys(TOPICS)) expect(stdout).toContain(`  ${name} `);
    expect(Object.keys(TOPICS).filter((name) => COMMANDS.includes(name))).toEqual([]);
  });

  test("a word that is nothing is an error with a suggestion", async () => {
    const folder = binary.folder();
    (await folder.run(["help", "formts"])).expect({ code: 2, stderr: ["did you mean formats?"] });
    (await folder.run(["help", "sort"])).expect({ code: 2, stderr: ["--sort-by"] });
  });
});

describe("man pages", () => {
  const checkers = [
    ["groff", "-ww", "-man", "-Tutf8"],
    ["mandoc", "-Tlint"],
  ].filter(([program = ""]) => Bun.which(program) !== null);
  test.skipIf(checkers.length === 0)("groff and mandoc have nothing to say on any of them", async () => {
    const folder = binary.folder();
    for (const command of COMMANDS) {
      const page = `${command === "" ? "rowmill" : command}.1`;
      (await folder.bash(`rowmill help --man ${command} > ${page}`)).expect({});
      for (const [program = "", ...options] of checkers) {
        const line = `${program} ${options.join(" ")} ${page} 2>&1 ${program === "groff" ? "> /dev/null" : ""}`;
        (await folder.bash(line)).expect({ stdout: /^(?!.*(?:WARNING|ERROR|warning|error:))/s });
      }
    }
  });

  test.skipIf(Bun.which("groff") === null)("what is to be copied is shown as it is typed", async () => {
    const folder = binary.folder();
    // Bold text is written twice over, or between escapes.
    const line = "rowmill help --man eval | groff -man -Tutf8 | sed -e 's/\\x1b\\[[0-9;]*m//g' -e 's/.\\x08//g'";
    const { stdout } = await folder.bash(line);
    const wanted = [`rowmill eval '{ name, age: 2017 - born }'`, "-j, --jobs <n>", String.raw`'/\s+/'`];
    expect(wanted.filter((text) => !stdout.includes(text))).toEqual([]);
  });
});

describe("upgrade", () => {
  test.each([
    ["/usr/lib/node_modules/@rowmill/linux-x64/bin/rowmill", "npm install -g rowmill@latest"],
    ["/home/ann/shop/node_modules/@rowmill/linux-x64/bin/rowmill", "npm install rowmill@latest"],
    ["/home/ann/.npm/_npx/1a2b/node_modules/@rowmill/linux-x64/bin/rowmill", "npx rowmill@latest"],
    ["/home/ann/.bun/install/global/node_modules/@rowmill/linux-x64/bin/rowmill", "bun add -g rowmill@latest"],
    ["/home/ann/shop/node_modules/.pnpm/x/node_modules/@rowmill/linux-x64/bin/rowmill", "pnpm add rowmill@latest"],
    ["/opt/homebrew/Cellar/rowmill/0.1.0/bin/rowmill", "brew upgrade rowmill"],
    [String.raw`C:\Users\Ann\scoop\apps\rowmill\current\rowmill.exe`, "scoop update rowmill"],
    ["/home/ann/bin/rowmill", "put the newer file in its place: it needs nothing else"],
  ])("%s", (path, wanted) => {
    expect(channelOf(path, "/nowhere").upgrade).toBe(wanted);
  });

  test("a package of Debian is told by the list of its files", () => {
    const root = binary.folder().path;
    mkdirSync(join(root, "var/lib/dpkg/info"), { recursive: true });
    writeFileSync(join(root, "var/lib/dpkg/info/rowmill.list"), "/.\n/usr/bin/rowmill\n");
    expect(channelOf("/usr/bin/rowmill", root).name).toBe("a package of Debian");
    expect(channelOf("/home/ann/rowmill", root).name).toBe("a file of its own");
  });

  test("asks the registry only with --online", async () => {
    const asked: string[] = [];
    using registry = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request) {
        asked.push(new URL(request.url).pathname);
        const version = { name: "rowmill", version: "9.8.7", dist: { tarball: `${request.url}.tgz` } };
        return Response.json({ name: "rowmill", "dist-tags": { latest: "9.8.7" }, versions: { "9.8.7": version } });
      },
    });
    const env = { npm_config_registry: `http://127.0.0.1:${registry.port}/` };
    const folder = binary.folder();
    const offline = await folder.run(["upgrade", "--check", "--json"], { env });
    expect(JSON.parse(offline.stdout)).toMatchObject({ version: manifest.version });
    expect(asked).toEqual([]);
    const online = await folder.run(["upgrade", "--check", "--online", "--json"], { env });
    expect(JSON.parse(online.stdout)).toMatchObject({ newest: "9.8.7", isNewest: false });
    expect(asked).toContain("/rowmill");
    (await folder.run(["upgrade"])).expect({ code: 2, stderr: ["does not replace itself", "upgrade --check"] });
  });
});
