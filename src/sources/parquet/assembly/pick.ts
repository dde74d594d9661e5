// Fields that a dictionary holds.

/**
 * Takes the fields of a dictionary by their numbers. Where there are levels, a byte each, only those that are `level` have
 * a number: others are null. False where a number is none of the dictionary.
 */
export function pickFields(
  indices: usize,
  count: u32,
  levels: usize,
  level: u32,
  dictionary: usize,
  size: u32,
  out: usize,
): bool {
  const end = out + ((<usize>count) << 3);
  if (levels == 0) {
    for (; out < end; out += 8, indices += 4) {
      const index = load<u32>(indices);
      if (index >= size) return false;
      store<u64>(out, load<u64>(dictionary + ((<usize>index) << 3)));
    }
    return true;
  }
  for (; out < end; out += 8, levels++) {
    let field: u64 = 0;
    if (<u32>load<u8>(levels) == level) {
      const index = load<u32>(indices);
      if (index >= size) return false;
      indices += 4;
      field = load<u64>(dictionary + ((<usize>index) << 3));
    }
    store<u64>(out, field);
  }
  return true;
}
