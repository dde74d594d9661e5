/**
 * Makes a value when it is first asked for, so that tables and patterns that most runs never need do not slow down
 * their start.
 */
export function once<Made>(make: () => Made): () => Made {
  let made: { value: Made } | undefined;
  return () => (made ??= { value: make() }).value;
}
