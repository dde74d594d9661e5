const out: any = {};
export default async function* (r: any) {
  for (const half of [1, 2]) {
    out.id = r.id;
    out.half = half;
    yield out;
  }
}
