const cache = new Map<string, string>();
export default ({ id, n }: any) => {
  let upper = cache.get(id);
  if (upper === undefined) {
    upper = id.toUpperCase();
    cache.set(id, upper!);
  }
  return { upper, n };
};
