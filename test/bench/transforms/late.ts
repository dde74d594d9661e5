// Passes a row on as it is, or drops it.
export default (r: { born: number }): object | null => (r.born >= 1980 ? r : null);
