// The SIMD kernel, in AssemblyScript: the loops over bytes that every run spends its time in. `bun run build`
// compiles it to kernel.wasm, which the parent (boundary scan) and each worker (index of a block) instantiate.
//
// All functions work on the exported memory and keep no state between calls: what a scan found is left in the result
// words at address 0 (see RESULT_* in kernel-host.ts), so that the same call on the same bytes gives the same answer.
// Blocks of 64 bytes are turned into one 64-bit mask a character; a prefix XOR of the quote mask tells inside from
// outside (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019, section 3.1.1).

// Result words (u32) at address 0.
const END: usize = 0; // behind the last whole row
const ROWS: usize = 4; // rows up to END
const LINES: usize = 8; // line feeds up to END
const BAD: usize = 12; // 1: the row that starts at END breaks the quoting rules
const ASCII: usize = 16; // 1: no byte over 0x7f up to END
const INK: usize = 20; // 1: behind END something other than white space was met

// Flags in an entry of the index, above the 28 bits of the position.
// Bit 31: the field ends with a closing quote.
const ROW_END: i32 = 1 << 30; // the position is that of a line feed
// Bit 29: a row end that is CR LF. Bit 28: a row end of an empty line.

// @ts-ignore: decorator
@inline
function gather(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>(<u32>i8x16.bitmask(a)) |
    (<u64>(<u32>i8x16.bitmask(b)) << 16) |
    (<u64>(<u32>i8x16.bitmask(c)) << 32) |
    (<u64>(<u32>i8x16.bitmask(d)) << 48)
  );
}

// @ts-ignore: decorator
@inline
function equal(at: usize, x: v128): u64 {
  return gather(
    i8x16.eq(v128.load(at), x),
    i8x16.eq(v128.load(at, 16), x),
    i8x16.eq(v128.load(at, 32), x),
    i8x16.eq(v128.load(at, 48), x),
  );
}

// @ts-ignore: decorator
@inline
function highBits(at: usize): u64 {
  return gather(v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48));
}

// @ts-ignore: decorator
@inline
function continuation(at: usize): u64 {
  const top = i8x16.splat(<i8>0xc0);
  const ten = i8x16.splat(<i8>0x80);
  return gather(
    i8x16.eq(v128.and(v128.load(at), top), ten),
    i8x16.eq(v128.and(v128.load(at, 16), top), ten),
    i8x16.eq(v128.and(v128.load(at, 32), top), ten),
    i8x16.eq(v128.and(v128.load(at, 48), top), ten),
  );
}

// @ts-ignore: decorator
@inline
function atLeast(at: usize, x: v128): u64 {
  return gather(
    i8x16.ge_u(v128.load(at), x),
    i8x16.ge_u(v128.load(at, 16), x),
    i8x16.ge_u(v128.load(at, 32), x),
    i8x16.ge_u(v128.load(at, 48), x),
  );
}

// @ts-ignore: decorator
@inline
function prefixXor(mask: u64): u64 {
  let x = mask;
  x ^= x << 1;
  x ^= x << 2;
  x ^= x << 4;
  x ^= x << 8;
  x ^= x << 16;
  x ^= x << 32;
  return x;
}

// @ts-ignore: decorator
@inline
function validBits(left: usize): u64 {
  return left >= 64 ? ~(<u64>0) : ((<u64>1) << left) - 1;
}

// @ts-ignore: decorator
@inline
function below(bit: u64): u64 {
  return ((<u64>1) << bit) - 1;
}

// The lowest `count` set bits gone but the last of them: the position of the count-th set bit.
// @ts-ignore: decorator
@inline
function nthBit(mask: u64, count: u32): u64 {
  let m = mask;
  for (let i: u32 = 1; i < count; i++) m &= m - 1;
  return ctz(m);
}

/**
 * Certifies rows of CSV in [start, end): `start` is the start of a row, outside quotes. Stops behind the last whole row,
 * behind row number `maxRows`, or before the first row that breaks the quoting rules (BAD is then 1).
 */
export function scanCsv(start: usize, end: usize, maxRows: u32, delimiter: u8, quote: u8): void {
  const d = i8x16.splat(delimiter);
  const q = i8x16.splat(quote);
  const lf = i8x16.splat(10);
  const cr = i8x16.splat(13);
  let inside: u64 = 0; // all ones while a quoted field goes on from the block before
  let opens: u64 = 1; // bit 0: a quote may open at the first byte of the block
  let closed: u64 = 0; // bit 0: the byte before the block was a closing quote
  let closedCr: u64 = 0; // bit 0: the two bytes before were a closing quote and CR
  let lineEnd: u64 = 1; // bit 0: the byte before the block ended a line outside quotes
  let lineEndCr: u64 = 0; // bit 0: the two bytes before were such a line end and CR
  let rows: u32 = 0;
  let lines: u32 = 0;
  let endRows: u32 = 0;
  let endLines: u32 = 0;
  let endAt = start;
  let bad: u32 = 0;
  for (let at = start; at < end; at += 64) {
    const valid = validBits(end - at);
    const quotes = equal(at, q) & valid;
    const feeds = equal(at, lf) & valid;
    const returns = equal(at, cr) & valid;
    const within = prefixXor(quotes) ^ inside;
    let rowEnds = feeds & ~within;
    let violation: u64 = 0;
    if ((quotes | inside | closed | closedCr) != 0) {
      const delimiters = equal(at, d) & valid;
      const opening = quotes & within;
      const closing = quotes & ~within;
      const mayOpen = ((delimiters | feeds | quotes) << 1) | opens;
      const afterClosing = (closing << 1) | closed;
      const crAfterClosing = afterClosing & returns;
      const afterCr = (crAfterClosing << 1) | closedCr;
      violation =
        (opening & ~mayOpen) |
        (afterClosing & ~(delimiters | feeds | returns | quotes) & valid) |
        (afterCr & ~feeds & valid);
      closed = closing >> 63;
      closedCr = crAfterClosing >> 63;
      opens = (delimiters | feeds | quotes) >> 63;
    } else {
      opens = (feeds | (equal(at, d) & valid)) >> 63;
    }
    inside = <u64>((<i64>within) >> 63);
    if (violation != 0) rowEnds &= below(ctz(violation));
    const afterLine = (rowEnds << 1) | lineEnd;
    const crAfterLine = afterLine & returns;
    const blank = rowEnds & (afterLine | (crAfterLine << 1) | lineEndCr);
    lineEnd = rowEnds >> 63;
    lineEndCr = crAfterLine >> 63;
    const full = rowEnds & ~blank;
    const count = <u32>popcnt(full);
    if (rows + count >= maxRows && maxRows > rows) {
      const bit = nthBit(full, maxRows - rows);
      endAt = at + <usize>bit + 1;
      endRows = maxRows;
      endLines = lines + <u32>popcnt(feeds & (below(bit) | ((<u64>1) << bit)));
      break;
    }
    rows += count;
    if (rowEnds != 0) {
      const last: u64 = 63 - clz(rowEnds);
      endAt = at + <usize>last + 1;
      endRows = rows;
      endLines = lines + <u32>popcnt(feeds & (below(last) | ((<u64>1) << last)));
    }
    lines += <u32>popcnt(feeds);
    if (violation != 0) {
      bad = 1;
      break;
    }
  }
  store<u32>(END, <u32>endAt);
  store<u32>(ROWS, endRows);
  store<u32>(LINES, endLines);
  store<u32>(BAD, bad);
}

/** Counts delimiters (END), line feeds (ROWS), quotes (LINES) and carriage returns (BAD) in [start, end). */
export function countBytes(start: usize, end: usize, delimiter: u8): void {
  const d = i8x16.splat(delimiter);
  const q = i8x16.splat(34);
  const lf = i8x16.splat(10);
  const cr = i8x16.splat(13);
  let delimiters: u32 = 0;
  let feeds: u32 = 0;
  let quotes: u32 = 0;
  let returns: u32 = 0;
  for (let at = start; at < end; at += 64) {
    const valid = validBits(end - at);
    delimiters += <u32>popcnt(equal(at, d) & valid);
    feeds += <u32>popcnt(equal(at, lf) & valid);
    quotes += <u32>popcnt(equal(at, q) & valid);
    returns += <u32>popcnt(equal(at, cr) & valid);
  }
  store<u32>(END, delimiters);
  store<u32>(ROWS, feeds);
  store<u32>(LINES, quotes);
  store<u32>(BAD, returns);
}

/**
 * Counts lines in [start, end) that hold more than white space: the rows of JSONL. Stops behind the last line feed or
 * behind row number `maxRows`.
 */
export function scanLines(start: usize, end: usize, maxRows: u32): void {
  const lf = i8x16.splat(10);
  const printing = i8x16.splat(0x21);
  let ink: bool = false;
  let rows: u32 = 0;
  let lines: u32 = 0;
  let endAt = start;
  for (let at = start; at < end; at += 64) {
    const valid = validBits(end - at);
    let feeds = equal(at, lf) & valid;
    const dark = atLeast(at, printing) & valid;
    let from: u64 = 0; // first bit of the line under way
    while (feeds != 0) {
      const bit = ctz(feeds);
      if (ink || (dark & below(bit)) >> from != 0) rows++;
      ink = false;
      from = bit + 1;
      lines++;
      endAt = at + <usize>bit + 1;
      feeds &= feeds - 1;
      if (rows == maxRows) break;
    }
    if (rows == maxRows) break;
    if (from < 64 && dark >> from != 0) ink = true;
  }
  store<u32>(END, <u32>endAt);
  store<u32>(ROWS, rows);
  store<u32>(LINES, lines);
  store<u32>(BAD, 0);
}

/**
 * Index of certified CSV in [start, end): for every field an i32 at `out` with the position of the delimiter or line
 * feed behind it, counted from `start`, and flags. Positions are UTF-16 code units of the decoded text: the same as
 * bytes where all is ASCII. Ends with the last whole row. Returns the number of entries.
 */
export function indexCsv(start: usize, end: usize, out: usize, delimiter: u8, quote: u8): u32 {
  const d = i8x16.splat(delimiter);
  const q = i8x16.splat(quote);
  const lf = i8x16.splat(10);
  const cr = i8x16.splat(13);
  const four = i8x16.splat(<i8>0xf0);
  let inside: u64 = 0;
  let quote1: u64 = 0; // bit 0: the byte before the block is a quote
  let quote2: u64 = 0; // bits 0 and 1: the bytes two and one before
  let return1: u64 = 0;
  let lineEnd: u64 = 1;
  let lineEndCr: u64 = 0;
  let shift: i32 = 0; // UTF-16 units less bytes, up to this block
  let to = out;
  let rowEndTo = out;
  let endAt = start;
  let rows: u32 = 0;
  let high: u64 = 0;
  let highAtEnd: u64 = 0;
  let lines: u32 = 0;
  let endLines: u32 = 0;
  for (let at = start; at < end; at += 64) {
    const valid = validBits(end - at);
    const quotes = equal(at, q) & valid;
    const feeds = equal(at, lf) & valid;
    const returns = equal(at, cr) & valid;
    const bytesHigh = highBits(at) & valid;
    const within = prefixXor(quotes) ^ inside;
    inside = <u64>((<i64>within) >> 63);
    const rowEnds = feeds & ~within;
    let bits = rowEnds | (equal(at, d) & ~within & valid);
    const afterReturn = (returns << 1) | return1;
    const quoted = (quotes << 1) | quote1 | (((quotes << 2) | quote2) & afterReturn & feeds);
    const afterLine = (rowEnds << 1) | lineEnd;
    const crAfterLine = afterLine & returns;
    const blank = rowEnds & (afterLine | (crAfterLine << 1) | lineEndCr);
    quote1 = quotes >> 63;
    quote2 = quotes >> 62;
    return1 = returns >> 63;
    lineEnd = rowEnds >> 63;
    lineEndCr = crAfterLine >> 63;
    rows += <u32>popcnt(rowEnds & ~blank);
    if (rowEnds != 0) {
      const last: u64 = 63 - clz(rowEnds);
      endAt = at + <usize>last + 1;
      endLines = lines + <u32>popcnt(feeds & (below(last) | ((<u64>1) << last)));
      highAtEnd = high | (bytesHigh & below(last));
    }
    lines += <u32>popcnt(feeds);
    const base = <i32>(at - start) + shift;
    if (bytesHigh == 0) {
      while (bits != 0) {
        const bit = ctz(bits);
        let entry = (base + <i32>bit) | (<i32>((quoted >> bit) & 1) << 31);
        if ((rowEnds >> bit) & 1) {
          entry |=
            ROW_END | (<i32>((afterReturn >> bit) & 1) << 29) | (<i32>((blank >> bit) & 1) << 28);
          rowEndTo = to + 4;
        }
        store<i32>(to, entry);
        to += 4;
        bits &= bits - 1;
      }
    } else {
      const tails = continuation(at) & valid;
      const pairs = atLeast(at, four) & valid;
      while (bits != 0) {
        const bit = ctz(bits);
        const before = below(bit);
        const position = base + <i32>bit - <i32>popcnt(tails & before) + <i32>popcnt(pairs & before);
        let entry = position | (<i32>((quoted >> bit) & 1) << 31);
        if ((rowEnds >> bit) & 1) {
          entry |=
            ROW_END | (<i32>((afterReturn >> bit) & 1) << 29) | (<i32>((blank >> bit) & 1) << 28);
          rowEndTo = to + 4;
        }
        store<i32>(to, entry);
        to += 4;
        bits &= bits - 1;
      }
      shift += <i32>popcnt(pairs) - <i32>popcnt(tails);
      high |= bytesHigh;
    }
  }
  store<u32>(END, <u32>endAt);
  store<u32>(ROWS, rows);
  store<u32>(LINES, endLines);
  store<u32>(ASCII, highAtEnd == 0 ? 1 : 0);
  return <u32>((rowEndTo - out) >> 2);
}

/**
 * Finds the ends of the elements of a JSON array: `start` lies behind its opening bracket or behind the comma of the
 * element before. Stops behind the comma of the last whole element or of element number `maxRows`. BAD is 1 where an
 * element is empty (two commas), 2 where the closing bracket of the array was met (END is then behind it, and ROWS
 * counts the element before it).
 */
export function scanJson(start: usize, end: usize, maxRows: u32): void {
  let depth: i32 = 0;
  let inString = false;
  let escaped = false;
  let ink = false;
  let rows: u32 = 0;
  let lines: u32 = 0;
  let endLines: u32 = 0;
  let endAt = start;
  let bad: u32 = 0;
  for (let at = start; at < end; at++) {
    const byte = load<u8>(at);
    if (inString) {
      if (escaped) escaped = false;
      else if (byte == 0x5c) escaped = true;
      else if (byte == 0x22) inString = false;
      else if (byte == 10) lines++;
      continue;
    }
    if (byte <= 0x20) {
      if (byte == 10) lines++;
      continue;
    }
    if (byte == 0x22) {
      inString = true;
      ink = true;
    } else if (byte == 0x7b || byte == 0x5b) {
      depth++;
      ink = true;
    } else if (depth > 0) {
      if (byte == 0x7d || byte == 0x5d) depth--;
    } else if (byte == 0x2c) {
      if (!ink) {
        bad = 1;
        break;
      }
      ink = false;
      rows++;
      endAt = at + 1;
      endLines = lines;
      if (rows == maxRows) break;
    } else if (byte == 0x5d) {
      if (ink) rows++;
      endAt = at + 1;
      endLines = lines;
      bad = 2;
      break;
    } else {
      ink = true;
    }
  }
  store<u32>(END, <u32>endAt);
  store<u32>(ROWS, rows);
  store<u32>(LINES, endLines);
  store<u32>(BAD, bad);
  store<u32>(INK, ink ? 1 : 0);
}
