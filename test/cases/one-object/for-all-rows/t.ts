const out: any = { parts: [] };
export default (r: any) => {
  out.id = r.id;
  out.w = r.v * 2;
  out.parts.length = 0;
  out.parts.push(r.id, r.v);
  return out;
};
