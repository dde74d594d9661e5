/** Members of zip archives: their bytes, or an error that says what is wrong with them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expandInputs } from "../../src/pipeline/expand-inputs.ts";
import { type ReadInput, readInput } from "./read-input.ts";
import { type Written, zipOf } from "./zip-writer.ts";

let folder = "";
let path = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rowmill-zip-"));
  path = join(folder, "a.zip");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(archive: Uint8Array, member = "a.csv"): Promise<ReadInput> {
  writeFileSync(path, archive);
  return await readInput(`${path}#${member}`);
}

async function refused(archive: Uint8Array, member = "a.csv"): Promise<string> {
  const { error } = await read(archive, member);
  if (error === undefined) throw new Error("it was read, wanted an error");
  expect(error.code).toBe("input");
  return error.message.replaceAll(path, "a.zip");
}

async function saying(what: NonNullable<Written["says"]>): Promise<string> {
  return await refused(zipOf([{ name: "a.csv", data: DATA, says: what }]));
}

const DATA = Buffer.from(Array.from({ length: 3000 }, (_, at) => `${at},${(at * 7919) % 1009}\n`).join(""));

test("two members of one name are refused, but where they are the same", async () => {
  const [one, other] = [
    { name: "a.csv", data: DATA },
    { name: "a.csv", data: DATA.subarray(1) },
  ];
  expect(await refused(zipOf([one, other]))).toBe(
    "cannot read a.zip#a.csv: the archive has several files of that name",
  );
  const { bytes } = await read(zipOf([one, { name: "b.csv", data: Buffer.alloc(3) }, one]));
  expect(bytes.equals(DATA)).toBe(true);
});

describe("a member", () => {
  test("of any shape that programs write is what it was", async () => {
    const member = fc.record({
      data: fc.oneof(
        fc.uint8Array({ maxLength: 50 }),
        fc.nat(200_000).map((size) => Buffer.alloc(size, "row,1\n")),
      ),
      method: fc.constantFrom("stored" as const, "deflate" as const, "zstd" as const),
      hasDescriptor: fc.boolean(),
      isZip64: fc.boolean(),
    });
    const property = fc.asyncProperty(
      fc.array(member, { minLength: 1, maxLength: 4 }),
      fc.constantFrom("", "a comment"),
      async (members, comment) => {
        const named = members.map((one, at) => ({ ...one, name: `${at}.csv` }));
        const archive = zipOf(named, { comment });
        for (const { name, data } of named) {
          const { bytes, error } = await read(archive, name);
          if (error !== undefined) throw error;
          // What is compressed within is unpacked as well.
          expect(bytes.equals(Buffer.from(data)) || data[0] === 0x1f || data[0] === 0x28).toBe(true);
        }
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  test("has the name that its archive says, in the encodings that programs use", async () => {
    const names: [written: Written["name"], flags: number, name: string][] = [
      ["ä/ö.csv", 0x800, "ä/ö.csv"],
      ["ä/ö.csv", 0, "ä/ö.csv"],
      [Buffer.from("\x84.csv", "latin1"), 0, "ä.csv"],
      [String.raw`d\b.csv`, 0, "d/b.csv"],
      ["../b.csv", 0, "../b.csv"],
    ];
    for (const [written, flags, name] of names) {
      const { bytes } = await read(zipOf([{ name: written, data: DATA, says: { flags } }]), name);
      expect(bytes.equals(DATA)).toBe(true);
    }
  });

  test("that is not what its directory says is an error", async () => {
    const a = { name: "a.csv", data: DATA };
    const crc = Bun.hash.crc32(DATA);
    for (const method of ["stored", "deflate", "zstd"] as const) {
      const says = (what: Written["says"]): Promise<string> => refused(zipOf([{ ...a, method, says: what ?? {} }]));
      expect(await says({ crc: (crc ^ 1) >>> 0 })).toBe(
        "cannot read a.zip#a.csv to its end: its checksum is another one",
      );
      expect(await says({ bytes: DATA.length + 1 })).toMatch(
        /^cannot read a\.zip#a\.csv to its end: it has \d+ bytes of/,
      );
      expect(await says({ bytes: DATA.length - 1 })).toMatch(/to its end: it has more than the \d+ bytes/);
    }
    expect(await refused(zipOf([{ ...a, says: { packedBytes: 100 } }]))).toMatch(/its deflate data is cut off/);
    expect(await refused(zipOf([a]), "b.csv")).toBe("cannot read a.zip#b.csv: the archive has no such member");
  });

  test("that cannot be unpacked is an error that says why", async () => {
    expect(await saying({ flags: 1 })).toBe("cannot read a.zip#a.csv: it is encrypted");
    expect(await saying({ method: 12 })).toBe("cannot read a.zip#a.csv: it is packed with bzip2, which is not read");
    expect(await saying({ method: 77 })).toBe(
      "cannot read a.zip#a.csv: it is packed with method 77, which is not read",
    );
    expect(await saying({ flags: 0x41 })).toBe("cannot read a.zip: its directory is encrypted");
  });

  test("that unpacks to more than is taken takes no memory", async () => {
    const zeros = zipOf([{ name: "a.csv", data: Buffer.alloc(64 * 1024 * 1024), says: { bytes: 2 ** 31 } }]);
    expect(zeros.length).toBeLessThan(100_000);
    expect(await refused(zeros)).toMatch(/it has 67108864 bytes of 2147483648/);
  });
});

describe("a damaged archive", () => {
  const archive = zipOf([
    { name: "a.csv", data: DATA.subarray(0, 300) },
    { name: "b.csv", data: DATA.subarray(0, 60), method: "stored", hasDescriptor: true },
  ]);

  test("that is cut off anywhere is an error", async () => {
    for (let size = 0; size < archive.length; size += 3) await refused(archive.subarray(0, size));
  });

  test("never gives other bytes in silence, whatever bit of it is wrong", async () => {
    for (let at = 0; at < archive.length; at++) {
      const wrong = Buffer.from(archive);
      wrong[at] = (wrong[at] ?? 0) ^ (1 << (at % 8));
      for (const [name, size] of [
        ["a.csv", 300],
        ["b.csv", 60],
      ] as const) {
        const { bytes, error } = await read(wrong, name);
        if (error === undefined) expect(bytes.equals(DATA.subarray(0, size))).toBe(true);
      }
    }
  });
});

async function membersOf(names: readonly string[], pattern = ""): Promise<string[] | string> {
  writeFileSync(path, zipOf(names.map((name) => ({ name, data: DATA }))));
  try {
    return (await expandInputs([`${path}${pattern}`])).map((name) => name.replace(path, ""));
  } catch (error) {
    return String(error).replaceAll(path, "a.zip");
  }
}

describe("the members that a name stands for", () => {
  test("are all, where they are of one kind, in the order in which people count", async () => {
    expect(await membersOf(["b.txt"])).toEqual(["#b.txt"]);
    expect(await membersOf(["d/", "d/b10.csv", "d/b2.CSV", "c.csv.gz"])).toEqual([
      "#c.csv.gz",
      "#d/b2.CSV",
      "#d/b10.csv",
    ]);
    expect(await membersOf(["a.jsonl", "b.ndjson"])).toEqual(["#a.jsonl", "#b.ndjson"]);
    expect(await membersOf(["a.csv", "__MACOSX/._a.csv", ".DS_Store", "d/Thumbs.db"])).toEqual(["#a.csv"]);
    expect(await membersOf(["a.csv", "README"])).toBe(
      "RowmillError: cannot read a.zip: it has files of several kinds: a.csv, README",
    );
    expect(await membersOf([])).toBe("RowmillError: cannot read a.zip: there is no file in it");
    const many = Array.from({ length: 20 }, (_, at) => `${at}.x${at}`);
    expect(await membersOf(many)).toMatch(/7\.x7, 8\.x8, 9\.x9 and 10 more$/);
  });

  test("are those that match a pattern", async () => {
    const names = ["a.csv", "d/b.csv", "d/e/c.csv", "x.txt", "[1].csv", "__MACOSX/._a.csv"];
    expect(await membersOf(names, "#*.csv")).toEqual(["#[1].csv", "#a.csv", "#d/b.csv", "#d/e/c.csv"]);
    expect(await membersOf(names, "#d/*.csv")).toEqual(["#d/b.csv"]);
    expect(await membersOf(names, "#d/**/*.csv")).toEqual(["#d/b.csv", "#d/e/c.csv"]);
    expect(await membersOf(names, "#[1].csv")).toEqual(["#[1].csv"]);
    expect(await membersOf(names, "#{a,b}.csv")).toEqual(["#a.csv", "#d/b.csv"]);
    expect(await membersOf(names, "#*.tsv")).toBe(
      "RowmillError: cannot read a.zip#*.tsv: the archive has no such member",
    );
  });

  test("are none, where a file is only called so", async () => {
    writeFileSync(path, "a\n1\n");
    expect(await expandInputs([path])).toEqual([path]);
    const odd = join(folder, "odd.zip#b.csv");
    writeFileSync(odd, "a\n1\n");
    expect((await readInput(odd)).bytes.toString()).toBe("a\n1\n");
  });
});
