/** `Number` as the user's code has it in a run does what the runtime's own does. */
import { expect, test } from "bun:test";
import { quickenNumber } from "../../src/code/quick-number.ts";

const own = Number;
const described = (value: object): object => Object.getOwnPropertyDescriptors(value);
const before = { global: Object.getOwnPropertyDescriptor(globalThis, "Number"), own: described(own) };

/** What a call gives or throws. */
function answer(call: () => unknown): unknown {
  try {
    const value = call();
    return [
      typeof value,
      typeof value === "object" ? Object.prototype.toString.call(value) : "",
      String(value),
      Object.is(value, -0),
    ];
  } catch (thrown) {
    return String(thrown);
  }
}

const VALUES: readonly unknown[] = [
  0,
  -0,
  56.5,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  2 ** 53,
  10n,
  2n ** 80n,
  "",
  " 12 ",
  "0x1f",
  "1e3",
  "12,5",
  "-",
  true,
  null,
  undefined,
  [],
  [7],
  [1, 2],
  {},
  { valueOf: () => 8.5 },
  { [Symbol.toPrimitive]: () => "9" },
  new Date(5),
  new own(3.5),
  Symbol("a"),
  () => 1,
];

test("Number in the place of the runtime's own", () => {
  const wanted = VALUES.map((value) => [answer(() => own(value)), answer(() => new own(value))]);
  quickenNumber();
  const quick = globalThis.Number;
  try {
    expect(quick).not.toBe(own);
    expect(VALUES.map((value) => [answer(() => quick(value)), answer(() => new quick(value))])).toEqual(wanted);
    expect([quick(), quick(undefined)]).toEqual([0, Number.NaN]);
    expect(["1", "2.5", ""].map(quick)).toEqual([1, 2.5, 0]);
    expect(described(quick)).toEqual(before.own);
    expect(Object.getOwnPropertyDescriptor(globalThis, "Number")).toEqual({ ...before.global, value: quick });
    expect((5).constructor).toBe(quick);
    expect([new own(1), new quick(1)].every((one) => one instanceof quick && one instanceof own)).toBe(true);
    class Kept extends quick {
      twice(): number {
        return this.valueOf() * 2;
      }
    }
    const kept = new Kept(4.5);
    expect([kept.twice(), kept instanceof Kept, Object.getPrototypeOf(Kept) === quick]).toEqual([9, true, true]);
  } finally {
    globalThis.Number = own;
    own.prototype.constructor = own;
  }
});
