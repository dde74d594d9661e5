// What functions return beside their result.

/** Four words. */
const WORDS = memory.data(16);

export function results(): usize {
  return WORDS;
}

@inline
export function setResult(word: usize, value: usize): void {
  store<u32>(WORDS + (word << 2), <u32>value);
}
