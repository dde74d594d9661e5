// Rows that are folded into groups: which group each belongs to, how many rows a group has, and what the numbers of a
// column come to. What is kept of a group stands in lists by the number of the group.

import { powerOfTen } from "./json-decimals";

/** A row whose group is not known, and a text that has no number. */
const NONE: i32 = -1;
/** Whole doubles up to here are exact, and so are their sums. */
const MAX_WHOLE: f64 = 9007199254740991;

/**
 * Writes at `groups` the group of each row from number `row` on, by the number of its text, which stands at `ids`; `known`
 * has the groups by these numbers. Returns the first row whose group is not known, or `rows`.
 */
export function groupsOfIds(ids: usize, rows: u32, row: u32, known: usize, groups: usize): u32 {
  for (; row < rows; row++) {
    const id = load<i32>(ids + (<usize>row << 2));
    if (id == NONE) return row;
    const group = load<i32>(known + (<usize>id << 2));
    if (group == NONE) return row;
    store<i32>(groups + (<usize>row << 2), group);
  }
  return rows;
}

/** Adds the rows of each group to its count, a double at `counts`. */
export function countGroups(groups: usize, rows: u32, counts: usize): void {
  for (const end = groups + (<usize>rows << 2); groups < end; groups += 4) {
    const at = counts + (<usize>load<u32>(groups) << 3);
    store<f64>(at, load<f64>(at) + 1);
  }
}

/**
 * Adds the numbers of rows, digits at `digits` and how many of them are decimals at `scales`, to what is kept of their
 * groups: how many numbers, at `counts`; the sums of those with no decimals, with one, … up to `width`, at `sums`; the least
 * and the greatest, at `least` and `greatest`, which mean nothing for a group without numbers. Lists whose address is 0 are
 * not kept. A row whose number is NaN has none. Returns the first row whose number makes a sum too large, or `rows`.
 */
export function foldDecimals(
  groups: usize, rows: u32, digits: usize, scales: usize,
  counts: usize, sums: usize, width: u32, least: usize, greatest: usize,
): u32 {
  for (let row: u32 = 0; row < rows; row++) {
    const whole = load<f64>(digits + (<usize>row << 3));
    if (whole != whole) continue;
    const group = load<u32>(groups + (<usize>row << 2));
    const scale = <u32>load<u8>(scales + <usize>row);
    if (sums != 0) {
      const at = sums + (<usize>(group * width + scale) << 3);
      const sum = load<f64>(at) + whole;
      if (abs<f64>(sum) > MAX_WHOLE) return row;
      store<f64>(at, sum);
    }
    const place = <usize>group << 3;
    const count = load<f64>(counts + place);
    store<f64>(counts + place, count + 1);
    if (least != 0) {
      // Both are exact: the quotient is the double nearest to the number.
      const number = scale == 0 ? whole : whole / powerOfTen(scale);
      if (count == 0) {
        store<f64>(least + place, number);
        store<f64>(greatest + place, number);
      } else if (number < load<f64>(least + place)) store<f64>(least + place, number);
      else if (number > load<f64>(greatest + place)) store<f64>(greatest + place, number);
    }
  }
  return rows;
}
