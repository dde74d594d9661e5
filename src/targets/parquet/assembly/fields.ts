// Fields in a table: the address of the first byte, and the length with the kind above it, in eight bytes.

/** Nothing. */
export const NULL: u32 = 0;
/** Without quotes. */
export const BARE: u32 = 1;
/** Between quotes, of which none is doubled any more. */
export const QUOTED: u32 = 2;
/** The same, with the first bracket of JSON before the quotes, which is part of it. */
export const JSON: u32 = 3;

/** No field is longer. */
export const LENGTH_BITS: u32 = 28;
export const MOST_BYTES: usize = (1 << LENGTH_BITS) - 1;

@inline
export function startOf(field: usize): usize {
  return <usize>load<u32>(field);
}

@inline
export function lengthOf(field: usize): usize {
  return <usize>(load<u32>(field, 4) & <u32>MOST_BYTES);
}

@inline
export function kindOf(field: usize): u32 {
  return load<u32>(field, 4) >> LENGTH_BITS;
}

/** Whether a field is null. An empty text is one of a column of texts, and nothing in any other. */
@inline
export function isNull(field: usize, asText: bool): bool {
  return asText ? kindOf(field) == NULL : lengthOf(field) == 0;
}
