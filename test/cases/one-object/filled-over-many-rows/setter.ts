// A field that is more than that: it counts how often it is set.
let last = 0;
const out = {
  id: 0,
  set twice(value: number) {
    if (value === last) throw new Error("set twice for one row");
    last = value;
  },
  get twice() {
    return last;
  },
};
export default (row: { id: number }): object => {
  out.id = row.id;
  out.twice = row.id * 2;
  return out;
};
