const out: any = {};
export default (r: any) => {
  out.kind = r.kind;
  out.v = Number(r.v) || 0;
  return out;
};
