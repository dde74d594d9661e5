/** The compiled code of the kernel: of one compilation, for all threads of a process. */
import { readFileSync } from "node:fs";
import { RowmillError } from "../../errors.ts";
import wasmPath from "./kernel.wasm" with { type: "file" };

let compiled: WebAssembly.Module | undefined;
let compiling: Promise<void> | undefined;

/** Has a thread of the runtime compile it, meanwhile. What is wrong with that is said by who needs the code. */
export function startCompiling(): void {
  compiling = WebAssembly.compile(bytes()).then(adoptKernel, () => {});
}

/** Waits for what {@linkcode startCompiling} has begun, if it has. */
export async function whenCompiled(): Promise<void> {
  if (compiled === undefined) await compiling;
}

/**
 * The kernel's compiled code, to be handed to other threads: optimised once, for all of them.
 *
 * @throws {RowmillError} `processor`, on one that lacks what the runtime needs for it.
 */
export function compiledKernel(): WebAssembly.Module {
  if (compiled !== undefined) return compiled;
  const code = bytes();
  try {
    compiled = new WebAssembly.Module(code);
  } catch (error) {
    throw new RowmillError("processor", "this processor lacks AVX, without which the runtime has no SIMD for rows", {
      hint: "use a machine of 2011 or later; in a virtual machine, give it the processor of its host",
      cause: error,
    });
  }
  return compiled;
}

function bytes(): Uint8Array<ArrayBuffer> {
  return readFileSync(wasmPath);
}

/** Takes over the code that another thread has compiled. */
export function adoptKernel(module: WebAssembly.Module): void {
  compiled ??= module;
}
