// Memory for pages and tables, each block with its slack.

/** So many bytes behind what was asked for may be read and written. */
export const SLACK: usize = 32;

/** Traps where there is no more memory. */
export function allocate(bytes: usize): usize {
  return heap.alloc(bytes + SLACK);
}

export function release(at: usize): void {
  heap.free(at);
}
