class Counter {
  #n = 0;
  next() {
    return this.#n++;
  }
}
const counter = new Counter();
export default (row: any) => ({ ...row, at: counter.next() });
