// It is of a class, and says itself what is written.
class Out {
  id = 0;
  twice = 0;
  toJSON(): object {
    return { id: this.id, twice: this.twice };
  }
}
const out = new Out();
export default (row: { id: number }): object => {
  out.id = row.id;
  out.twice = row.id * 2;
  return out;
};
