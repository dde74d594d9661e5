/** The framing of formats that have nothing around their rows, beside what comes before the first. */
import type { Framing, FramingSetup } from "./format.ts";

export function plainFraming({ before: makeBefore, hasBegun }: FramingSetup): Framing {
  const before = makeBefore();
  let isBegun = hasBegun || before.length === 0;
  const begin = (): Uint8Array => {
    if (isBegun) return new Uint8Array(0);
    isBegun = true;
    return before;
  };
  return {
    get hasBegun() {
      return isBegun;
    },
    get addsNothing() {
      return isBegun;
    },
    batch: (output) => (isBegun ? output : Buffer.concat([begin(), output])),
    end: begin,
  };
}
