export default ({ n }, { line }) => {
  if (line >= 3 && process.env.FAILS === "1") throw new Error("not now");
  return { n, line };
};
