class Item {
  #id: string;
  constructor(id: string) {
    this.#id = id;
  }
  toJSON() {
    return { id: this.#id, kind: "item" };
  }
}
export default (r: any) => new Item(r.id);
