/** Reads the type of a transform's rows out of its source. */
import { readFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { type Annotation, type RowParameter, findRow } from "./row-annotation.ts";
import type { RecordAnswer } from "./shape.ts";
import { ShapeReader, Unusable } from "./shape-reader.ts";
import { shortSource } from "./short-source.ts";
import { type SourceFile, type TsNode, nameOf, parseSourceFile, part } from "./source-file.ts";

/**
 * What the source of a transform says of its rows; undefined where it says nothing.
 *
 * @param path The real path of the transform.
 */
export function readRecordType(path: string): RecordAnswer | undefined {
  const short = shortFile(path);
  const answer = short && answerOf(new ShapeReader([short]), path);
  // What the short text does not say, the whole one may.
  return answer?.kind === "used" ? answer : answerOf(new ShapeReader(), path);
}

function shortFile(path: string): SourceFile | undefined {
  const short = shortSource(readFileSync(path, "utf8"));
  if (short === undefined) return undefined;
  try {
    return parseSourceFile(path, short);
  } catch {
    // It could not be cut so. What the parser's plugin throws is not of one class.
    return undefined;
  }
}

function answerOf(reader: ShapeReader, path: string): RecordAnswer | undefined {
  let annotation: Annotation | undefined;
  try {
    // A schema decides alone.
    if (reader.file(path).exports.has("schema")) return undefined;
    annotation = rowOf(reader, path)?.annotation;
    if (annotation === undefined) return undefined;
    const { name, place } = nameAndPlace(reader, annotation, path);
    const fields = reader.row(annotation);
    return { kind: "used", type: { name, place, fields, named: reader.named }, files: reader.files };
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    const { name, place } = annotation === undefined ? { name: "", place: "" } : nameAndPlace(reader, annotation, path);
    return { kind: "unused", name, place, why: error.message, files: reader.files };
  }
}

/**
 * Where the function of a transform takes its row, and may say what that is; undefined where its source does not show it,
 * or `Transform` says what the function is.
 */
export function readRowParameter(path: string): RowParameter | undefined {
  const reader = new ShapeReader();
  try {
    const found = rowOf(reader, path);
    return found?.isTold === true ? undefined : found?.parameter;
  } catch (error) {
    if (error instanceof Unusable) return undefined;
    throw error;
  }
}

function rowOf(reader: ShapeReader, path: string): ReturnType<typeof findRow> {
  return findRow(reader.file(path), reader);
}

/** What a type is called, and where it is declared; of one without a name, where it stands. */
function nameAndPlace(
  reader: ShapeReader,
  { node, file, isList }: Annotation,
  path: string,
): { name: string; place: string } {
  const type = isList && node.type === "TSArrayType" ? (part(node, "elementType") ?? node) : node;
  const text = file.text.slice(type.start, type.end).replaceAll(/\s+/g, " ");
  const isNamed = type.type === "TSTypeReference" || type.type.endsWith("Keyword");
  const declared = isNamed ? declarationOf(reader, type, file) : undefined;
  const place = declared ?? { node: type, file };
  return {
    name: isNamed ? text : "",
    place: `${relative(dirname(path), place.file.path)}:${place.node.loc.start.line}`,
  };
}

function declarationOf(
  reader: ShapeReader,
  type: TsNode,
  file: SourceFile,
): { node: TsNode; file: SourceFile } | undefined {
  const name = nameOf(part(type, "typeName"));
  try {
    return name === undefined ? undefined : reader.follow(file, name);
  } catch (error) {
    if (error instanceof Unusable) return undefined;
    throw error;
  }
}
