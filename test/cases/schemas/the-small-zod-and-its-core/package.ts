import ms from "ms";
export default (row: { born: string }) => ({ ms: ms(row.born) });
