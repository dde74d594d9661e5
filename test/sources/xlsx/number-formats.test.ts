/** Which codes of formats are dates. */
import { describe, expect, test } from "bun:test";
import { assert, integer, property } from "fast-check";
import { ByteBuffer } from "../../../src/sources/xlsx/byte-buffer.ts";
import { type NumberKind, kindOfCode } from "../../../src/sources/xlsx/number-formats.ts";
import { addSerial } from "../../../src/sources/xlsx/serial-dates.ts";

describe("kindOfCode()", () => {
  test.each<[string, NumberKind]>([
    ["General", "number"],
    ["0.00", "number"],
    ["0.00E+00", "number"],
    ["##0.0e+0", "number"],
    ['#,##0 "days"', "number"],
    ["#,##0\\ \\d", "number"],
    ["_-* #,##0.00\\ [$€-407]_-;\\-* #,##0.00\\ [$€-407]_-", "number"],
    ["[Red]0;[Blue]-0", "number"],
    ['[>=1000000]0.0,,"M";0', "number"],
    ["@", "number"],
    ["", "number"],
    ["0_d", "number"],
    ["0*m", "number"],
    ["yyyy-mm-dd", "date"],
    ["d/m/yyyy;@", "date"],
    ["mmm", "date"],
    ["mmmm yyyy", "date"],
    ["[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "date"],
    ['[$-411]ggge"年"m"月"d"日"', "date"],
    ["[$-107041E]d mmm bbbb", "date"],
    ["aaaa", "date"],
    ["General;d", "number"],
    ["h:mm", "time"],
    ["h:mm AM/PM", "time"],
    ["[$-409]h:mm:ss\\ A/P;@", "time"],
    ["mm:ss.0", "time"],
    ['hh"h"mm', "time"],
    ["m/d/yy h:mm", "date-time"],
    ["yyyy\\-mm\\-dd\\Thh:mm:ss", "date-time"],
    ["[h]:mm:ss", "elapsed"],
    ["[mm]:ss", "elapsed"],
    ["[ss].00", "elapsed"],
  ])("%s is a %s", (code, kind) => {
    expect(kindOfCode(code)).toBe(kind);
  });
});

/** What is written of a number of days. */
function written(serial: number, kind: NumberKind, is1904: boolean): string | undefined {
  const target = new ByteBuffer();
  return addSerial(target, serial, { kind, is1904 })
    ? Buffer.from(target.bytes.subarray(0, target.length)).toString()
    : undefined;
}

describe("addSerial()", () => {
  test("is the day that JavaScript counts, from March 1900 and from 1904", () => {
    assert(
      property(integer({ min: 61, max: 2_957_003 }), integer({ min: 0, max: 86_399 }), (day, second) => {
        const serial = day + second / 86_400;
        const iso = (epoch: number): string => new Date((day - epoch) * 86_400_000 + second * 1000).toISOString();
        expect(written(serial, "date-time", false)).toBe(iso(25_569).slice(0, 19));
        expect(written(serial, "date-time", true)).toBe(iso(24_107).slice(0, 19));
        expect(written(day, "date", false)).toBe(iso(25_569).slice(0, 10));
      }),
    );
  });
});
