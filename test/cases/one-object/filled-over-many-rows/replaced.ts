// Another object takes its place now and then.
let out: Record<string, unknown> = {};
setInterval(() => {
  out = {};
}, 1).unref();
export default (row: { id: number }): object => {
  out.id = row.id;
  out.twice = row.id * 2;
  return out;
};
