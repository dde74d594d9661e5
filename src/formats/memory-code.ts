/**
 * The code that works in memory, to be handed from thread to thread: what one of them has optimised all have. Apart from
 * memory.ts, as the entry of the process has it compiled before it loads anything else.
 */
export {
  adoptKernel as adoptCode,
  compiledKernel as compiledCode,
  startCompiling,
  whenCompiled,
} from "./kernel/code.ts";
