/** Windows of which each row has its fields at once: `--lag`, `--cumsum` and their like. */
import type { MakeStage } from "../../stage.ts";
import { checkNumber, numberIn } from "../values.ts";
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
