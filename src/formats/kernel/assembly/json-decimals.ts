// Numbers of a key, digit by digit, from the index of a block of JSONL.

import { FIELD, HEAD, INTEGER, MISSING, NULL, NUMBER } from "./json-index";
import { DECIMALS, SEEN } from "./masks";

/**
 * Reads the values of the wanted key number `key` as decimals: their digits without the point, as a whole number, at `out`,
 * NaN where a row has none; how many of them are decimals, a byte each, at `scales`. DECIMALS is the most decimals, SEEN is
 * 1 where a row has the key. Returns how many rows from the first on have such a number, null, or no such key.
 */
export function gatherObjectDecimals(
  index: usize, rows: u32, stride: u32, key: u32, out: usize, scales: usize,
): u32 {
  let most: u32 = 0;
  let isSeen: u32 = 0;
  let field = index + HEAD + <usize>key * FIELD;
  let done: u32 = 0;
  for (; done < rows; done++) {
    const kind = load<u32>(field);
    let digits: f64 = NaN;
    let decimals: u32 = 0;
    if (kind == INTEGER) digits = <f64>load<i32>(field, 8);
    else if (kind == NUMBER) {
      decimals = load<u32>(field, 4);
      if (decimals > most) most = decimals;
      // The double nearest to so few digits with their point: times the power of ten it is less than a half beside them.
      digits = nearest<f64>(load<f64>(field, 8) * powerOfTen(decimals));
    } else if (kind != MISSING && kind != NULL) break;
    if (kind != MISSING) isSeen = 1;
    store<f64>(out, digits);
    store<u8>(scales++, <u8>decimals);
    out += 8;
    field += stride;
  }
  store<u32>(DECIMALS, most);
  store<u32>(SEEN, isSeen);
  return done;
}

@inline
export function powerOfTen(exponent: u32): f64 {
  let power: f64 = 1;
  for (; exponent > 0; exponent--) power *= 10;
  return power;
}
