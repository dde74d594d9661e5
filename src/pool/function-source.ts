/**
 * Makes a function ready to travel: its text, once it is certain that the text is all there is to it. What cannot
 * travel is refused here, before any item is read.
 */
import type { AnyNode } from "acorn";

import { inspected, messageOf } from "../errors.ts";
import { findOuterUses } from "../free-variables.ts";
import type { Calling, FunctionWire } from "./wire.ts";

/** The globals that every worker has. Taken early: workers lack what a program adds to its own. */
const GLOBALS: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(globalThis));
/** Own names of the globals of a CommonJS main module, which workers lack. */
const NOT_IN_WORKERS: ReadonlySet<string> = new Set(["require", "module", "exports", "__filename", "__dirname"]);

const BY_MODULE = `export it as the default of a module and pass new URL("./module.ts", import.meta.url) instead`;

/**
 * The wire form of a function or of a module's URL. `calling` says how it will get a value that it lacks.
 *
 * @throws {TypeError} If the function is more than its text: a closure, a method, a class, native or bound code.
 */
export async function toFunctionWire(fn: unknown, calling: Calling = "item"): Promise<FunctionWire> {
  if (fn instanceof URL) return { kind: "module", url: fn.href };
  if (typeof fn !== "function") {
    throw new TypeError(`Cannot send to workers: want a function or the URL of a module, got ${inspected(fn)}`);
  }
  const source = Function.prototype.toString.call(fn);
  const name = fn.name === "" ? "the function" : `the function ${fn.name}`;
  if (/\{\s*\[native code\]\s*\}$/.test(source)) {
    throw new TypeError(`Cannot send ${name} to workers: it is native or bound; wrap it in an arrow function`);
  }
  checkUses(await parse(source, name), name, calling);
  return { kind: "source", source };
}

async function parse(source: string, name: string): Promise<AnyNode> {
  const { parseExpressionAt } = await import("acorn");
  const options = { ecmaVersion: "latest", sourceType: "module" } as const;
  const tryParse = (text: string): AnyNode => parseExpressionAt(text, 0, options);
  let node: AnyNode;
  try {
    node = tryParse(`(${source}\n)`);
  } catch (error) {
    const reason = isMethod(source, tryParse)
      ? "it is a method, getter or setter; write it as a function"
      : `its text cannot be read by itself (${messageOf(error)})`;
    throw new TypeError(`Cannot send ${name} to workers: ${reason}`, { cause: error });
  }
  if (node.type === "ClassExpression") throw new TypeError(`Cannot send ${name} to workers: it is a class`);
  if (node.type !== "FunctionExpression" && node.type !== "ArrowFunctionExpression") {
    throw new TypeError(`Cannot send ${name} to workers: its text is no function`);
  }
  if (node.generator) throw new TypeError(`Cannot send ${name} to workers: it is a generator; return an array`);
  return node;
}

/** Whether a text is a function only inside of an object or a class. */
function isMethod(source: string, tryParse: (text: string) => AnyNode): boolean {
  return [`({${source}\n})`, `(class {${source}\n})`].some((text) => {
    try {
      tryParse(text);
      return true;
    } catch {
      // It is not this one either.
      return false;
    }
  });
}

function checkUses(node: AnyNode, name: string, calling: Calling): void {
  const uses = findOuterUses(node);
  const outer = uses.names.find((free) => !GLOBALS.has(free) || NOT_IN_WORKERS.has(free));
  if (outer !== undefined) {
    const byArgs =
      calling === "item"
        ? `pass the value in args (new Pool({ args: { ${outer} } }), then ctx.args.${outer})`
        : "pass the value as an argument";
    throw new TypeError(
      `Cannot send ${name} to workers: it uses ${outer}, which is defined outside of it; ${byArgs}, or ${BY_MODULE}`,
    );
  }
  if (uses.hasThis) throw new TypeError(`Cannot send ${name} to workers: it uses the this around it; ${BY_MODULE}`);
  if (uses.hasImportMeta) throw new TypeError(`Cannot send ${name} to workers: it uses import.meta; ${BY_MODULE}`);
  const [relative] = uses.relativeImports;
  if (relative !== undefined) {
    throw new TypeError(`Cannot send ${name} to workers: it imports ${JSON.stringify(relative)}; ${BY_MODULE}`);
  }
}
