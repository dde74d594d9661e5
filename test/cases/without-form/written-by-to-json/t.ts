class Money {
  #cents = 150;
  toJSON() {
    return { amount: this.#cents / 100 };
  }
}
export default (r: any) => ({
  id: r.id,
  url: new URL("http://a.example/b"),
  day: Temporal.PlainDate.from("2024-02-29"),
  date: new Date(0),
  money: new Money(),
  list: [new Money(), new Date(0)],
  bytes: new Uint8Array([1, 2]),
  buffer: Buffer.from("a"),
  boxed: new Number(5),
  nothing: { toJSON: () => null },
});
