/**
 * The package that a workbook is: parts in a zip archive, each XML, that refer to each other by relationships. Which part
 * is what is said by these, and by no name.
 */
import { closeSync } from "node:fs";
import { RowmillError } from "../../errors.ts";
import { openFile } from "../../io/files.ts";
import { type PieceReader } from "../../io/piece-reader.ts";
import { TranscodingReader } from "../../io/transcoding-reader.ts";
import { Directories, openMember } from "../../io/zip/member-input.ts";
import { CLOSE, END, MORE, OPEN, type Token, XmlScanner, damaged } from "./xml-scanner.ts";

/** A relationship: what the part is that it leads to, by the last word of its type. */
export interface Relationship {
  id: string;
  kind: string;
  /** The name of the part in the archive. */
  part: string;
}

/** The relationships of the package as a whole. */
const ROOT = "";

export class Package {
  /** As messages call it. */
  readonly name: string;
  readonly #directories = new Directories();
  /** By their names in lower case: parts are called so whatever their letters are. */
  readonly #parts: ReadonlyMap<string, string>;

  private constructor(name: string, parts: readonly string[]) {
    this.name = name;
    this.#parts = new Map(parts.map((part) => [part.replace(/^\//, "").toLowerCase(), part]));
  }

  /** @throws {RowmillError} `input`, when it is no archive. */
  static async open(name: string): Promise<Package> {
    const fd = await openFile(name);
    try {
      const directory = await new Directories().of(fd, name);
      return new Package(name, [...directory.keys()]);
    } finally {
      closeSync(fd);
    }
  }

  has(part: string): boolean {
    return this.#parts.has(part.toLowerCase());
  }

  /** A part that is read from its start. @throws {RowmillError} `input`, when it is not there. */
  async part(part: string): Promise<Part> {
    const member = this.#parts.get(part.toLowerCase());
    if (member === undefined) throw this.damaged(`it has no part ${part}`);
    const opened = await openMember({ archive: this.name, member }, this.#directories);
    return new Part(opened.stream(), { name: `${this.name}#${member}`, close: () => opened.close() });
  }

  /** What a part refers to. */
  async relationships(of: string = ROOT): Promise<Relationship[]> {
    const folder = of.slice(0, of.lastIndexOf("/") + 1);
    const rels = `${folder}_rels/${of.slice(folder.length)}.rels`;
    const found: Relationship[] = [];
    if (!this.has(rels)) return found;
    await this.eachTag(rels, (tag) => {
      const [id, type, target] = [tag.value("Id"), tag.value("Type"), tag.value("Target")];
      if (tag.longName !== "Relationship" || target === undefined || tag.value("TargetMode") === "External") return;
      found.push({ id: id ?? "", kind: type?.split("/").at(-1) ?? "", part: resolvedPart(folder, target) });
    });
    return found;
  }

  /** Calls for each tag that a part opens; and for what it closes, where that is wanted. */
  async eachTag(
    part: string,
    open: (tag: XmlScanner) => void,
    close: (tag: XmlScanner) => void = () => {},
  ): Promise<void> {
    const opened = await this.part(part);
    try {
      for (;;) {
        const token = await opened.next();
        if (token === END) return;
        if (token === OPEN) open(opened.scanner);
        else if (token === CLOSE) close(opened.scanner);
      }
    } catch (error) {
      throw this.inPart(part, error);
    } finally {
      opened.close();
    }
  }

  /** An error with the name of the part in which something is wrong. */
  inPart(part: string, error: unknown): unknown {
    if (!(error instanceof RowmillError) || error.code !== "input" || error.message.startsWith("cannot read "))
      return error;
    return this.damaged(`in its part ${part} ${error.message}`, error);
  }

  damaged(why: string, cause?: unknown): RowmillError {
    const { hint = "" } = damaged(why);
    return new RowmillError("input", `cannot read ${this.name}: ${why}`, { hint, cause });
  }
}

/** The name of a part by what refers to it: from the root of the archive, or from the folder of the part that says it. */
function resolvedPart(folder: string, target: string): string {
  const path = target.replaceAll("\\", "/");
  const names: string[] = [];
  for (const name of (path.startsWith("/") ? path : folder + path).split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names.join("/");
}

/** So much of a part tells its encoding. */
const DECLARATION = /^<\?xml\s[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/;
const DECLARATION_BYTES = 256;
const UTF8_MARK = Buffer.from("\uFEFF");

/** A part that is open. */
export class Part {
  readonly scanner: XmlScanner = new XmlScanner();
  readonly #name: string;
  #bytes: PieceReader;
  #isBegun = false;
  #hasPiece = false;
  readonly close: () => void;

  constructor(bytes: PieceReader, { name, close }: { name: string; close: () => void }) {
    this.#bytes = bytes;
    this.#name = name;
    this.close = close;
  }

  /** The next token, when it has come; never `MORE`. */
  async next(): Promise<Token> {
    for (;;) {
      const token = this.scanner.next();
      if (token !== MORE) return token;
      await this.more();
    }
  }

  /** Brings more bytes. */
  async more(): Promise<void> {
    if (!this.#isBegun) await this.#begin();
    if (this.#hasPiece) this.#bytes.take();
    const piece = await this.#bytes.peek();
    this.#hasPiece = true;
    if (piece.length === 0) this.scanner.finish();
    else this.scanner.feed(piece);
  }

  /** Has other encodings made into UTF-8. */
  async #begin(): Promise<void> {
    this.#isBegun = true;
    const piece = await this.#bytes.peek();
    const encoding = encodingOf(piece);
    if (encoding === undefined) {
      const hasMark = Buffer.compare(piece.subarray(0, UTF8_MARK.length), UTF8_MARK) === 0;
      if (!hasMark) return;
      this.scanner.feed(piece.subarray(UTF8_MARK.length));
      this.#hasPiece = true;
      return;
    }
    const first = piece.slice();
    this.#bytes.take();
    const input = { name: this.#name, source: this.#bytes, first, onBytes: () => {} };
    try {
      this.#bytes = new TranscodingReader(input, { encoding, errors: "replace" });
    } catch {
      throw damaged(`it is in an encoding that is not known: ${encoding}`);
    }
  }
}

/** The encoding of a document, where it is not UTF-8. */
function encodingOf(bytes: Uint8Array): string | undefined {
  const [first = 0, second = 0] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first === 0x3c && second === 0) return "utf-16le";
  if (first === 0 && second === 0x3c) return "utf-16be";
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, DECLARATION_BYTES));
  const name = DECLARATION.exec(start.toString("latin1"))?.[1]?.toLowerCase();
  return name === undefined || /^(?:utf-?8|us-ascii|ascii)$/.test(name) ? undefined : name;
}
