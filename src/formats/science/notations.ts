/** Fields that hold several values: INFO and samples of VCF, attributes of GFF and GTF. */
import { type Notation, numberOf } from "../values/field-object.ts";

/** What meta lines of VCF say of a key: whether it has a list, and what its values are. */
interface Declared {
  isList: boolean;
  type: "number" | "text" | "flag";
}
/** By key; those of INFO, and those of FORMAT. */
export interface DeclaredKeys {
  INFO: Readonly<Record<string, Declared>>;
  FORMAT: Readonly<Record<string, Declared>>;
}

const MISSING = ".";
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const META =
  /^##(?<kind>INFO|FORMAT)=<(?=.*\bID=(?<id>[^,>]+))(?=.*\bNumber=(?<number>[^,>]+))(?=.*\bType=(?<type>\w+))/gm;

/** What the lines before the rows say of keys. */
export function declaredKeys(head: string): DeclaredKeys {
  const found: { INFO: Record<string, Declared>; FORMAT: Record<string, Declared> } = { INFO: {}, FORMAT: {} };
  for (const { groups = {} } of head.matchAll(META)) {
    const { kind, id = "", number = "", type = "" } = groups;
    const isNumber = type === "Integer" || type === "Float";
    const declared: Declared = {
      isList: number !== "1" && number !== "0",
      type: type === "Flag" ? "flag" : isNumber ? "number" : "text",
    };
    found[kind === "INFO" ? "INFO" : "FORMAT"][id] = declared;
  }
  return found;
}

type MakeNumber = (text: string) => unknown;

/** A value of VCF: of a key of which nothing is said, what it looks like. */
function readValue(text: string, declared: Declared | undefined, number: MakeNumber): unknown {
  const isText = declared?.type === "text";
  // Numbers of which one is declared, and several are there, are several.
  const isList = declared?.isList === true || (!isText && text.includes(","));
  if (!isList) return readItem(text, isText, number);
  return text.split(",").map((item) => readItem(item, isText, number));
}

function readItem(item: string, isText: boolean, number: MakeNumber): unknown {
  if (item === MISSING) return null;
  return !isText && isNumeral(item) ? number(item) : item;
}

/** Most texts that are no number show it by their first character. */
function isNumeral(text: string): boolean {
  const first = text.charCodeAt(0);
  return ((first >= 0x30 && first <= 0x39) || first === 0x2d) && JSON_NUMBER.test(text);
}

function writeValue(value: unknown, escaped: (text: string) => string): string {
  if (value === null || value === undefined) return MISSING;
  if (Array.isArray(value)) return value.map((item) => writeValue(item, escaped).replaceAll(",", "%2C")).join(",");
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return escaped(String(value));
  throw new TypeError(`a ${typeof value} in a field has no form in this format`);
}

function percentEncoded(characters: RegExp): (text: string) => string {
  return (text) =>
    text.replace(characters, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}

const infoEscaped = percentEncoded(/[;\t\r\n]/g);
const sampleEscaped = percentEncoded(/[:\t\r\n]/g);
const gffEscaped = percentEncoded(/[;=&,%\0-\x1f\x7f]/g);

const GENOTYPE: Declared = { isList: false, type: "text" };

function setField(fields: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") Object.defineProperty(fields, name, { value, enumerable: true });
  else fields[name] = value;
}

/** `DP=10;AF=0.5,0.1;DB`: a key alone is true. */
export function infoNotation(declared: DeclaredKeys["INFO"]): Notation {
  return {
    read(text, number) {
      const found: Record<string, unknown> = {};
      if (text === MISSING) return found;
      for (let at = 0; at < text.length;) {
        const mark = text.indexOf(";", at);
        const end = mark < 0 ? text.length : mark;
        const equals = text.indexOf("=", at);
        const isFlag = equals < 0 || equals > end;
        const key = text.slice(at, isFlag ? end : equals);
        if (key !== "" || !isFlag)
          setField(found, key, isFlag || readValue(text.slice(equals + 1, end), declared[key], number));
        at = end + 1;
      }
      return found;
    },
    write(values) {
      const parts = Object.entries(values).flatMap(([key, value]) => {
        if (value === undefined || value === false) return [];
        return [value === true ? key : `${key}=${writeValue(value, infoEscaped)}`];
      });
      return parts.join(";") || MISSING;
    },
  };
}

const EQUALS = 0x3d;

/** Of INFO the values of some keys only. */
export function readKeys(
  text: string,
  keys: readonly string[],
  declared: DeclaredKeys["INFO"],
): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  if (text === MISSING) return found;
  for (let at = 0; at < text.length;) {
    const mark = text.indexOf(";", at);
    const end = mark < 0 ? text.length : mark;
    for (const key of keys) {
      if (!text.startsWith(key, at)) continue;
      const behind = at + key.length;
      if (behind === end) found[key] = true;
      else if (text.charCodeAt(behind) === EQUALS)
        found[key] = readValue(text.slice(behind + 1, end), declared[key], numberOf);
    }
    at = end + 1;
  }
  return found;
}

/** `0/1:12:99`, by the keys of FORMAT, `GT:DP:GQ`, of which the last ones may have no value. */
export function sampleNotation(format: string, declared: DeclaredKeys["FORMAT"]): Notation {
  const keys = format === MISSING || format === "" ? [] : format.split(":");
  return {
    read(text, number) {
      const found: Record<string, unknown> = {};
      if (text === "") return found;
      const parts = text.split(":");
      for (const [at, key] of keys.entries()) {
        const part = parts[at];
        if (part === undefined) break;
        // A genotype is a text whatever it looks like.
        setField(found, key, readValue(part, key === "GT" ? GENOTYPE : declared[key], number));
      }
      return found;
    },
    write(values) {
      const given = new Map(Object.entries(values));
      const unknown = [...given.keys()].find((key) => !keys.includes(key));
      if (unknown !== undefined) throw new TypeError(`a sample has ${unknown}, which FORMAT does not name: ${format}`);
      const last = keys.findLastIndex((key) => given.get(key) !== undefined);
      const parts = keys.slice(0, last + 1).map((key) => writeValue(given.get(key), sampleEscaped));
      return parts.join(":") || MISSING;
    },
  };
}

/** Keys that have lists by the specification, with several values or one. */
const GFF_LISTS = new Set(["Parent", "Alias", "Note", "Dbxref", "Ontology_term"]);

/** `ID=x;Parent=a,b`, with `%2C` for what has a meaning of its own. */
export const gffNotation: Notation = {
  read(text) {
    if (text === MISSING) return {};
    const parts = text.split(";").filter((part) => part.trim() !== "");
    return Object.fromEntries(
      parts.map((part) => {
        const at = part.indexOf("=");
        const key = decoded(part.slice(0, at < 0 ? undefined : at).trim());
        const values =
          at < 0
            ? []
            : part
                .slice(at + 1)
                .split(",")
                .map((value) => decoded(value.trim()));
        if (at < 0) return [key, true];
        return [key, GFF_LISTS.has(key) || values.length > 1 ? values : values[0]];
      }),
    );
  },
  write(values) {
    const parts = Object.entries(values).flatMap(([key, value]) => {
      if (value === undefined || value === null || value === false) return [];
      const items = [value].flat() as unknown[];
      if (value === true) return [gffEscaped(key)];
      return [`${gffEscaped(key)}=${items.map((item) => writeValue(item, gffEscaped)).join(",")}`];
    });
    return parts.join(";") || MISSING;
  },
};

function decoded(text: string): string {
  try {
    return text.includes("%") ? decodeURIComponent(text) : text;
  } catch {
    // A percent sign that stands for itself.
    return text;
  }
}

/** That of attributes in a file that is called GFF: some have those of GTF. */
export function gffNotationOf(text: string): Notation {
  return /^\s*[^=;\s]+\s+"/.test(text) ? gtfNotation : gffNotation;
}

const GTF_PART = /(?<key>[^\s;]+)(?:\s+(?:"(?<text>(?:[^"\\]|\\.)*)"|(?<bare>[^;]*?)))?\s*(?:;|$)/g;

/** `gene_id "x"; exon_number 1;`: a key that is there twice has a list. */
export const gtfNotation: Notation = {
  read(text, number) {
    const found = new Map<string, unknown>();
    if (text === MISSING) return {};
    for (const { groups = {} } of text.matchAll(GTF_PART)) {
      const { key = "", text: quoted, bare = "" } = groups;
      const value = quoted ?? (isNumeral(bare) ? number(bare) : bare);
      const before = found.get(key);
      found.set(key, found.has(key) ? [before, value].flat() : value);
    }
    return Object.fromEntries(found);
  },
  write(values) {
    const parts = Object.entries(values).flatMap(([key, value]) =>
      value === undefined || value === null
        ? []
        : ([value].flat() as unknown[]).map((item) => `${key} ${gtfValue(item)};`),
    );
    return parts.join(" ") || MISSING;
  },
};

function gtfValue(value: unknown): string {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  const text = writeValue(value, (one) => one);
  if (/["\t\r\n]/.test(text)) throw new TypeError("an attribute of GTF cannot hold a quote, a tab or a line end");
  return `"${text}"`;
}
