// Keeps its core busy for 500 ms a row.
export default ({ id }: { id: string }): object => {
  const end = performance.now() + 500;
  while (performance.now() < end);
  return { id };
};
