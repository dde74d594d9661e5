let words: Map<string, string> | undefined;
export default ({ id }: any) => {
  words ??= new Map([["a", "one"]]);
  return { id, word: words.get(id) ?? "" };
};
