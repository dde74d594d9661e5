// Which of many hashes come more than once: they are put into piles by their lower bits, each as small as a cache.

/** Counts hashes by the pile in which they belong; a hash that is 0 belongs in none. */
export function countPiles(hashes: usize, count: u32, sizes: usize, piles: u32): void {
  const mask = <u64>(piles - 1);
  for (const end = hashes + (<usize>count << 3); hashes < end; hashes += 8) {
    const hash = load<u64>(hashes);
    if (hash == 0) continue;
    const to = sizes + (<usize>(hash & mask) << 2);
    store<u32>(to, load<u32>(to) + 1);
  }
}

/** Puts hashes into piles. `ends` has where each pile begins, and then where it ends. */
export function fillPiles(hashes: usize, count: u32, ends: usize, piles: u32, out: usize): void {
  const mask = <u64>(piles - 1);
  for (const end = hashes + (<usize>count << 3); hashes < end; hashes += 8) {
    const hash = load<u64>(hashes);
    if (hash == 0) continue;
    const to = ends + (<usize>(hash & mask) << 2);
    const at = load<u32>(to);
    store<u32>(to, at + 1);
    store<u64>(out + (<usize>at << 3), hash);
  }
}

/** Set in a slot whose hash has come again. */
const AGAIN: u32 = 1 << 31;

/** Writes each of the hashes that come again to `out`, once. Returns how many. `slots` has room for twice the largest pile. */
export function findEqual(hashes: usize, ends: usize, piles: u32, slots: usize, out: usize): u32 {
  const first = out;
  let start: u32 = 0;
  for (let pile: u32 = 0; pile < piles; pile++) {
    const end = load<u32>(ends + (<usize>pile << 2));
    let room: u32 = 1;
    while (room <= (end - start) * 2) room <<= 1;
    memory.fill(slots, 0, <usize>room << 2);
    const mask = room - 1;
    for (let at = start; at < end; at++) {
      const hash = load<u64>(hashes + (<usize>at << 3));
      // Those of a pile share their lower bits.
      let slot = slots + (<usize>(<u32>(hash >>> 32) & mask) << 2);
      let place = load<u32>(slot);
      while (place != 0 && load<u64>(hashes + (<usize>((place & ~AGAIN) - 1) << 3)) != hash) {
        slot = slot + 4 == slots + (<usize>room << 2) ? slots : slot + 4;
        place = load<u32>(slot);
      }
      if (place == 0) store<u32>(slot, at + 1);
      else if ((place & AGAIN) == 0) {
        store<u32>(slot, place | AGAIN);
        store<u64>(out, hash);
        out += 8;
      }
    }
    start = end;
  }
  return <u32>((out - first) >>> 3);
}
