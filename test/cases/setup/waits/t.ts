export const setup = () => new Promise(() => {});
export default (row) => row;
