export const columns = ["born", "none"];
export default (row) => row;
