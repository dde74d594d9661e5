let sum = 0;
export default ({ id, n }: any) => {
  sum = 0;
  for (let k = 1; k <= n; k++) sum += k;
  return { id, sum };
};
