const out: any = {};
export default (r: any) => {
  out.kind = r.kind;
  out.v = Number(r.v);
  return out;
};
export const reduce = {
  init: () => [] as string[],
  step(seen: string[], { kind, v }: any) {
    seen.push(`${kind}${v}`);
    if (Number.isNaN(v)) throw new Error("no number");
  },
  merge: (a: string[], b: string[]) => [...a, ...b],
  finish: (seen: string[]) => [{ seen }],
};
