const out: any = { parts: [] };
export default ({ id, n }: any) => {
  out.id = id;
  out.parts.length = 0;
  out.parts.push(n);
  return out;
};
