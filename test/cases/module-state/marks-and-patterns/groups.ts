const groups: any = {};
export default ({ id, n }: any) => {
  (groups[id] ??= []).push(n);
  return { id, so: groups[id].length };
};
