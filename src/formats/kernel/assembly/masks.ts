// What the loops of the kernel share: the result words, and masks of 64 bytes with one bit a byte.

// Result words (u32) at address 0.
export const END: usize = 0; // behind the last whole row
export const ROWS: usize = 4; // rows up to END
export const LINES: usize = 8; // line feeds up to END
export const BAD: usize = 12; // 1: the row that starts at END breaks the quoting rules
export const ASCII: usize = 16; // 1: no byte over 0x7f up to END
export const INK: usize = 20; // 1: behind END something other than white space was met
export const RETURNS: usize = 24; // CR outside of quotes that no line feed follows
export const DECIMALS: usize = 36; // the most decimals of a number that was read
export const COPYABLE: usize = 32; // JSONL: rows that may be copied, whoever looks at the wanted values
export const BLANKS: usize = 40; // CSV: lines up to END with nothing on them, which are no rows
export const CERTAIN: usize = 44; // JSONL: rows whose wanted values are certain
export const TEXTS: usize = 48; // JSONL: texts in the table of texts
export const SEEN: usize = 52; // JSONL: 1 where a row has the key that was looked at
export const TEXT: usize = 28; // 1: a value of JSON has to be cut from the text

// What stands for "no quotes" where the byte of a quote is wanted: no quote of a dialect, which is ASCII. In input that
// is no UTF-8 the byte does occur, and means nothing.
export const NO_QUOTE: u8 = 0xff;

@inline
export function gather(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>(<u32>i8x16.bitmask(a)) |
    (<u64>(<u32>i8x16.bitmask(b)) << 16) |
    (<u64>(<u32>i8x16.bitmask(c)) << 32) |
    (<u64>(<u32>i8x16.bitmask(d)) << 48)
  );
}

@inline
export function equal(at: usize, x: v128): u64 {
  return gather(
    i8x16.eq(v128.load(at), x),
    i8x16.eq(v128.load(at, 16), x),
    i8x16.eq(v128.load(at, 32), x),
    i8x16.eq(v128.load(at, 48), x),
  );
}

/** Whether one of the 64 bytes is one of the two. */
@inline
export function holdsEither(at: usize, x: v128, y: v128): bool {
  const a = v128.load(at);
  const b = v128.load(at, 16);
  const c = v128.load(at, 32);
  const d = v128.load(at, 48);
  return v128.any_true(
    v128.or(
      v128.or(v128.or(i8x16.eq(a, x), i8x16.eq(a, y)), v128.or(i8x16.eq(b, x), i8x16.eq(b, y))),
      v128.or(v128.or(i8x16.eq(c, x), i8x16.eq(c, y)), v128.or(i8x16.eq(d, x), i8x16.eq(d, y))),
    ),
  );
}

@inline
export function highBits(at: usize): u64 {
  return gather(v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48));
}

@inline
export function continuation(at: usize): u64 {
  const top = i8x16.splat(<i8>0xc0);
  const ten = i8x16.splat(<i8>0x80);
  return gather(
    i8x16.eq(v128.and(v128.load(at), top), ten),
    i8x16.eq(v128.and(v128.load(at, 16), top), ten),
    i8x16.eq(v128.and(v128.load(at, 32), top), ten),
    i8x16.eq(v128.and(v128.load(at, 48), top), ten),
  );
}

@inline
export function atLeast(at: usize, x: v128): u64 {
  return gather(
    i8x16.ge_u(v128.load(at), x),
    i8x16.ge_u(v128.load(at, 16), x),
    i8x16.ge_u(v128.load(at, 32), x),
    i8x16.ge_u(v128.load(at, 48), x),
  );
}

@inline
export function prefixXor(mask: u64): u64 {
  let x = mask;
  x ^= x << 1;
  x ^= x << 2;
  x ^= x << 4;
  x ^= x << 8;
  x ^= x << 16;
  x ^= x << 32;
  return x;
}

@inline
export function validBits(left: usize): u64 {
  return left >= 64 ? ~(<u64>0) : ((<u64>1) << left) - 1;
}

@inline
export function below(bit: u64): u64 {
  return ((<u64>1) << bit) - 1;
}

// The lowest `count` set bits gone but the last of them: the position of the count-th set bit.
@inline
export function nthBit(mask: u64, count: u32): u64 {
  let m = mask;
  for (let i: u32 = 1; i < count; i++) m &= m - 1;
  return ctz(m);
}
