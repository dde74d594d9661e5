/** What a workbook says of its sheets and of the formats of their cells. */
import { type NumberKind, builtInKind, kindOfCode } from "./number-formats.ts";
import type { Package } from "./package.ts";

/** A sheet with cells: others hold charts, or dialogs. */
export interface Sheet {
  name: string;
  /** Undefined where the workbook does not say it: it is damaged. */
  part: string | undefined;
  isHidden: boolean;
}

export interface Workbook {
  sheets: Sheet[];
  /** Days count from 1904. */
  is1904: boolean;
  /** What numbers are, by the style of their cells. */
  kinds: readonly NumberKind[];
  /** The part with the texts of cells. Where there is none, some programs refer to it all the same. */
  strings: string | undefined;
}

/** @throws {RowmillError} `input`, when it is no workbook. */
export async function readWorkbook(workbook: Package): Promise<Workbook> {
  const main =
    (await workbook.relationships()).find(({ kind }) => kind === "officeDocument")?.part ?? "xl/workbook.xml";
  if (!workbook.has(main)) throw workbook.damaged("there is no workbook in it");
  const relationships = await workbook.relationships(main);
  const sheets: Sheet[] = [];
  let is1904 = false;
  await workbook.eachTag(main, (tag) => {
    const name = tag.longName;
    if (name === "workbookPr") is1904 = isTrue(tag.value("date1904"));
    if (name !== "sheet") return;
    const id = tag.value("id");
    const found = relationships.find((one) => one.id === id);
    const state = tag.value("state");
    if (found !== undefined && found.kind !== "worksheet") return;
    const isHidden = state !== undefined && state !== "visible";
    sheets.push({ name: tag.value("name") ?? "", part: found?.part, isHidden });
  });
  const partOf = (kind: string): string | undefined => relationships.find((one) => one.kind === kind)?.part;
  const strings = partOf("sharedStrings");
  return {
    sheets,
    is1904,
    kinds: await readKinds(workbook, partOf("styles")),
    strings: strings !== undefined && workbook.has(strings) ? strings : undefined,
  };
}

function isTrue(value: string | undefined): boolean {
  return value === "1" || value === "true" || value === "on";
}

/** More styles than Excel keeps (65,490) say nothing of any cell. */
const MAX_STYLES = 100_000;

async function readKinds(workbook: Package, part: string | undefined): Promise<NumberKind[]> {
  if (part === undefined) return [];
  const codes = new Map<number, NumberKind>();
  const ids: number[] = [];
  // Formats that only come with a condition are none of a cell's own.
  let within = "";
  await workbook.eachTag(
    part,
    (tag) => {
      const name = tag.longName;
      if ((name === "cellXfs" || name === "numFmts") && !tag.isEmpty) within = name;
      else if (name === "numFmt" && within === "numFmts" && codes.size < MAX_STYLES)
        codes.set(Number(tag.value("numFmtId")), kindOfCode(tag.value("formatCode") ?? ""));
      else if (name === "xf" && within === "cellXfs" && ids.length < MAX_STYLES)
        ids.push(Number(tag.value("numFmtId") ?? 0));
    },
    (tag) => {
      if (tag.longName === within) within = "";
    },
  );
  return ids.map((id) => codes.get(id) ?? builtInKind(id));
}
