// Bytes from one place to another.

/** Copies 16 bytes at a time: up to 15 bytes behind `to + length` are overwritten. Returns the address behind. */
@inline
export function copy(to: usize, from: usize, length: usize): usize {
  let done: usize = 0;
  do {
    v128.store(to + done, v128.load(from + done));
    done += 16;
  } while (done < length);
  return to + length;
}

/** Copies what was written `back` bytes before `to`, also where that reaches up to `to` and beyond. */
export function copyBack(to: usize, back: usize, length: usize): usize {
  if (back >= 16) return copy(to, to - back, length);
  const end = to + length;
  for (; to < end; to++) store<u8>(to, load<u8>(to - back));
  return end;
}
