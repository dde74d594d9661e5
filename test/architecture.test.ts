/** What style and design say of the shape of src/: which way imports point, and what stands in one place only. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { Glob } from "bun";
import { FORMATS } from "../src/formats/registry.ts";

const SRC = join(import.meta.dir, "../src");

/** Of each part of src/, the parts that it may import. What is not named here may import nothing. */
const ALLOWED: Record<string, readonly string[]> = {
  "errors.ts": [],
  "errors-form.ts": [],
  "nearest.ts": [],
  "generated-code.ts": [],
  "free-variables.ts": [],
  "zod.ts": [],
  "zod-mini.ts": [],
  "zod-core.ts": [],
  "record-type.ts": ["fields"],
  "library.ts": ["code", "csv", "pipeline"],
  "version.ts": [],
  "thread-room.ts": ["errors-form.ts"],
  "once.ts": [],
  scheduler: ["errors.ts"],
  io: ["errors.ts", "nearest.ts", "once.ts"],
  formats: ["errors.ts", "generated-code.ts", "nearest.ts"],
  pages: [],
  databases: ["errors.ts", "sources"],
  sources: ["errors.ts", "nearest.ts", "io"],
  targets: ["errors.ts", "nearest.ts", "formats", "io"],
  csv: ["formats"],
  "thread.ts": [],
  "spawn.ts": ["errors.ts", "scheduler", "thread.ts"],
  "spawn-process.ts": ["errors.ts", "scheduler", "spawn.ts", "thread.ts"],
  code: ["errors.ts", "generated-code.ts", "nearest.ts", "once.ts", "free-variables.ts", "formats", "io"],
  fields: ["errors.ts", "generated-code.ts", "nearest.ts", "formats", "code"],
  tables: ["errors.ts", "formats", "fields", "io"],
  stages: ["errors.ts", "generated-code.ts", "nearest.ts", "formats", "code", "fields", "io"],
  transform: [
    "errors.ts",
    "generated-code.ts",
    "nearest.ts",
    "free-variables.ts",
    "formats",
    "io",
    "scheduler",
    "spawn.ts",
    "code",
    "fields",
    "stages",
    "tables",
  ],
  pool: ["errors.ts", "free-variables.ts", "generated-code.ts", "thread-room.ts", "scheduler", "spawn.ts"],
  options: ["errors.ts", "nearest.ts", "once.ts", "formats", "io", "code", "fields", "stages", "tables", "transform"],
  pipeline: [
    "errors.ts",
    "pages",
    "sources",
    "targets",
    "databases",
    "options",
    "nearest.ts",
    "once.ts",
    "version.ts",
    "thread-room.ts",
    "csv",
    "formats",
    "io",
    "scheduler",
    "code",
    "fields",
    "stages",
    "tables",
    "transform",
    "spawn.ts",
    "spawn-process.ts",
    "short-line.ts",
  ],
  cluster: ["errors.ts", "version.ts", "formats", "io", "options", "transform", "pipeline"],
  cli: [
    "errors.ts",
    "errors-form.ts",
    "cluster",
    "pages",
    "generated-code.ts",
    "nearest.ts",
    "once.ts",
    "version.ts",
    "options",
    "formats",
    "io",
    "code",
    "fields",
    "stages",
    "tables",
    "transform",
    "pipeline",
    "spawn.ts",
    "thread.ts",
  ],
  "user-process.ts": [],
  "worker.ts": [
    "library.ts",
    "spawn.ts",
    "user-process.ts",
    "io",
    "sources",
    "targets",
    "databases",
    "transform",
    "pool",
  ],
  "command-line.ts": ["cli"],
  "commands.ts": ["cli"],
  "standalone.ts": ["command-line.ts", "formats", "spawn.ts", "thread-room.ts", "thread.ts"],
  "main.ts": ["command-line.ts", "formats", "short-line.ts", "spawn.ts", "thread-room.ts", "thread.ts"],
  package: [
    "errors.ts",
    "code",
    "csv",
    "pipeline",
    "pool",
    "record-type.ts",
    "spawn.ts",
    "thread.ts",
    "user-process.ts",
    "zod.ts",
    "zod-core.ts",
    "zod-mini.ts",
  ],
  "index.ts": ["errors.ts", "options", "csv", "formats", "code", "fields", "tables", "transform", "pipeline", "pool"],
};

interface SourceFile {
  /** Below src/. */
  path: string;
  text: string;
}

const files: SourceFile[] = [...new Glob("**/*.ts").scanSync(SRC)]
  .toSorted()
  .map((path) => ({ path, text: readFileSync(join(SRC, path), "utf8") }));
// AssemblyScript: a program of its own.
const ours = files.filter(
  ({ path }) => !/^(?:formats\/kernel|sources\/parquet|targets\/parquet)\/assembly\//.test(path),
);

/** The folder of src/ that a file is in, or the file itself. */
function partOf(path: string): string {
  return path.split("/")[0] ?? path;
}

/** Paths below src/ that a file imports, types too. */
function importsOf({ path, text }: SourceFile): string[] {
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g)].map(([, specifier = ""]) =>
    normalize(join(dirname(path), specifier)),
  );
}

/** Lines of code that hold a text, as `path:line`; comments and texts do not count. */
function placesOf(text: string): string[] {
  return ours.flatMap((file) =>
    file.text.split("\n").flatMap((line, at) => {
      const code = line
        .replace(/^\s*(?:\*|\/\*).*/, "")
        .replace(/\/\/.*/, "")
        .replaceAll(/`[^`]*`|"[^"]*"/g, '""');
      return code.includes(text) ? [`${file.path}:${at + 1}`] : [];
    }),
  );
}

function filesWith(text: string): string[] {
  return [...new Set(placesOf(text).map((place) => place.replace(/:\d+$/, "")))];
}

describe("imports point one way", () => {
  test("there is something to look at", () => {
    expect(ours.length).toBeGreaterThan(50);
    expect(ours.flatMap(importsOf).length).toBeGreaterThan(200);
  });

  for (const part of new Set(ours.map(({ path }) => partOf(path)))) {
    test(`of ${part}`, () => {
      const allowed = new Set(ALLOWED[part] ?? []);
      const wrong = ours
        .filter(({ path }) => partOf(path) === part)
        .flatMap((file) => importsOf(file).map((target) => ({ from: file.path, target })))
        .filter(({ target }) => partOf(target) !== part && !allowed.has(partOf(target)))
        // The version number comes from package.json.
        .filter(({ target }) => target !== "../package.json");
      expect(wrong).toEqual([]);
    });
  }

  test("what may be imported is no circle", () => {
    const visit = (part: string, way: string[]): void => {
      expect([...way, part]).toEqual([...new Set([...way, part])]);
      for (const next of ALLOWED[part] ?? []) visit(next, [...way, part]);
    };
    for (const part of Object.keys(ALLOWED)) visit(part, []);
  });

  test("no files import each other in a circle, nor for their types", () => {
    const targets = new Map(ours.map((file) => [file.path, importsOf(file)]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, way: string[]): void => {
      const at = way.indexOf(path);
      if (at >= 0) circles.push([...way.slice(at), path].join(" → "));
      if (at >= 0 || done.has(path)) return;
      for (const target of targets.get(path) ?? []) visit(target, [...way, path]);
      done.add(path);
    };
    for (const path of targets.keys()) visit(path, []);
    // What both need goes into a file of its own.
    expect(circles).toEqual([]);
  });

  test("what a worker does knows of the scheduler only how tasks are served", () => {
    const targets = ours
      .filter(({ path }) => partOf(path) === "transform")
      .flatMap(importsOf)
      .filter((target) => partOf(target) === "scheduler");
    expect([...new Set(targets)].toSorted()).toEqual([
      "scheduler/messages.ts",
      "scheduler/open-items.ts",
      "scheduler/serve-tasks.ts",
      "scheduler/strays.ts",
    ]);
  });

  test("a format's inside is imported by the registry and by itself only", () => {
    const formats = new Set(ours.flatMap(({ path }) => /^formats\/([^/]+)\/format\.ts$/.exec(path)?.[1] ?? []));
    const formatOf = (path: string): string | undefined => {
      const [, folder = ""] = path.startsWith("formats/") ? path.split("/") : [];
      return formats.has(folder) ? folder : undefined;
    };
    const registered = ours.filter(({ path }) => path === "formats/registry.ts").flatMap(importsOf);
    // Each is in the list, by the one file that says what it is.
    expect(registered.filter((target) => formatOf(target) !== undefined).toSorted()).toEqual(
      [...formats].toSorted().map((name) => `formats/${name}/format.ts`),
    );
    const wrong = ours
      .filter(({ path }) => path !== "formats/registry.ts")
      .flatMap((file) => importsOf(file).map((target) => ({ from: file.path, target })))
      .filter(({ from, target }) => formatOf(target) !== undefined && formatOf(target) !== formatOf(from));
    expect(formats.size).toBeGreaterThan(5);
    expect(wrong).toEqual([]);
  });

  test("only formats know the kernel", () => {
    const knows = ours.filter((file) => importsOf(file).some((target) => target.startsWith("formats/kernel/")));
    expect(knows.length).toBeGreaterThan(5);
    expect(knows.map(({ path }) => path).filter((path) => partOf(path) !== "formats")).toEqual([]);
    // Nor do others get one out of a memory.
    const opens = ours
      .filter(({ path }) => partOf(path) !== "formats")
      .filter(({ text }) => /\bkernelOf\b[^}]*\} from "[^"]*formats\/memory\.ts"/.test(text))
      .map(({ path }) => path);
    expect(opens).toEqual([]);
  });

  test("what others must know of a format it says by its traits: none is asked for by its name", () => {
    const names = Object.keys(FORMATS);
    const places = ours
      .filter(({ path }) => !path.startsWith("formats/"))
      .flatMap(({ path, text }) =>
        text.split("\n").flatMap((line, at) => {
          const asks = names.some((name) => new RegExp(`\\b(?:\\w*[fF]ormat|from|to) [!=]== "${name}"`).test(line));
          return asks ? [`${path}:${at + 1}`] : [];
        }),
      );
    expect(places).toEqual([]);
  });

  test("the start of the command line loads no parser", () => {
    const loaded = new Set<string>();
    const visit = (path: string): void => {
      if (loaded.has(path)) return;
      loaded.add(path);
      const text = files.find((file) => file.path === path)?.text ?? "";
      for (const [, what = "", from = ""] of text.matchAll(/^(?:import|export) ([^;]*?)\bfrom "([^"]+)";/gm)) {
        // Types are gone when it runs.
        if (/^type\b/.test(what) || /^\{(?:\s*type [^,}]+,?)+\s*\}\s*$/.test(what)) continue;
        if (from.startsWith(".")) visit(normalize(join(dirname(path), from)));
        else loaded.add(from);
      }
    };
    visit("main.ts");
    visit("command-line.ts");
    expect(loaded.size).toBeGreaterThan(50);
    expect([...loaded].filter((name) => /acorn|^zod/.test(name))).toEqual([]);
    // Nor what is said of commands, codes and runs.
    expect(
      [...loaded].filter((name) => /^cli\/commands\/|help\.ts$|error-object|metrics|pages\/(?!figures)/.test(name)),
    ).toEqual([]);
  });

  test("nothing imports test/, and every relative import names its file", () => {
    for (const file of ours) {
      for (const target of importsOf(file)) {
        expect(target).toMatch(/\.(?:ts|wasm|json)$/);
        expect(target.startsWith("../")).toBe(target === "../package.json");
      }
    }
  });
});

describe("one place only", () => {
  test("starts threads", () => {
    // One for each way in which the program, and the package, are put together.
    const places = ["package/bun-thread.ts", "package/node-thread.ts", "package/worker-thread.ts", "thread.ts"];
    expect(filesWith("new Worker(")).toEqual(places);
    expect(placesOf("new Worker(")).toHaveLength(places.length);
  });

  test("ends the process: the entries, an interrupt that is not heeded, and a worker that dies telling why or is left alone", () => {
    const enders = ["cli/main.ts", "main.ts", "scheduler/serve-tasks.ts", "standalone.ts", "worker.ts"];
    expect(filesWith("process.exit(")).toEqual(enders);
    expect(placesOf("process.exit(")).toHaveLength(5);
  });

  test("makes functions of generated code; those of the user are the expression's, and functions for a pool", () => {
    expect(filesWith("new Function(")).toEqual(["code/expression.ts", "generated-code.ts", "pool/serve.ts"]);
  });

  test("instantiates each kernel", () => {
    expect(filesWith("new WebAssembly.Instance")).toEqual([
      "formats/kernel/host.ts",
      "sources/parquet/kernel.ts",
      "targets/parquet/kernel.ts",
    ]);
  });
});

describe("files", () => {
  // A handful of lines speak for themselves.
  const long = ours.filter(({ path, text }) => !path.endsWith(".d.ts") && text.split("\n").length > 10);
  test.each(long.map(({ path, text }) => [path, text] as const))(
    "%s opens by saying what it is responsible for",
    (_, text) => {
      expect(text).toMatch(/^(?:\/\*\*|\/\/)/);
    },
  );

  test("no part has more than a fifth of the lines", () => {
    const lines = new Map<string, number>();
    for (const { path, text } of files)
      lines.set(partOf(path), (lines.get(partOf(path)) ?? 0) + text.split("\n").length);
    const all = [...lines.values()].reduce((sum, count) => sum + count, 0);
    expect([...lines].filter(([, count]) => count > all / 5)).toEqual([]);
  });

  test("no folder or file is a drawer for everything", () => {
    const drawers = files.filter(({ path }) =>
      /(?:^|\/)(?:utils?|helpers?|common|types|misc|shared)(?:\/|\.ts$)/.test(path),
    );
    expect(drawers).toEqual([]);
  });

  test("nothing is any, no catch is empty", () => {
    expect(
      ours.filter(({ text }) => /(?::|\bas|<)\s*any\b(?!\w)/.test(text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, ""))),
    ).toEqual([]);
    expect(ours.filter(({ text }) => /catch\s*(?:\(\w+\)\s*)?\{\s*\}/.test(text))).toEqual([]);
  });
});
