/** What the cells of a workbook become. */
import { describe, expect, test } from "bun:test";
import { type MadeWorkbook, readBook, workbook } from "./workbooks.ts";

/** The text of a sheet of these rows, without its header. */
async function read(rows: string, more: Partial<MadeWorkbook> = {}): Promise<string> {
  const bytes = workbook({ sheets: [{ name: "S", rows }], ...more });
  return (await readBook(bytes, { noHeaders: true, columns: [] })).text;
}

const row = (...cells: string[]): string => `<row>${cells.join("")}</row>`;

const dated = (value: string, format: string | number, is1904 = false): Promise<string> =>
  read(row(`<c s="1"><v>${value}</v></c>`), { formats: [format], is1904 });

const inline = (value: string): string => `<c t="inlineStr"><is><t>${value}</t></is></c>`;

const fails = (rows: string, more: Partial<MadeWorkbook> = {}): Promise<unknown> =>
  readBook(workbook({ sheets: [{ name: "S", rows }], ...more }), { noHeaders: true }).catch((error: unknown) => error);

describe("numbers", () => {
  test.each([
    ["1", "1"],
    ["-0.5", "-0.5"],
    [" 12 ", "12"],
    ["1E-3", "1E-3"],
    ["100.00", "100.00"],
    ["12345678901234567890", "12345678901234567890"],
    ["0.123456789012345678901", "0.123456789012345678901"],
    ["1.1000000000000001", "1.1"],
    ["0.30000000000000004", "0.30000000000000004"],
    ["1.0000000000000001E-5", "0.00001"],
    ["-2.2999999999999998", "-2.3"],
    ["9.9999999999999992E+22", "1e+23"],
    ["9.9999999999999995E+22", "9.9999999999999995E+22"],
    ["abc", "abc"],
    ["1,5", '"1,5"'],
  ])("%s is written %s", async (text, written) => {
    expect(await read(row(`<c><v>${text}</v></c>`))).toBe(`${written}\n`);
  });
});

describe("types of cells", () => {
  test("texts, booleans, errors, dates as texts", async () => {
    const cells = [
      '<c t="s"><v>0</v></c>',
      '<c t="inlineStr"><is><t>in place</t></is></c>',
      '<c t="str"><f>A1&amp;"x"</f><v>a &lt; b</v></c>',
      '<c t="b"><v>1</v></c>',
      '<c t="b"><v>0</v></c>',
      '<c t="e"><v>#N/A</v></c>',
      '<c t="d"><v>2024-02-29T10:00:00Z</v></c>',
      "<c><v/></c>",
      "<c/>",
      '<c t="n"><v>7</v></c>',
    ];
    expect(await read(row(...cells), { shared: ["<t>shared</t>"] })).toBe(
      "shared,in place,a < b,true,false,#N/A,2024-02-29T10:00:00Z,7\n",
    );
  });

  test("rich text is one text, and phonetics are none of it", async () => {
    const rich = '<r><rPr><b/></rPr><t>bold</t></r><r><t xml:space="preserve"> and not</t></r>';
    const spoken = '<t>東京</t><rPh sb="0" eb="2"><t>とうきょう</t></rPh><phoneticPr fontId="1"/>';
    const cells = ['<c t="s"><v>0</v></c>', '<c t="s"><v>1</v></c>', `<c t="inlineStr"><is>${rich}</is></c>`];
    expect(await read(row(...cells), { shared: [rich, spoken] })).toBe("bold and not,東京,bold and not\n");
  });

  test("quotes, delimiters and line ends are quoted; an empty text is told from nothing", async () => {
    const shared = [
      '<t>say "a", b</t>',
      "<t>two\r\nlines</t>",
      "<t></t>",
      "<t>_x000D_ _x005F_x000D_ _x00zz_</t>",
      "<t/>",
    ];
    const cells = shared.map((_, at) => `<c t="s"><v>${at}</v></c>`);
    expect(await read(row(...cells, "<c><v>1</v></c>"), { shared })).toBe(
      '"say ""a"", b","two\nlines","","\r _x000D_ _x00zz_","",1\n',
    );
  });

  test("references, literal texts and comments", async () => {
    const text = "<t>&#65;&#x42;&quot;&apos;&gt;<![CDATA[<&amp;]]><!-- no > text -->x<?pi y?></t>";
    expect(await read(row(`<c t="inlineStr"><is>${text}</is></c>`))).toBe('"AB""\'><&amp;x"\n');
  });
});

describe("dates", () => {
  test.each([
    ["45351", 14, "2024-02-29"],
    ["45351.5", 14, "2024-02-29T12:00:00"],
    ["45351.5", 22, "2024-02-29T12:00:00"],
    ["45351", 22, "2024-02-29T00:00:00"],
    ["0.75", 20, "18:00:00"],
    ["0.333333333333333", 20, "08:00:00"],
    ["1.5", 20, "1900-01-01T12:00:00"],
    ["1.5", 46, "36:00:00"],
    ["-0.25", 46, "-06:00:00"],
    ["0.000011574", 47, "00:00:01"],
    ["0.0000173611", "mm:ss.000", "00:00:01.500"],
    ["1", 14, "1900-01-01"],
    ["47", 14, "1900-02-16"],
    ["59", 14, "1900-02-28"],
    ["60", 14, "1900-02-29"],
    ["61", 14, "1900-03-01"],
    ["2958465", 14, "9999-12-31"],
    ["2958466", 14, "2958466"],
    ["-1", 14, "-1"],
    ["0", 14, "0"],
    ["0", 22, "00:00:00"],
    ["45351", "General", "45351"],
    ["45351", 49, "45351"],
    ["45351", "yyyy-mm-dd", "2024-02-29"],
    ["45351", "[$-409]d\\-mmm\\-yy;@", "2024-02-29"],
    ["45351.999999999", "yyyy-mm-dd hh:mm", "2024-03-01T00:00:00"],
  ])("%s in format %p is %s", async (value, format, written) => {
    expect(await dated(value, format)).toBe(`${written}\n`);
  });

  test.each([
    ["0", "1904-01-01"],
    ["43889", "2024-02-29"],
    ["60", "1904-03-01"],
  ])("%s counted from 1904 is %s", async (value, written) => {
    expect(await dated(value, 14, true)).toBe(`${written}\n`);
  });
});

describe("places", () => {
  test("cells and rows without a place follow each other, and may have any place", async () => {
    const rows = `<row><c><v>1</v></c><c r="D1"><v>4</v></c><c><v>5</v></c></row><row r="9"><c r="D9"><v>4</v></c><c r="A9"><v>1</v></c></row><row r="20"/><row><c/></row><row r="3"><c><v>9</v></c></row>`;
    const { text, lines } = await readBook(workbook({ sheets: [{ name: "S", rows }] }), { noHeaders: true });
    expect(text).toBe("1,4,5\n1,4,\n9,,\n");
    expect(lines).toEqual([1, 9, 3]);
  });

  test("names have a prefix, attributes any order and quotes", async () => {
    const sheet = `<?xml version='1.0'?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:o="urn:other"><x:sheetData><x:row  ht = '>' r='2'><x:c t='b' r='B2' ><x:v>1</x:v><o:v>9</o:v></x:c ><o:c><o:v>5</o:v></o:c><x:c\nr="A2"><x:v\n>7</x:v></x:c></x:row></x:sheetData></x:worksheet>`;
    const { text, lines } = await readBook(
      workbook({ sheets: [{ name: "S", rows: "" }], parts: { "xl/worksheets/sheet1.xml": sheet } }),
      { noHeaders: true },
    );
    expect(text).toBe("7,true\n");
    expect(lines).toEqual([2]);
  });

  test.each(["utf16le", "utf16be", "latin1", "utf8 with mark"])("a part in %s", async (encoding) => {
    const xml = `<?xml version="1.0" encoding="${encoding === "latin1" ? "ISO-8859-1" : encoding.startsWith("utf16") ? "UTF-16" : "UTF-8"}"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row><c t="inlineStr"><is><t>Århus</t></is></c></row></sheetData></worksheet>`;
    const little = Buffer.from(`\uFEFF${xml}`, "utf16le");
    const bytes = {
      utf16le: little,
      utf16be: Buffer.from(little).swap16(),
      latin1: Buffer.from(xml, "latin1"),
      "utf8 with mark": Buffer.from(`\uFEFF${xml}`),
    }[encoding] as Buffer;
    const made = workbook({ sheets: [{ name: "S", rows: "" }], parts: { "xl/worksheets/sheet1.xml": bytes } });
    expect((await readBook(made, { noHeaders: true })).text).toBe("Århus\n");
  });
});

describe("tables", () => {
  test("columns are those with a name, and those with values in the first rows", async () => {
    const rows = `${row("<c/>", inline("name"), "<c/>", inline("c5"), "<c/>")}${row("<c/>", inline("Ada"), "<c/>", "<c><v>1</v></c>", "<c><v>2</v></c>")}`;
    const { columns, text: lines } = await readBook(workbook({ sheets: [{ name: "S", rows }] }));
    expect(columns).toEqual([
      { name: "name", type: "text" },
      { name: "c5", type: "number" },
      { name: "c5_", type: "number" },
    ]);
    expect(lines).toBe("Ada,1,2\n");
  });

  test("what a column is, all of its first cells say", async () => {
    const bool = '<c t="b"><v>1</v></c>';
    const rows = `${row(inline("a"), inline("b"), inline("c"), inline("d"))}${row("<c><v>1</v></c>", bool, "<c/>", "<c><v>1</v></c>")}${row("<c/>", bool, "<c/>", '<c t="e"><v>#N/A</v></c>')}`;
    const { columns } = await readBook(workbook({ sheets: [{ name: "S", rows }] }));
    expect(columns.map(({ type }) => type)).toEqual(["number", "boolean", "text", "text"]);
  });

  test("sheets one after another have the order of the first", async () => {
    const sheets = [
      { name: "Jan", rows: `${row(inline("id"), inline("name"))}${row("<c><v>1</v></c>", inline("Ada"))}` },
      { name: "Empty", rows: "" },
      {
        name: "Feb",
        rows: `<row r="3">${inline("name")}${inline("id")}</row>${row(inline("Bob"), "<c><v>2</v></c>")}`,
      },
      { name: "Lists", rows: row(inline("x"), inline("y")), state: "hidden" as const },
    ];
    const book = await readBook(workbook({ sheets }), { sheet: "*" });
    expect(book.text).toBe("1,Ada\n2,Bob\n");
    expect(book.lines).toEqual([2, 4]);
    expect(book.notices).toEqual(["book.xlsx: what is hidden is not read: Lists (--sheet NAME reads it)"]);
    expect((await readBook(workbook({ sheets }), { sheet: "lists" })).columns.map(({ name }) => name)).toEqual([
      "x",
      "y",
    ]);
    expect((await readBook(workbook({ sheets }), { sheet: "3" })).text).toBe("Bob,2\n");
  });

  test("formulas without a value, and merged cells, are told", async () => {
    const rows = `${row(inline("a"), inline("b"))}${row("<c><f>1+1</f></c>", "<c><v>1</v></c>")}${row("<c><f>1+1</f><v></v></c>")}`;
    const merged = '<mergeCells count="2"><mergeCell ref="A1:B1"/><mergeCell ref="A5:A6"/></mergeCells>';
    const { text: lines, notices } = await readBook(workbook({ sheets: [{ name: "S", rows, behind: merged }] }));
    expect(lines).toBe(",1\n,\n");
    expect(notices).toEqual([
      "book.xlsx, sheet S: 2 formulas have no value, the first in A2: no program has calculated them; null stands there",
      "book.xlsx, sheet S: 2 ranges of cells are merged, such as A1:B1; the value is in the first cell, and the others are empty",
    ]);
  });
});

describe("what is wrong", () => {
  test.each([
    [row('<c t="s"><v>5</v></c>'), "a cell refers to a text that is not there"],
    [row('<c r="XFE1"><v>5</v></c>'), "it has a cell behind the last column, 16384"],
    [row('<c r="11"><v>5</v></c>'), "a cell has a name that is none"],
    [row('<c s="x"><v>5</v></c>'), "a number of a row or a style is none"],
    [row("<c><v>5</c></v>"), "its tags do not close each other"],
    [row("<c><v>&nbsp;</v></c>"), "it refers to &nbsp;, which is no character"],
    [row("<c r=A1><v>1</v></c>"), "a tag has an attribute without quotes"],
    ["<row><c", "a tag stands within another one"],
  ])("%s: %s", async (rows, message) => {
    const error = await fails(rows);
    expect(error).toMatchObject({ code: "input", message: `cannot read the sheet: ${message}` });
  });

  test("a document type", async () => {
    const parts = { "xl/worksheets/sheet1.xml": '<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>' };
    expect(await fails("", { parts })).toMatchObject({
      message: "cannot read the sheet: it declares a document type, which no part of a workbook has",
    });
  });

  test("a part that ends too early, and one that is not there", async () => {
    const cut = { "xl/worksheets/sheet1.xml": "<worksheet><sheetData><row>" };
    expect(await fails("", { parts: cut })).toMatchObject({
      message: "cannot read the sheet: it ends in the middle of its rows",
    });
    const gone = { "xl/_rels/workbook.xml.rels": "<Relationships/>" };
    expect(await fails("", { parts: gone })).toMatchObject({
      message: "cannot read book.xlsx: it has no part for sheet S",
    });
  });
});
