/** The parts of a workbook that are not sheets. */

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/** The part of a sheet, from 1. */
export function sheetPart(number: number): string {
  return `xl/worksheets/sheet${number}.xml`;
}

/** The parts of a workbook with these sheets, by their names. */
export function otherParts(sheets: readonly string[]): [name: string, xml: string][] {
  const numbers = sheets.map((_, at) => at + 1);
  const types = [
    `<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`,
    `<Default Extension="xml" ContentType="application/xml"/>`,
    override("xl/workbook.xml", "sheet.main"),
    override("xl/styles.xml", "styles"),
    ...numbers.map((number) => override(sheetPart(number), "worksheet")),
  ];
  const ofBook = [
    ...numbers.map((number) => relationship(`rId${number}`, "worksheet", `worksheets/sheet${number}.xml`)),
    relationship(`rId${sheets.length + 1}`, "styles", "styles.xml"),
  ];
  const named = sheets.map((name, at) => `<sheet name="${attribute(name)}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`);
  return [
    ["[Content_Types].xml", `${HEAD}<Types xmlns="${PACKAGE}/content-types">${types.join("")}</Types>`],
    ["_rels/.rels", relationships([relationship("rId1", "officeDocument", "xl/workbook.xml")])],
    [
      "xl/workbook.xml",
      `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${named.join("")}</sheets></workbook>`,
    ],
    ["xl/_rels/workbook.xml.rels", relationships(ofBook)],
    ["xl/styles.xml", STYLES],
  ];
}

function override(part: string, type: string): string {
  return `<Override PartName="/${part}" ContentType="${SPREADSHEET}.${type}+xml"/>`;
}

function relationship(id: string, kind: string, target: string): string {
  return `<Relationship Id="${id}" Type="${OFFICE}/${kind}" Target="${target}"/>`;
}

function relationships(all: readonly string[]): string {
  return `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${all.join("")}</Relationships>`;
}

function attribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** Formats of dates, by the style of a cell: from 1, as src/formats/xlsx/cells.ts counts them. */
const FORMATS: readonly string[] = [
  "yyyy\\-mm\\-dd",
  "yyyy\\-mm\\-dd\\ hh:mm:ss",
  "yyyy\\-mm\\-dd\\ hh:mm:ss.000",
  "hh:mm:ss",
  "hh:mm:ss.000",
];
/** Ids below are those of formats that are built in. */
const FIRST_FORMAT = 164;

const STYLES = [
  `${HEAD}<styleSheet xmlns="${MAIN}">`,
  `<numFmts count="${FORMATS.length}">`,
  ...FORMATS.map((code, at) => `<numFmt numFmtId="${FIRST_FORMAT + at}" formatCode="${code}"/>`),
  "</numFmts>",
  '<fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>',
  '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>',
  '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>',
  '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
  `<cellXfs count="${FORMATS.length + 1}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>`,
  ...FORMATS.map(
    (_, at) =>
      `<xf numFmtId="${FIRST_FORMAT + at}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`,
  ),
  "</cellXfs>",
  '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
].join("");
