/** What has to be kept in memory until the end, and would be of no use in a file: how much that may be. */
import { RowmillError } from "../errors.ts";

const MEGABYTE = 1024 * 1024;

/** About so many bytes are taken by a text, a value, an entry of a map, with what is not collected yet. */
export const TEXT_BYTES = 48;
export const VALUE_BYTES = 16;
export const ENTRY_BYTES = 96;

/** The bytes of a value that is kept, about. */
export function valueBytes(value: unknown): number {
  return typeof value === "string" ? TEXT_BYTES + value.length : VALUE_BYTES;
}

/** `1,234,567`. */
export function shownCount(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/**
 * The error of a step for which there is no more room.
 *
 * @param what The step, and what it has: `--pivot has 3,204,112 cells`.
 */
export function noRoom(what: string, { most, hint }: { most: number; hint: string }): RowmillError {
  const room = `${shownCount(Math.floor(most / MEGABYTE))} MB`;
  return new RowmillError(
    "memory",
    `${what}, and there is no room for more: they take all of the ${room} that there are`,
    {
      hint: `--memory 8G gives more (without it, half of the machine's memory may be taken); ${hint}`,
    },
  );
}
