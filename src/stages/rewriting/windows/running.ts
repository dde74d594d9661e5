/** Windows of which each row has its fields at once: `--lag`, `--cumsum` and their like. */
import type { MakeStage } from "../../stage.ts";
import type { FoundNumber } from "../../grouping/row-fields.ts";
import { checkNumber, compareNumbers, numberIn } from "../values.ts";
import { RunningSum } from "./running-sum.ts";
import { runningWindow } from "./window.ts";

/** `--lag price:2`: the value of the row that is so many rows before. */
export const lag: MakeStage = runningWindow({
  name: "lag",
  group: (_, rows = 1) => {
    const last: unknown[] = [];
    let at = 0;
    return (value) => {
      const before = last[at];
      last[at] = value;
      at = (at + 1) % rows;
      return before ?? null;
    };
  },
});

/** `--cumsum amount`: the sum of all rows up to this one. */
export const cumsum: MakeStage = runningWindow({
  name: "cumsum",
  check: checkNumber,
  group: (column) => {
    const sum = new RunningSum();
    let isEmpty = true;
    return (value) => {
      const number = numberIn(value, column);
      if (number !== undefined) {
        sum.add(number);
        isEmpty = false;
      }
      return isEmpty ? null : sum.sum;
    };
  },
});

/** `--cummean amount`: their mean. */
export const cummean: MakeStage = runningWindow({
  name: "cummean",
  check: checkNumber,
  group: (column) => {
    const sum = new RunningSum();
    let count = 0;
    return (value) => {
      const number = numberIn(value, column);
      if (number !== undefined) {
        sum.add(number);
        count++;
      }
      return count === 0 ? null : sum.mean(count);
    };
  },
});

/** `--cummin amount`: the least of them, as it is written. */
export const cummin: MakeStage = runningWindow({
  name: "cummin",
  check: checkNumber,
  group: (column) => extreme(column, (number, best) => compareNumbers(number, best) < 0),
});

/** `--cummax amount`: the greatest of them. */
export const cummax: MakeStage = runningWindow({
  name: "cummax",
  check: checkNumber,
  group: (column) => extreme(column, (number, best) => compareNumbers(number, best) > 0),
});

/** Of equal ones the first stays. */
function extreme(
  column: string,
  isBetter: (number: FoundNumber, best: FoundNumber) => boolean,
): (value: unknown) => unknown {
  let best: { number: FoundNumber; value: unknown } | undefined;
  return (value) => {
    const number = numberIn(value, column);
    if (number !== undefined && (best === undefined || isBetter(number, best.number))) best = { number, value };
    return best === undefined ? null : best.value;
  };
}

/** `--cumcount`: how many rows there are up to this one. */
export const cumcount: MakeStage = runningWindow({
  name: "cumcount",
  group: () => {
    let count = 0;
    return () => ++count;
  },
});

/** `--moving-mean amount:7`: the mean of so many rows up to this one, as far as they are there and not empty. */
export const movingMean: MakeStage = runningWindow({
  name: "moving-mean",
  check: checkNumber,
  group: (column, rows = 1) => {
    const sum = new RunningSum();
    const last: (FoundNumber | undefined)[] = [];
    let at = 0;
    let count = 0;
    return (value) => {
      const number = numberIn(value, column);
      const gone = last[at];
      if (gone !== undefined) {
        sum.subtract(gone);
        count--;
      }
      if (number !== undefined) {
        sum.add(number);
        count++;
      }
      last[at] = number;
      at = (at + 1) % rows;
      return count === 0 ? null : sum.mean(count);
    };
  },
});
