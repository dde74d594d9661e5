/** Numbers of shards as schedulers write them: `3,17,40-42`. */
import { UsageError } from "../errors.ts";

/** @param numbers In ascending order. */
export function numbersOf(numbers: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === number - 1) range[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}

/** @throws {UsageError} When it is no such list, or names a shard that is not there. */
export function readNumbers(text: string, count: number): number[] {
  const numbers = new Set<number>();
  for (const range of text.split(",")) {
    const [, first = "", last = first] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(range) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === "" || from > to)
      throw new UsageError(`${JSON.stringify(text)} names no shards`, "write numbers and ranges: 3,17,40-42");
    if (to >= count)
      throw new UsageError(
        `there is no shard ${to}: they are numbered from 0 to ${count - 1}`,
        "arrays that begin with 1 take --offset -1",
      );
    for (let number = from; number <= to; number++) numbers.add(number);
  }
  return [...numbers].toSorted((a, b) => a - b);
}
