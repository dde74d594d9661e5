// The different values of a column, and the numbers of each row's.

import { isNull, lengthOf, startOf } from "./fields";

/** More different values than were allowed. */
const TOO_MANY: u32 = u32.MAX_VALUE;

@inline
function mixed(value: u64): u64 {
  const once = value * 0x9e3779b97f4a7c15;
  return once ^ (once >> 32);
}

/**
 * Finds the different ones of so many numbers of 64 bits: puts them at `dictionary`, and the number of each at `indices`. The
 * table of hashes, of words, is empty, and has `mask` + 1 of them. Returns how many there are.
 */
export function dictionaryOfNumbers(
  values: usize, count: u32, hashes: usize, mask: u32, most: u32, dictionary: usize, indices: usize,
): u32 {
  let size: u32 = 0;
  for (const end = values + (<usize>count << 3); values < end; values += 8, indices += 4) {
    const value = load<u64>(values);
    let slot = <u32>mixed(value) & mask;
    for (;;) {
      const place = hashes + (<usize>slot << 2);
      const known = load<u32>(place);
      if (known == 0) {
        if (size == most) return TOO_MANY;
        store<u64>(dictionary + (<usize>size << 3), value);
        store<u32>(place, ++size);
        store<u32>(indices, size - 1);
        break;
      }
      if (load<u64>(dictionary + (<usize>(known - 1) << 3)) == value) {
        store<u32>(indices, known - 1);
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
  return size;
}

/** The same of the texts of fields: the dictionary are the numbers of the rows that have each first. */
export function dictionaryOfTexts(
  table: usize, rows: u32, asText: bool, hashes: usize, mask: u32, most: u32, dictionary: usize, indices: usize,
): u32 {
  let size: u32 = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const field = table + (<usize>row << 3);
    if (isNull(field, asText)) continue;
    const at = startOf(field);
    const length = lengthOf(field);
    let slot = hashOf(at, length) & mask;
    for (;;) {
      const place = hashes + (<usize>slot << 2);
      const known = load<u32>(place);
      if (known == 0) {
        if (size == most) return TOO_MANY;
        store<u32>(dictionary + (<usize>size << 2), row);
        store<u32>(place, ++size);
        store<u32>(indices, size - 1);
        break;
      }
      const other = table + (<usize>load<u32>(dictionary + (<usize>(known - 1) << 2)) << 3);
      if (lengthOf(other) == length && memory.compare(startOf(other), at, length) == 0) {
        store<u32>(indices, known - 1);
        break;
      }
      slot = (slot + 1) & mask;
    }
    indices += 4;
  }
  return size;
}

function hashOf(at: usize, length: usize): u32 {
  let hash: u64 = <u64>length;
  for (; length >= 8; length -= 8, at += 8) hash = mixed(hash ^ load<u64>(at));
  if (length > 0) hash = mixed(hash ^ (load<u64>(at) & (((<u64>1) << (<u64>length << 3)) - 1)));
  return <u32>hash;
}
