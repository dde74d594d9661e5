/**
 * Drives the compiled binary as a user would: a copy of dist/rowmill in a temporary folder, an empty home, nothing of
 * this checkout in the environment. What differs from the expectation is shown with command, stdout and stderr.
 */
import { afterAll, beforeAll } from "bun:test";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";

/** Where `bun run build` puts it; ROWMILL_BINARY names another one. */
const BUILT: string = process.env["ROWMILL_BINARY"] ?? resolve(import.meta.dir, "../../dist/rowmill");
/** The transform and the data of the seven scientists. */
const FIXTURES: string = resolve(import.meta.dir, "../fixtures");

/** Files by their path in a folder. */
export type Files = Record<string, string | Uint8Array>;

/** What a run must come to. */
export interface Expected {
  /** @default 0 */
  code?: number;
  /** The exact text, or a pattern that it matches. @default the empty text */
  stdout?: string | RegExp;
  /** Every piece must be found. Without it, standard error must be empty. */
  stderr?: (string | RegExp)[];
}

export interface RunSettings {
  /** @default nothing: /dev/null */
  stdin?: string | Uint8Array;
  env?: Record<string, string>;
}

/** Puts a copy of the binary into a temporary folder before the tests of the calling file, and removes it after them. */
export function installBinary(): Binary {
  const binary = new Binary();
  beforeAll(() => binary.install());
  afterAll(() => binary.remove());
  return binary;
}

export class Binary {
  readonly #built: string;
  #root = "";
  #folders = 0;

  /** @param built The binary to copy. */
  constructor(built: string = BUILT) {
    this.#built = built;
  }

  install(): void {
    if (!existsSync(this.#built)) throw new Error(`there is no ${this.#built}: run \`bun run build\` first`);
    this.#root = mkdtempSync(join(tmpdir(), "rowmill-cli-"));
    for (const name of ["bin", "home"]) mkdirSync(join(this.#root, name));
    copyFileSync(this.#built, this.path);
  }

  remove(): void {
    if (this.#root !== "") rmSync(this.#root, { recursive: true, force: true });
  }

  /** The folder that holds all others. */
  get root(): string {
    return this.#root;
  }

  get path(): string {
    return join(this.#root, "bin", "rowmill");
  }

  get environment(): Record<string, string> {
    return {
      PATH: `${dirname(this.path)}:/usr/local/bin:/usr/bin:/bin`,
      HOME: join(this.#root, "home"),
      LANG: "C.UTF-8",
    };
  }

  /** A new folder with these files. */
  folder(files: Files = {}): Folder {
    const folder = new Folder(this, join(this.#root, String(++this.#folders)));
    mkdirSync(folder.path);
    folder.write(files);
    return folder;
  }

  /** A folder with the seven scientists and their transform. */
  scientists(): Folder {
    const names = ["scientists.csv", "age.ts"];
    return this.folder(Object.fromEntries(names.map((name) => [name, readFileSync(join(FIXTURES, name))])));
  }
}

/** A folder in which the binary runs. */
export class Folder {
  readonly #binary: Binary;
  readonly path: string;

  constructor(binary: Binary, path: string) {
    this.#binary = binary;
    this.path = path;
  }

  at(name: string): string {
    return join(this.path, name);
  }

  write(files: Files): void {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(this.at(name)), { recursive: true });
      writeFileSync(this.at(name), content);
    }
  }

  read(name: string): string {
    return readFileSync(this.at(name), "utf8");
  }

  /** Names in the folder, sorted. */
  names(): string[] {
    return readdirSync(this.path).toSorted();
  }

  /** Starts `rowmill` with these arguments, its streams piped. */
  start(args: string[], env: Record<string, string> = {}): Bun.Subprocess<"pipe", "pipe", "pipe"> {
    return this.#spawn([this.#binary.path, ...args], env);
  }

  /** Runs `rowmill` with these arguments. */
  async run(args: string[], { stdin, env }: RunSettings = {}): Promise<Ran> {
    return await this.#collect(["rowmill", ...args].join(" "), this.#spawn([this.#binary.path, ...args], env), stdin);
  }

  /** Runs a line of bash, `rowmill` being on its path; a failure anywhere in a pipe counts. */
  async bash(script: string, { stdin, env }: RunSettings = {}): Promise<Ran> {
    return await this.#collect(script, this.#spawn(["bash", "-o", "pipefail", "-c", script], env), stdin);
  }

  /** Starts a line of bash on a terminal. */
  startOn(terminal: Bun.Terminal, script: string, env: Record<string, string> = {}): Bun.Subprocess {
    return Bun.spawn(["bash", "-c", script], {
      cwd: this.path,
      env: { ...this.#binary.environment, TERM: "xterm-256color", ...env },
      terminal,
    });
  }

  #spawn(command: string[], env: Record<string, string> = {}): Bun.Subprocess<"pipe", "pipe", "pipe"> {
    return Bun.spawn(command, {
      // As if it was found on the PATH: it is called by the name that was typed.
      argv0: basename(command[0] ?? ""),
      cwd: this.path,
      env: { ...this.#binary.environment, ...env },
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
  }

  async #collect(
    command: string,
    child: Bun.Subprocess<"pipe", "pipe", "pipe">,
    stdin: string | Uint8Array | undefined,
  ): Promise<Ran> {
    const feed = async (): Promise<void> => {
      try {
        if (stdin !== undefined) await child.stdin.write(stdin);
        await child.stdin.end();
      } catch {
        // It ended without reading everything, which is its right.
      }
    };
    const [stdout, stderr, code] = await Promise.all([child.stdout.bytes(), child.stderr.text(), child.exited, feed()]);
    return new Ran(command, { code, stdout, stderr });
  }
}

/** Traces of Rowmill's own code, which no user should see. */
const OWN_STACK = /\$bunfs|Rowmill failed|src\/(?:cli|pipeline|transform|scheduler|formats|io)\//;
/** So much of an output is shown with a failure. */
const SHOWN_CHARS = 4000;

/** A command that has ended. */
export class Ran {
  readonly command: string;
  readonly code: number;
  readonly bytes: Uint8Array;
  readonly stderr: string;

  constructor(command: string, { code, stdout, stderr }: { code: number; stdout: Uint8Array; stderr: string }) {
    this.command = command;
    this.code = code;
    this.bytes = stdout;
    this.stderr = stderr;
  }

  get stdout(): string {
    return Buffer.from(this.bytes).toString("utf8");
  }

  /** Compares with what is expected, all of it. */
  expect({ code = 0, stdout = "", stderr }: Expected): this {
    const found = this.stdout;
    if (this.code !== code) this.fail(`exit code ${this.code}, expected ${code}`);
    if (typeof stdout === "string" ? found !== stdout : !stdout.test(found)) {
      this.fail(`stdout is not as expected:\n${String(stdout)}`);
    }
    for (const piece of stderr ?? []) {
      const isThere = typeof piece === "string" ? this.stderr.includes(piece) : piece.test(this.stderr);
      if (!isThere) this.fail(`stderr has no ${String(piece)}`);
    }
    if (stderr === undefined && this.stderr !== "") this.fail("stderr is not empty");
    if (OWN_STACK.test(this.stderr)) this.fail("stderr shows Rowmill's own code");
    return this;
  }

  fail(why: string): never {
    throw new Error(
      `${why}\n--- command\n${this.command}\n--- exit code ${this.code}\n--- stdout\n${cut(this.stdout)}\n--- stderr\n${cut(this.stderr)}\n---`,
    );
  }
}

function cut(text: string): string {
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}… (${text.length} characters)` : text;
}
