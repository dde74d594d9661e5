/** A workbook that is being written: its sheets wait, packed, until all rows are there. */
import { deflateRawSync } from "node:zlib";
import { type PackedMember, ZipWriter } from "../../io/zip/zip-writer.ts";
import type { TargetFile, TargetSetup } from "../target.ts";
import { otherParts, sheetPart } from "./parts.ts";
import { Sheet } from "./sheet.ts";
import { Spool } from "./spool.ts";

export function openBook({ tempDir }: TargetSetup): TargetFile {
  const spool = new Spool(tempDir);
  const sheets = new Map<string, Sheet>();
  return {
    write(name, rows) {
      const sheet = sheets.get(name) ?? new Sheet(name, spool);
      sheets.set(name, sheet);
      sheet.write(rows);
    },
    *end() {
      const zip = new ZipWriter();
      // What tells readers that it is a workbook comes first.
      for (const [name, xml] of otherParts([...sheets.keys()])) {
        const { member, packed } = packedPart(name, xml);
        yield new Uint8Array(zip.header(member));
        yield packed;
      }
      for (const [at, sheet] of [...sheets.values()].entries()) {
        const { member, packed } = sheet.end(sheetPart(at + 1));
        yield new Uint8Array(zip.header(member));
        for (const bytes of packed) yield spool.get(bytes);
      }
      yield new Uint8Array(zip.end());
    },
    close: () => spool.close(),
  };
}

function packedPart(name: string, xml: string): { member: PackedMember; packed: Uint8Array<ArrayBuffer> } {
  const bytes = Buffer.from(xml);
  const packed = new Uint8Array(deflateRawSync(bytes));
  const member = { name, crc: Bun.hash.crc32(bytes), bytes: bytes.length, packedBytes: packed.length };
  return { member, packed };
}
