let last: number | undefined;
export default ({ n }: any) => {
  const more = n - (last ?? n);
  last = n;
  return { n, more };
};
