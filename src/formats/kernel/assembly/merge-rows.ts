// Merges sorted runs of rows: a tree in which the row at which each run stands plays against those of the others.

import { copy } from "./csv-fields";

// What is known of a run, in words: the row at which it stands, how many there are, where their ends lie (the first is where
// the first row begins) and where the bytes that these count, and whether the run is used up. Behind that of each key where
// ranks, leads, ends of texts and texts lie.
const ROWS: usize = 4;
const ENDS: usize = 8;
const BYTES: usize = 12;
const IS_OVER: usize = 16;
const HEAD: usize = 32;
const KEY: usize = 16;

// What is known of a key, in a word: whether it goes downwards.
const DOWNWARDS: u32 = 1;

/** Stands for a run that has not played yet: it wins, so that the first round fills the tree. */
const NEVER: i32 = -1;

/** Has a run that has come to another row play against the others; returns the first of all. */
export function playRun(run: i32, runs: i32, table: usize, keys: u32, keyWords: usize, losers: usize): i32 {
  const stride = HEAD + <usize>keys * KEY;
  let winner = run;
  for (let place = (run + runs) >> 1; place > 0; place >>= 1) {
    const at = losers + (<usize>place << 2);
    const loser = load<i32>(at);
    if (isBefore(loser, winner, table, stride, keys, keyWords)) {
      store<i32>(at, winner);
      winner = loser;
    }
  }
  return winner;
}

/**
 * Copies rows in their order to `out`, from that of the run `first` on, until a run comes to the end of what there is of it,
 * there is no room left, or all are used up. At `told` it puts the run that is first then, how many rows were copied, their bytes,
 * and 1 where the run is one that needs rows. Where each ends is put at `outEnds`, and of which run it is at `outRuns`.
 */
export function mergeRows(
  first: i32, runs: i32, table: usize, keys: u32, keyWords: usize, losers: usize,
  out: usize, outBytes: u32, outEnds: usize, outRuns: usize, mostRows: u32, told: usize,
): void {
  const stride = HEAD + <usize>keys * KEY;
  let winner = first;
  let bytes: u32 = 0;
  let count: u32 = 0;
  let needs: u32 = 0;
  while (count < mostRows) {
    const run = table + <usize>winner * stride;
    if (load<u32>(run, IS_OVER) != 0) break;
    const row = load<u32>(run);
    const ends = load<u32>(run, ENDS) + (row << 2);
    const start = load<u32>(ends);
    const length = load<u32>(ends, 4) - start;
    if (bytes + length > outBytes) break;
    copy(out + <usize>bytes, <usize>(load<u32>(run, BYTES) + start), <usize>length);
    bytes += length;
    store<u32>(outEnds + (<usize>count << 2), bytes);
    store<u32>(outRuns + (<usize>count << 2), <u32>winner);
    count++;
    store<u32>(run, row + 1);
    if (row + 1 == load<u32>(run, ROWS)) {
      needs = 1;
      break;
    }
    winner = playRun(winner, runs, table, keys, keyWords, losers);
  }
  store<i32>(told, winner);
  store<u32>(told, count, 4);
  store<u32>(told, bytes, 8);
  store<u32>(told, needs, 12);
}

function isBefore(a: i32, b: i32, table: usize, stride: usize, keys: u32, keyWords: usize): bool {
  if (a == NEVER || b == NEVER) return a == NEVER;
  const one = table + <usize>a * stride;
  const other = table + <usize>b * stride;
  const isOver = load<u32>(one, IS_OVER);
  const isOtherOver = load<u32>(other, IS_OVER);
  if ((isOver | isOtherOver) != 0) return isOver == isOtherOver ? a < b : isOver == 0;
  const row = load<u32>(one);
  const otherRow = load<u32>(other);
  for (let key: u32 = 0; key < keys; key++) {
    const mine = one + HEAD + <usize>key * KEY;
    const theirs = other + HEAD + <usize>key * KEY;
    const rank = <u32>load<u8>(<usize>(load<u32>(mine) + row));
    const otherRank = <u32>load<u8>(<usize>(load<u32>(theirs) + otherRow));
    if (rank != otherRank) return rank < otherRank;
    const lead = load<f64>(<usize>(load<u32>(mine, 4) + (row << 3)));
    const otherLead = load<f64>(<usize>(load<u32>(theirs, 4) + (otherRow << 3)));
    if (lead != otherLead) return lead < otherLead;
    const compared = compareTexts(mine, row, theirs, otherRow);
    const how = load<u32>(keyWords + (<usize>key << 2));
    if (compared != 0) return (compared < 0) == ((how & DOWNWARDS) == 0);
  }
  return a < b;
}

/** Compares texts by their bytes: below 0 where the first stands before the other. */
function compareTexts(mine: usize, row: u32, theirs: usize, otherRow: u32): i32 {
  const ends = <usize>(load<u32>(mine, 8) + (row << 2));
  const otherEnds = <usize>(load<u32>(theirs, 8) + (otherRow << 2));
  const start = load<u32>(ends);
  const otherStart = load<u32>(otherEnds);
  const length = load<u32>(ends, 4) - start;
  const otherLength = load<u32>(otherEnds, 4) - otherStart;
  const from = <usize>(load<u32>(mine, 12) + start);
  const otherFrom = <usize>(load<u32>(theirs, 12) + otherStart);
  const shared = length < otherLength ? length : otherLength;
  for (let at: usize = 0; at < <usize>shared; at++) {
    const difference = <i32>load<u8>(from + at) - <i32>load<u8>(otherFrom + at);
    if (difference != 0) return difference;
  }
  return <i32>length - <i32>otherLength;
}
