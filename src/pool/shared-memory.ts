/**
 * Data that all workers read, in memory that they share: a copy of it, with the bytes of every typed array, `DataView` and
 * `ArrayBuffer` in it behind a `SharedArrayBuffer`, which a structured clone does not copy.
 */

type View = Exclude<ArrayBufferView, DataView> & { readonly length: number };
type ViewConstructor = new (buffer: SharedArrayBuffer, offset: number, length: number) => ArrayBufferView;

/** The copy. Two views of one buffer are views of one buffer there. */
export function inSharedMemory(value: unknown, copies: Map<object, unknown> = new Map()): unknown {
  if (typeof value !== "object" || value === null || value instanceof SharedArrayBuffer) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  const copy = copyOf(value, copies);
  copies.set(value, copy);
  return copy;
}

function copyOf(value: object, copies: Map<object, unknown>): unknown {
  if (value instanceof ArrayBuffer) {
    const shared = new SharedArrayBuffer(value.byteLength);
    new Uint8Array(shared).set(new Uint8Array(value));
    return shared;
  }
  if (ArrayBuffer.isView(value)) return sharedView(value, copies);
  if (!isPlain(value)) return value;
  // Known before its parts are, which may refer to it.
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
  copies.set(value, copy);
  for (const [name, part] of Object.entries(value)) Reflect.set(copy, name, inSharedMemory(part, copies));
  return copy;
}

function sharedView(view: ArrayBufferView, copies: Map<object, unknown>): ArrayBufferView {
  const buffer = inSharedMemory(view.buffer, copies) as SharedArrayBuffer;
  if (view instanceof DataView) return new DataView(buffer, view.byteOffset, view.byteLength);
  // A Buffer of Node has bytes of others in its memory, and no constructor for this.
  if (view.constructor.name === "Buffer") {
    const bytes = new SharedArrayBuffer(view.byteLength);
    const own = new Uint8Array(bytes);
    own.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    return own;
  }
  return new (view.constructor as ViewConstructor)(buffer, view.byteOffset, (view as View).length);
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
