import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quickWriter } from "../../src/io/quick-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "rowmill-quick-"));
afterAll(() => rmSync(folder, { recursive: true }));

const TEXT = Buffer.from("one line\n");

/** A pipe, open at both ends. */
function makePipe(name: string): { path: string; fd: number } {
  const path = join(folder, name);
  Bun.spawnSync(["mkfifo", path]);
  return { path, fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK) };
}

describe("a pipe", () => {
  let fd = 0;
  let path = "";
  beforeAll(() => void ({ fd, path } = makePipe("pipe")));
  afterAll(() => closeSync(fd));

  test("takes what it has room for, and no more", () => {
    const blocking = openSync(path, constants.O_WRONLY);
    const writer = quickWriter(blocking);
    expect(writer?.write(TEXT)).toBe(TEXT.length);
    const got = Buffer.alloc(100);
    expect(got.subarray(0, readSync(fd, got)).toString()).toBe("one line\n");
    // The capacity of a pipe is whatever the system gives it.
    for (const bytes of [Buffer.alloc(1000), Buffer.alloc(1)]) while (writer?.write(bytes) === bytes.length);
    expect(writer?.write(TEXT)).toBe(0);
    expect(writer?.write(Buffer.alloc(1 << 20))).toBe(0);
    writer?.close();
    closeSync(blocking);
  });
});

test("a file is written where the descriptor is", () => {
  const path = join(folder, "out.txt");
  const fd = openSync(path, "a");
  writeSync(fd, "before\n");
  const writer = quickWriter(fd);
  expect(writer?.write(TEXT)).toBe(TEXT.length);
  writer?.close();
  writeSync(fd, "behind\n");
  closeSync(fd);
  expect(readFileSync(path, "utf8")).toBe("before\none line\nbehind\n");
});

test("the null device takes everything", () => {
  const fd = openSync("/dev/null", "w");
  const writer = quickWriter(fd);
  expect(writer?.write(TEXT)).toBe(TEXT.length);
  writer?.close();
  closeSync(fd);
});

test("other devices, and what is no stream, are left to a thread", () => {
  const fd = openSync("/dev/full", "w");
  expect(quickWriter(fd)).toBeUndefined();
  closeSync(fd);
  expect(quickWriter(fd)).toBeUndefined();
});

test("what is open for reading only is left to a thread, which tells the error", () => {
  const { path, fd } = makePipe("read-only");
  const end = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  expect(quickWriter(end)).toBeUndefined();
  closeSync(end);
  closeSync(fd);
  const file = openSync(join(folder, "out.txt"), "r");
  expect(quickWriter(file)).toBeUndefined();
  closeSync(file);
});

test("a pipe without a reader tells its error", () => {
  const { path, fd } = makePipe("left");
  const blocking = openSync(path, constants.O_WRONLY);
  const writer = quickWriter(blocking);
  closeSync(fd);
  expect(() => writer?.write(TEXT)).toThrow(/EPIPE/);
  writer?.close();
  closeSync(blocking);
});
