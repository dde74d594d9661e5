/** Makes a value when it is first wanted: tables and patterns that most runs never look at cost their start nothing. */
export function once<Made>(make: () => Made): () => Made {
  let made: { value: Made } | undefined;
  return () => (made ??= { value: make() }).value;
}
