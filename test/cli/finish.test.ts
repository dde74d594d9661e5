/** What is done to executables when they are made: it takes nothing away, and can be undone. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  type Executable,
  IN_MEMORY,
  OF_THREADS,
  SECTION,
  SEGMENT,
  type Section,
  readExecutable,
  readSections,
} from "../../src/cli/commands/compile/elf.ts";
import { copyUnfinished, finishExecutable } from "../../src/cli/commands/compile/finish.ts";

const BUILT: string = process.env["ROWMILL_BINARY"] ?? resolve(import.meta.dir, "../../dist/rowmill");
const isHere = process.platform === "linux" && process.arch === "x64";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rowmill-finish-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Opened {
  bytes: Buffer;
  executable: Executable;
  sections: Section[];
}

function opened(path: string): Opened {
  const fd = openSync(path, "r");
  try {
    const executable = readExecutable(fd);
    if (executable === undefined) throw new Error(`${path}: no such executable`);
    return { bytes: readFileSync(path), executable, sections: readSections(fd, executable) };
  } finally {
    closeSync(fd);
  }
}

/** How many of the runtime's variables begin as zero. */
function zeros({ sections }: Opened): number {
  const ofAll = sections.filter(({ type, flags }) => type === SECTION.zeros && (flags & OF_THREADS) === 0);
  return Math.max(...ofAll.map(({ bytes }) => bytes));
}

/** The bytes that a section has in the file. */
function bytesOf({ bytes }: Opened, { type, offset, bytes: length }: Section): Buffer {
  return type === SECTION.zeros ? Buffer.alloc(0) : bytes.subarray(offset, offset + length);
}

/** What is at an address when the executable has been loaded. */
function memoryAt({ bytes, executable }: Opened, address: number, length: number): Buffer {
  const segment = executable.segments.find(
    (one) => one.type === SEGMENT.load && address >= one.address && address < one.address + one.memoryBytes,
  );
  if (segment === undefined) throw new Error(`nothing is loaded at ${address}`);
  const at = address - segment.address;
  const memory = Buffer.alloc(length);
  bytes.copy(memory, 0, segment.offset + at, segment.offset + Math.max(at, Math.min(at + length, segment.fileBytes)));
  return memory;
}

function compileWith(runtime: string | undefined, text: string, outfile: string): void {
  const source = join(folder, "say.js");
  writeFileSync(source, `console.log(${JSON.stringify(text)});`);
  const path = runtime === undefined ? [] : [`--compile-executable-path=${runtime}`];
  const command = [process.execPath, "build", "--compile", ...path, source, `--outfile=${outfile}`];
  const { exitCode, stderr } = Bun.spawnSync(command, { cwd: folder, stdout: "ignore", stderr: "pipe" });
  if (exitCode !== 0) throw new Error(stderr.toString());
}

function said(path: string): string {
  const { stdout, stderr } = Bun.spawnSync([path], { cwd: folder, env: {} });
  return `${stdout.toString()}${stderr.toString()}`;
}

describe.skipIf(!isHere)("an executable for Linux on x64", () => {
  test("is shorter by the zeros of the runtime, is the same in memory, and runs", () => {
    const [made, finished] = [join(folder, "made"), join(folder, "finished")];
    compileWith(undefined, "one", made);
    cpSync(made, finished);
    finishExecutable(finished);
    const [before, now] = [opened(made), opened(finished)];
    expect(before.bytes.length - now.bytes.length).toBeGreaterThan(zeros(before) - 16_384);

    const loaded = now.executable.segments.filter(({ type }) => type === SEGMENT.load);
    expect(loaded.map(({ address }) => address)).toEqual(
      loaded.map(({ address }) => address).toSorted((a, b) => a - b),
    );
    for (const { offset, address, align } of loaded) expect(offset % align).toBe(address % align);
    expect(loaded[0]?.offset).toBe(0);
    for (const [index, section] of before.sections.entries()) {
      const same = now.sections[index];
      if (same === undefined) throw new Error("a section is missing");
      expect({ ...same, at: 0, offset: 0 }).toEqual({ ...section, at: 0, offset: 0 });
      expect(bytesOf(now, same).equals(bytesOf(before, section))).toBe(true);
      if ((section.flags & IN_MEMORY) === 0 || (section.flags & OF_THREADS) !== 0) continue;
      const { address, bytes } = section;
      expect(memoryAt(now, address, bytes).equals(memoryAt(before, address, bytes))).toBe(true);
    }
    expect(said(finished)).toBe("one\n");
  });

  test("is as it was when that is undone, and the compiler makes another of it", () => {
    const [made, finished, undone] = [join(folder, "made"), join(folder, "finished"), join(folder, "undone")];
    compileWith(undefined, "one", made);
    cpSync(made, finished);
    finishExecutable(finished);
    const bytes = readFileSync(finished);
    finishExecutable(finished);
    expect(readFileSync(finished).equals(bytes)).toBe(true);
    copyUnfinished(finished, undone);
    expect(readFileSync(undone).equals(readFileSync(made))).toBe(true);

    const second = join(folder, "second");
    compileWith(undone, "two", second);
    finishExecutable(second);
    expect(said(second)).toBe("two\n");
  });
});

test.skipIf(!isHere)("Rowmill itself holds none of the zeros of its runtime", () => {
  const rowmill = opened(BUILT);
  expect(zeros(rowmill)).toBeGreaterThan(1_000_000);
  expect(rowmill.bytes.indexOf(Buffer.alloc(zeros(rowmill)))).toBe(-1);
});

test("what is no such executable is left as it is", () => {
  const path = join(folder, "script");
  for (const text of ["", "#!/bin/sh\necho one\n", "MZ".padEnd(200, "\0"), "\u007fELF\u0002\u0001".padEnd(90, "\0")]) {
    writeFileSync(path, text);
    finishExecutable(path);
    expect(readFileSync(path, "utf8")).toBe(text);
    copyUnfinished(path, join(folder, "copy"));
    expect(readFileSync(join(folder, "copy"), "utf8")).toBe(text);
  }
});
