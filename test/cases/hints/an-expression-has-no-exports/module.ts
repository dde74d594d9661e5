export default (row) => row;
