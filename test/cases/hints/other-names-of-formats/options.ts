export const options = { to: "ndjson" };
export default (row) => row;
