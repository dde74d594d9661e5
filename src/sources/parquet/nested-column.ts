/** A nested column in a row group: puts the values of its leaves together to JSON, row by row. */
import { decodeVariantColumn } from "hyparquet/src/variant.js";
import { textField } from "../csv-text.ts";
import type { Leaf, Node } from "./columns.ts";
import { Damage } from "./damage.ts";
import { FIELD_BYTES, type RowFields } from "./flat-column.ts";
import type { Kernel } from "./kernel.ts";
import type { LeafValues } from "./leaf-values.ts";
import { writeFields } from "./plain-fields.ts";

/** Rows are put together in portions of so many characters. */
const PORTION_CHARACTERS = 4 * 1024 * 1024;

export class NestedColumn implements RowFields {
  readonly #kernel: Kernel;
  readonly #node: Node;
  readonly #leaves: ReadonlyMap<Leaf, LeafValues>;
  readonly #table: number;
  readonly #most: number;
  readonly #more: number[] = [];
  /** Texts of the next rows. */
  #texts: (string | undefined)[] = [];
  #hasBegun = false;

  constructor(kernel: Kernel, node: Node, { leaves, most }: { leaves: ReadonlyMap<Leaf, LeafValues>; most: number }) {
    this.#kernel = kernel;
    this.#node = node;
    this.#leaves = leaves;
    this.#most = most;
    this.#table = kernel.allocate(most * FIELD_BYTES);
  }

  available(): number {
    if (!this.#hasBegun) for (const leaf of this.#leaves.values()) leaf.advance();
    this.#hasBegun = true;
    let characters = this.#texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
    while (this.#texts.length < this.#most && characters < PORTION_CHARACTERS && this.#lead.repetition >= 0) {
      const text = this.#row();
      this.#texts.push(text);
      characters += text?.length ?? 0;
    }
    if (this.#texts.length === 0) throw new Damage("values are missing at its end");
    return this.#texts.length;
  }

  take(count: number): number {
    for (const block of this.#more.splice(0)) this.#kernel.release(block);
    const texts = this.#texts.splice(0, count).map((text) => text && textField(text));
    const size = texts.reduce((sum, text) => sum + (text === undefined ? 0 : Buffer.byteLength(text)), 0);
    writeFields(this.#kernel, { texts, size, table: this.#table, more: this.#more });
    return this.#table;
  }

  release(): void {
    for (const block of [this.#table, ...this.#more]) this.#kernel.release(block);
    for (const leaf of this.#leaves.values()) leaf.release();
  }

  get #lead(): LeafValues {
    return this.#leadOf(this.#node);
  }

  /** The next row; undefined where it is null. */
  #row(): string | undefined {
    for (const leaf of this.#leaves.values()) {
      if (leaf.repetition !== 0) throw new Damage("its parts have not the same rows");
    }
    const node = this.#node;
    if (node.repetition === undefined && this.#lead.definition < node.definition) {
      this.#pass(node);
      return undefined;
    }
    return this.#json(node);
  }

  /** What stands at this place: one value, or a list of them. */
  #json(node: Node): string {
    return node.repetition === undefined ? this.#one(node) : `[${this.#all(node).join()}]`;
  }

  /** The values of a node that repeats. */
  #all(node: Node): string[] {
    const lead = this.#leadOf(node);
    if (lead.definition < node.definition) {
      this.#pass(node);
      return [];
    }
    const values: string[] = [];
    do values.push(this.#value(node));
    while (lead.repetition === node.repetition);
    return values;
  }

  #one(node: Node): string {
    if (this.#leadOf(node).definition >= node.definition) return this.#value(node);
    this.#pass(node);
    return "null";
  }

  /** A value that is there. */
  #value(node: Node): string {
    if (node.leaf !== undefined) {
      const leaf = this.#next(node.leaf);
      const json = leaf.json();
      leaf.advance();
      return json;
    }
    const { children, shape } = node;
    const [only] = children;
    if (shape === "variant") return this.#variant(children);
    if (only !== undefined && shape === "element") return this.#one(only);
    if (only !== undefined && shape === "list") return this.#json(only);
    if (only?.leaf === undefined && only !== undefined && shape === "map") return `{${this.#pairs(only).join()}}`;
    return `{${children.map((child) => `${JSON.stringify(child.name)}:${this.#json(child)}`).join()}}`;
  }

  /** Keys with their values; a key that is no text is written as one. */
  #pairs(node: Exclude<Node, { leaf: Leaf }>): string[] {
    const lead = this.#leadOf(node);
    const [key, value] = node.children;
    if (lead.definition < node.definition || key === undefined || value === undefined) {
      this.#pass(node);
      return [];
    }
    const pairs: string[] = [];
    do {
      const name = this.#json(key);
      pairs.push(`${name.startsWith('"') ? name : JSON.stringify(name)}:${this.#json(value)}`);
    } while (lead.repetition === node.repetition);
    return pairs;
  }

  #variant(children: readonly Node[]): string {
    const parts = new Map(children.map((child) => [child.name, child]));
    const [metadata, value] = [parts.get("metadata")?.leaf, parts.get("value")?.leaf];
    if (metadata === undefined || value === undefined || children.length !== 2)
      throw new Damage("it is a variant whose values are spread over columns, which is not read");
    const [of, held] = [this.#next(metadata), this.#next(value)];
    const isNull = held.definition < value.definition;
    const bytes = { metadata: bytesOf(of.raw()), value: isNull ? undefined : bytesOf(held.raw()) };
    of.advance();
    held.advance();
    const decoded: unknown = isNull ? null : decodeVariantColumn(bytes);
    return JSON.stringify(decoded ?? null, (_, part: unknown) =>
      typeof part === "bigint" ? JSON.rawJSON(String(part)) : part instanceof Uint8Array ? part.toBase64() : part,
    );
  }

  /** Passes over what is not there: each of its leaves says so once. */
  #pass(node: Node): void {
    if (node.leaf !== undefined) this.#next(node.leaf).advance();
    else for (const child of node.children) this.#pass(child);
  }

  #leadOf(node: Node): LeafValues {
    let first: Node | undefined = node;
    while (first !== undefined && first.leaf === undefined) [first] = first.children;
    if (first?.leaf === undefined) throw new Damage("a group of it holds nothing");
    return this.#of(first.leaf);
  }

  #of(leaf: Leaf): LeafValues {
    const values = this.#leaves.get(leaf);
    if (values === undefined) throw new Damage("a part of it is missing");
    return values;
  }

  /** A leaf with a value, or null, that is still to come. */
  #next(leaf: Leaf): LeafValues {
    const values = this.#of(leaf);
    if (values.repetition < 0) throw new Damage("values are missing at its end");
    return values;
  }
}

/** A copy, as what is decoded may be remembered by its place. */
function bytesOf(raw: unknown): Uint8Array {
  if (raw instanceof Uint8Array) return raw.slice();
  throw new Damage("a variant is no bytes");
}
