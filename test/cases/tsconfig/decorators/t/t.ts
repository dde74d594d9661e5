interface Described {
  metadata?: (name: string, value: unknown) => unknown;
}

const types: string[] = [];
(Reflect as Described).metadata = (name, value) => {
  if (name === "design:paramtypes") types.push((value as (new () => object)[]).map((one) => one.name).join());
};

function twice(_: object, __: string, method: PropertyDescriptor): void {
  const once = method.value as (x: number) => number;
  method.value = (x: number): number => once(once(x));
}

class Adder {
  @twice
  add(x: number): number {
    if (x > 5) throw new RangeError(`${x} is too much`);
    return x + 1;
  }
}

export default ({ id }: { id: string }): object => ({ id: new Adder().add(Number(id)), types: types.join() });
